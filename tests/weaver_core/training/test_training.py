"""Training on a tiny encoder: it learns, it repeats itself, and it goes on where it was killed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests import tiny_encoder
from tests.readings import one_view, unit
from tests.weaver_core.test_leave_one_out import clustered
from tests.weaver_core.training import tiny_task
from weaver_core import adapter, checkpoint
from weaver_core.checkpoint import ADAPTER, LORA, Checkpoint
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.errors import (
    CheckpointOfAnotherEncoderError,
    CheckpointShapeError,
    EvidenceError,
    TrainingFailedError,
)
from weaver_core.memory import Memories
from weaver_core.training import adapter_training, evidence, job, lora, process
from weaver_core.training.encoder_training import EncoderTraining
from weaver_core.training.evidence import Passage
from weaver_core.training.progress import Progress
from weaver_core.training.settings import ATTENTION, CONTRASTIVE, AdapterSettings, EncoderSettings, to_json
from weaver_core.training.text_encoder import TextEncoder

pytestmark = pytest.mark.slow

SETTINGS = tiny_task.SETTINGS
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny encoder."""
    return tiny_task.encoder(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def opened(folder: Path) -> TextEncoder:
    return TextEncoder(folder, "", SETTINGS.most_tokens, half=False)


def trained(folder: Path, settings: EncoderSettings = SETTINGS) -> tuple[Checkpoint, TextEncoder, list[Progress]]:
    """A whole run in this process: the checkpoint, the encoder as it was trained, what was reported."""
    encoder, reports = opened(folder), list[Progress]()
    learnt_from = evidence.gathered(tiny_task.passages())
    delta = EncoderTraining(encoder, learnt_from, settings, centred=False).run(reports.append)
    source = sources.find(str(folder))
    version, sha256 = export.version_of(source), sources.sha256_of(source.weights)
    return Checkpoint(LORA, version, sha256, to_json(settings), delta), encoder, reports


def accuracy(encoder: TextEncoder) -> float:
    """Accuracy@1 of the read on questions that training did not see."""
    memory, asked = tiny_task.passages(), tiny_task.passages(seed=1)
    vectors = encoder.frozen_vectors(encoder.tokens([passage.text for passage in memory])).numpy()
    offsets = np.arange(0, len(vectors) + 1, tiny_task.EACH)
    memories = Memories(vectors, offsets, np.zeros(len(vectors), np.float32))
    queries = encoder.frozen_vectors(encoder.tokens([passage.text for passage in asked])).numpy()
    found = [int(one_view(query, memories, SETTINGS.scale).scores.argmax()) for query in queries]
    return float(np.mean([f"answer-{answer}" == passage.answer for answer, passage in zip(found, asked, strict=True)]))


def a_job(folder: Path, encoder: Path, settings: EncoderSettings = SETTINGS) -> Path:
    """A folder with a job for the tiny encoder."""
    folder.mkdir()
    evidence.write(folder / job.EVIDENCE, tiny_task.passages())
    job.write(folder, job.Job(LORA, str(encoder), to_json(settings)))
    return folder


def test_a_delta_before_training_changes_nothing(folder: Path) -> None:
    encoder = opened(folder)
    tokens = encoder.tokens([passage.text for passage in tiny_task.passages()])
    before = encoder.frozen_vectors(tokens)
    wrapped = lora.attach(encoder.module.transformer, SETTINGS)
    assert len(wrapped) == 12
    torch.testing.assert_close(encoder.frozen_vectors(tokens), before, rtol=0, atol=0)


def test_only_the_layers_that_are_named_are_trained(folder: Path) -> None:
    settings = replace(SETTINGS, layers=ATTENTION, first_layer=1)
    encoder = opened(folder)
    wrapped = lora.attach(encoder.module.transformer, settings)
    assert sorted(wrapped) == [
        f"encoder.layer.1.attention.{name}" for name in ("output.dense", "self.key", "self.query", "self.value")
    ]
    with pytest.raises(TrainingFailedError, match="no layers named"):
        lora.attach(opened(folder).module.transformer, replace(settings, first_layer=7))


@pytest.mark.parametrize("loss", ["read", CONTRASTIVE])
def test_a_short_training_finds_more_of_the_answers(folder: Path, loss: str) -> None:
    _, encoder, reports = trained(folder, replace(SETTINGS, loss=loss))
    steps = len(reports)
    assert [report.step for report in reports] == list(range(1, steps + 1))
    assert {report.total for report in reports} == {steps}
    losses = [report.loss for report in reports]
    assert np.mean(losses[-3:]) < np.mean(losses[:3]) - 0.3
    assert accuracy(encoder) >= accuracy(opened(folder)) + 0.15


def test_the_exported_encoder_with_a_delta_is_the_torch_module_that_was_trained(folder: Path, tmp_path: Path) -> None:
    delta, encoder, _ = trained(folder)
    source = sources.find(str(folder))
    plain = OnnxEncoder(export.exported(source, tmp_path))
    exported = export.exported_with(source, delta, tmp_path)
    assert export.exported_with(source, delta, tmp_path) == exported
    changed = OnnxEncoder(exported)
    assert changed.version == f"{plain.version}+{delta.sha256[:12]}"
    texts = [passage.text for passage in tiny_task.passages(seed=2)]
    expected = encoder.frozen_vectors(encoder.tokens(texts)).numpy()
    # The delta is kept in half precision.
    np.testing.assert_allclose(changed.encode(texts), expected, atol=2e-3)
    assert np.abs(plain.encode(texts) - expected).max() > 0.05
    loaded = opened(folder)
    lora.load(lora.attach(loaded.module.transformer, SETTINGS), delta.tensors)
    exact = loaded.frozen_vectors(loaded.tokens(texts)).numpy()
    np.testing.assert_allclose(changed.encode(texts), exact, atol=1e-5)


def test_the_same_seed_gives_the_same_delta_and_another_seed_another(folder: Path) -> None:
    settings = replace(SETTINGS, epochs=1, dropout=True)
    first, second, other = (trained(folder, replace(settings, seed=seed))[0] for seed in (0, 0, 1))
    assert first.sha256 == second.sha256 != other.sha256


def test_a_delta_is_refused_by_an_encoder_that_it_does_not_fit(folder: Path, tmp_path: Path) -> None:
    delta, _, _ = trained(folder, replace(SETTINGS, epochs=1))
    other = sources.find(str(tiny_encoder.write(tmp_path / "other", ["other words"], seed=8)))
    with pytest.raises(CheckpointOfAnotherEncoderError, match="checksum"):
        export.exported_with(other, delta, tmp_path / "cache")
    source = sources.find(str(folder))
    name = "encoder.layer.0.output.dense"
    cut = dict(delta.tensors) | {f"{name}.up": delta.tensors[f"{name}.up"][:, :2]}
    with pytest.raises(CheckpointShapeError, match=r"layer\.0\.output\.dense\.up"):
        export.exported_with(source, replace(delta, tensors=cut), tmp_path / "cache")
    with pytest.raises(CheckpointShapeError, match="no layer nowhere"):
        export.exported_with(source, replace(delta, tensors={"nowhere.up": np.zeros((2, 2), np.float16)}), tmp_path)
    with pytest.raises(CheckpointShapeError, match="no delta"):
        export.exported_with(source, replace(delta, kind=ADAPTER), tmp_path / "cache")


def test_a_run_that_was_killed_goes_on_to_the_same_delta(folder: Path, tmp_path: Path) -> None:
    settings = replace(SETTINGS, epochs=8, dropout=True)
    whole = process.start(a_job(tmp_path / "whole", folder, settings))
    expected = checkpoint.read(whole.result())

    killed = a_job(tmp_path / "killed", folder, settings)
    command = [sys.executable, "-m", "tests.weaver_core.training.killed_process", str(killed)]
    with pytest.raises(TrainingFailedError, match="-9"):
        process.TrainingProcess(killed, subprocess.Popen(command, cwd=ROOT)).result()
    saved = torch.load(killed / job.STATE, weights_only=True)["step"]

    again = process.start(killed)
    steps = [report.step for report in again.progress()]
    assert checkpoint.read(again.result()).sha256 == expected.sha256
    assert steps[-1] == 32
    assert 0 < saved < 32
    assert min(steps) > saved
    assert not (killed / job.STATE).exists()


def test_a_state_of_other_settings_is_not_gone_on_with(folder: Path, tmp_path: Path) -> None:
    learnt_from = evidence.gathered(tiny_task.passages())
    saved = tmp_path / job.STATE
    EncoderTraining(opened(folder), learnt_from, SETTINGS, centred=False).run(lambda _: None, saved)
    assert saved.exists()
    other, reports = replace(SETTINGS, seed=5), list[Progress]()
    delta = EncoderTraining(opened(folder), learnt_from, other, centred=False).run(reports.append, saved)
    assert reports[0].step == 1
    assert delta.keys() == trained(folder, other)[0].tensors.keys()


def test_a_run_that_is_cancelled_ends_and_keeps_what_it_saved(folder: Path, tmp_path: Path) -> None:
    endless = a_job(tmp_path / "job", folder, replace(SETTINGS, epochs=100_000))
    running = process.start(endless)
    for report in running.progress():
        if report.step >= SETTINGS.save_every:
            running.cancel()
    with pytest.raises(TrainingFailedError, match="-15"):
        running.result()
    assert (endless / job.STATE).exists()
    assert not (endless / job.CHECKPOINT).exists()


def test_a_job_that_cannot_be_done_says_why(folder: Path, tmp_path: Path) -> None:
    broken = a_job(tmp_path / "broken", folder)
    (broken / job.EVIDENCE).write_text('{"text": "a"}\n')
    with pytest.raises(TrainingFailedError, match="Line 1 of the evidence"):
        process.start(broken).result()
    assert process.progress_of(broken) is None


def test_an_adapter_is_trained_by_a_process_of_its_own(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    memories, turns = _turned_turns(random)
    arrays = {name: getattr(turns, name) for name in adapter_training.JudgedTurns.__slots__}
    arrays |= {name: getattr(memories, name) for name in Memories.__slots__}
    job.write_vectors(tmp_path, arrays | {"asks": np.ones(len(memories.vectors), np.bool_)})
    job.write(
        tmp_path, job.Job(ADAPTER, "tiny", {"epochs": 40, "learning_rate": 0.02}, version="tiny@1", weights_sha256="ab")
    )
    found = checkpoint.read(process.start(tmp_path).result())
    adapted = adapter.from_checkpoint(found, "tiny@1", memories.vectors.shape[1]).adapt(turns.queries)
    assert _share_right(adapted, turns, memories) > _share_right(turns.queries, turns, memories) + 0.2
    assert found.settings["epochs"] == 40


def test_the_memorys_own_questions_hold_an_adapter_back() -> None:
    memories, turns = _turned_turns(np.random.default_rng(0))
    asks = np.ones(len(memories.vectors), np.bool_)
    own = adapter_training.of_memory(memories, asks)
    assert (own.own == np.arange(len(asks))).all()
    moved = []
    for replay in (0.0, 4.0):
        settings = AdapterSettings(epochs=40, learning_rate=0.02, replay=replay)
        residual = adapter_training.train(turns, memories, asks, settings, lambda _: None).astype(np.float32)
        moved.append(_share_right(adapter.Adapter(residual).adapt(own.queries), own, memories))
    assert moved[1] > moved[0]


def _turned_turns(random: np.random.Generator) -> tuple[Memories, adapter_training.JudgedTurns]:
    """A memory, and judged turns that all lie in a direction away from it which a linear map can take back."""
    memories = clustered(spread=0.6)
    dimension = memories.vectors.shape[1]
    turn = np.eye(dimension) + 0.5 * random.normal(size=(dimension, dimension))
    queries = unit(memories.vectors @ turn.T)
    count = len(queries)
    zeros = np.zeros(count, np.float32)
    rows = np.full(count, -1, np.int64)
    turns = adapter_training.JudgedTurns(queries, memories.owners, np.ones(count, np.bool_), zeros + 1, zeros, rows)
    return memories, turns


def _share_right(queries: NDArray[np.float32], turns: adapter_training.JudgedTurns, memories: Memories) -> float:
    found = [one_view(query, memories, scale=7.0).scores.argmax() for query in queries]
    return float(np.mean(found == turns.answers))


def test_starting_a_training_process_needs_no_torch_itself() -> None:
    program = "import sys, weaver_core.training.process, weaver_core.adapter; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_evidence_is_stored_and_gathered(tmp_path: Path) -> None:
    passages = [
        Passage("where is it", "b", weight=2.0),
        Passage("your parcel is on its way", "b", asks=False, trust=-1.0),
        Passage("我的退款", "a"),
        Passage("never mind", None, noise=0.1, wrong=("a", "b")),
    ]
    evidence.write(tmp_path / "evidence.jsonl", passages)
    assert evidence.read(tmp_path / "evidence.jsonl") == passages
    found = evidence.gathered(passages)
    assert found.texts == ("where is it", "your parcel is on its way", "我的退款", "never mind")
    # The only position of an answer cannot find it without itself, and nobody asks in an answer's own words.
    assert found.asks.tolist() == [True, False, False]
    assert found.owners.tolist() == [1, 1, 0]
    assert found.wrong.tolist() == [[3, 0], [3, 1]]
    assert found.asking.tolist() == [0, 3]


def test_evidence_that_teaches_nothing_is_refused() -> None:
    with pytest.raises(EvidenceError, match="nothing to learn"):
        evidence.gathered([])
    with pytest.raises(EvidenceError, match="nothing to learn"):
        evidence.gathered([Passage("a", "a"), Passage("b", "b")])
    with pytest.raises(EvidenceError, match="no position"):
        evidence.gathered([Passage("a", "a"), Passage("b", "a", wrong=("c",))])


def test_a_wrong_answer_loses_its_share_of_such_turns(folder: Path) -> None:
    turn = "please help me with the parcel and the refund"
    learnt_from = evidence.gathered([*tiny_task.passages(), Passage(turn, None, weight=20.0, wrong=("answer-0",))])
    similar: list[float] = []
    for epochs in (0, 4):
        encoder = opened(folder)
        settings = replace(SETTINGS, epochs=epochs, batch=97)
        EncoderTraining(encoder, learnt_from, settings, centred=True).run(lambda _: None)
        texts = [turn, *(passage.text for passage in tiny_task.passages())]
        vectors = encoder.frozen_vectors(encoder.tokens(texts)).numpy()
        vectors -= vectors[1:].mean(axis=0)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        similar.append(float((vectors[1 : 1 + tiny_task.EACH] @ vectors[0]).mean()))
    assert similar[1] < similar[0] - 0.1


def test_settings_that_do_not_exist_are_refused(folder: Path, tmp_path: Path) -> None:
    asked = a_job(tmp_path / "job", folder)
    stored = json.loads((asked / job.JOB).read_text())
    (asked / job.JOB).write_text(json.dumps(stored | {"settings": {"colour": 3}}))
    with pytest.raises(TrainingFailedError, match="colour"):
        process.start(asked).result()
