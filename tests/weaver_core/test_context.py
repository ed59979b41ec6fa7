"""The decoder: untrained it changes nothing, in NumPy it is what torch trained, and context comes in by attention."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from tests import tiny_encoder
from weaver_core.context import checkpoint, fitting
from weaver_core.context.anaphora import leans_on_context
from weaver_core.context.checkpoint import CONFIG, WEIGHTS, DecoderConfig
from weaver_core.context.decoder import TransformerDecoder, batched, opened
from weaver_core.context.earlier import EarlierTurn, in_one_row
from weaver_core.context.fitting import Answers, Example, Schedule
from weaver_core.context.reading import ContextDecoder
from weaver_core.context.weighting import ContextWeights, EarlierVector, contextual
from weaver_core.dialogue import Role
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.errors import DecoderDamagedError, DecoderMismatchError

TOPICS = ["parcel", "refund", "invoice", "password", "warranty", "voucher", "battery", "address"]
FOLLOW_UPS = ["how long does that take?", "and who pays for it?", "where do I see this?"]
TURNS = [
    *(f"a question about my {topic}" for topic in TOPICS),
    *FOLLOW_UPS,
    *(f"the {topic} answer to {follow_up}" for topic in TOPICS for follow_up in FOLLOW_UPS),
]

Rows = NDArray[np.float32]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    """A real two-layer encoder."""
    folder = tiny_encoder.write(tmp_path_factory.mktemp("source") / "tiny", TURNS)
    return OnnxEncoder(export.exported(sources.find(str(folder)), tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def config(encoder: OnnxEncoder) -> DecoderConfig:
    """A small decoder's sizes."""
    return DecoderConfig(encoder.version, encoder.dimension, heads=4, hidden=96, turns=3, tokens=20)


@pytest.fixture(scope="module")
def shaken(config: DecoderConfig) -> TransformerDecoder:
    """A decoder none of whose weights is zero, as after training."""
    torch.manual_seed(3)
    decoder = TransformerDecoder(config)
    for parameter in decoder.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return decoder.eval()


def states(encoder: OnnxEncoder, text: str) -> Rows:
    """A text's pooled token states."""
    return encoder.states([text])[0].pooled


def said(encoder: OnnxEncoder, *texts: str) -> tuple[EarlierTurn, ...]:
    """Turns of a dialogue, the customer's and the agent's in turns."""
    roles = (Role.CUSTOMER, Role.AGENT)
    return tuple(EarlierTurn(roles[place % 2], states(encoder, text)) for place, text in enumerate(texts))


def saved(decoder: TransformerDecoder, folder: Path) -> ContextDecoder:
    """The decoder as serving opens it."""
    decoder.save(folder)
    return ContextDecoder(folder, decoder.config.encoder_version)


def torch_vectors(decoder: TransformerDecoder, turns: list[Rows], earlier: list[tuple[EarlierTurn, ...]]) -> Rows:
    """The torch module's vectors of one batch."""
    with torch.inference_mode():
        found: Rows = decoder(batched(turns, earlier, decoder.config)).numpy()
    return found


def test_an_untrained_decoder_returns_the_encoders_vector(
    encoder: OnnxEncoder, config: DecoderConfig, tmp_path: Path
) -> None:
    decoder = TransformerDecoder(config).eval()
    serving = saved(decoder, tmp_path)
    texts = ["how long does that take?", "invoice"]
    before = said(encoder, "a question about my parcel", "the parcel answer")
    expected = encoder.encode(texts)
    turns = [states(encoder, text) for text in texts]
    np.testing.assert_allclose(torch_vectors(decoder, turns, [before, ()]), expected, atol=1e-6)
    np.testing.assert_allclose([serving.vector(turn, before) for turn in turns], expected, atol=1e-6)


@pytest.mark.parametrize("earlier", [(), ("voucher",), ("a question about my parcel", "the parcel answer") * 4])
def test_numpy_computes_what_torch_does(
    encoder: OnnxEncoder, shaken: TransformerDecoder, tmp_path: Path, earlier: tuple[str, ...]
) -> None:
    turn, before = states(encoder, "and who pays for it?"), said(encoder, *earlier)
    expected = torch_vectors(shaken, [turn], [before])[0]
    found = saved(shaken, tmp_path).vector(turn, before)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found), 1.0, atol=1e-6)
    assert found @ encoder.encode(["and who pays for it?"])[0] < 0.99


def test_a_turns_vector_does_not_depend_on_the_batch_it_is_in(encoder: OnnxEncoder, shaken: TransformerDecoder) -> None:
    texts = ["refund", "how long does that take?", "a question about my warranty and my battery"]
    turns = [states(encoder, text) for text in texts]
    earlier = [(), said(encoder, "parcel"), said(encoder, "a question about my address", "the address answer")]
    alone = [torch_vectors(shaken, [turn], [before])[0] for turn, before in zip(turns, earlier, strict=True)]
    np.testing.assert_allclose(torch_vectors(shaken, turns, earlier), alone, atol=1e-5)


def test_padding_is_never_attended_to_though_every_real_similarity_is_negative(
    config: DecoderConfig,
) -> None:
    decoder = TransformerDecoder(config).eval()
    identity = torch.eye(config.dimension)
    with torch.no_grad():
        for attention in (decoder.self_attention, decoder.cross_attention):
            attention.query.weight.copy_(20 * identity)
            attention.key.weight.copy_(-20 * identity)
            attention.value.weight.copy_(identity)
            # What is read turns the vector, so that reading nothing (padding's zeros) would show.
            attention.output.weight.copy_(torch.roll(identity, 5, dims=0))
            for part in (attention.query, attention.key, attention.value):
                part.bias.zero_()
    # Every key is the opposite of the query, so that padding's similarity of 0 would win by far.
    turn = np.tile(np.linspace(-1, 1, config.dimension, dtype=np.float32), (2, 1))
    before = (EarlierTurn(Role.AGENT, turn),)
    longer = np.random.default_rng(0).normal(size=(9, config.dimension)).astype(np.float32)
    company = (EarlierTurn(Role.CUSTOMER, longer),)
    padded = torch_vectors(decoder, [turn, longer], [before, company])[0]
    np.testing.assert_allclose(padded, torch_vectors(decoder, [turn], [before])[0], atol=1e-6)


def test_an_empty_history_gives_what_the_decoder_gives_without_one(
    encoder: OnnxEncoder, shaken: TransformerDecoder
) -> None:
    turn = states(encoder, "where do I see this?")
    alone = torch_vectors(shaken, [turn], [()])[0]
    beside = torch_vectors(shaken, [turn, turn], [(), said(encoder, "a question about my parcel")])
    assert np.isfinite(beside).all()
    np.testing.assert_allclose(beside[0], alone, atol=1e-6)
    assert beside[1] @ alone < 0.999


def test_gradients_of_an_empty_history_are_finite(encoder: OnnxEncoder, shaken: TransformerDecoder) -> None:
    turn = states(encoder, "where do I see this?")
    batch = batched([turn, turn], [(), said(encoder, "parcel")], shaken.config)
    shaken.zero_grad()
    shaken(batch).sum().backward()
    assert all(weight.grad is None or bool(torch.isfinite(weight.grad).all()) for weight in shaken.parameters())
    shaken.zero_grad(set_to_none=True)


def test_a_long_history_keeps_its_newest_tokens(encoder: OnnxEncoder) -> None:
    turns = said(encoder, *(f"a question about my {topic}" for topic in TOPICS))
    row = in_one_row(turns, encoder.dimension, most_turns=3, most_tokens=17)
    lengths = [len(turn.states) for turn in turns]
    assert len(row.states) == 17
    assert row.recency.tolist() == sorted(row.recency.tolist(), reverse=True)
    np.testing.assert_array_equal(row.states[-lengths[-1] :], turns[-1].states)
    assert set(row.recency[-lengths[-1] :]) == {0}
    oldest = 17 - lengths[-1] - lengths[-2]
    np.testing.assert_array_equal(row.states[:oldest], turns[-3].states[:oldest])
    assert row.speakers[-1] == 1
    assert row.speakers[0] == 1
    assert row.speakers[oldest] == 0


def test_what_the_system_wrote_is_no_turn(encoder: OnnxEncoder) -> None:
    turn = said(encoder, "parcel")
    joined = (*turn, EarlierTurn(Role.SYSTEM, states(encoder, "voucher")))
    row = in_one_row(joined, encoder.dimension, most_turns=1, most_tokens=20)
    np.testing.assert_array_equal(row.states, turn[0].states)


def test_who_spoke_and_how_long_ago_tell_turns_apart(
    encoder: OnnxEncoder, shaken: TransformerDecoder, tmp_path: Path
) -> None:
    serving, turn = saved(shaken, tmp_path), states(encoder, "and who pays for it?")
    parcel, refund = states(encoder, "parcel"), states(encoder, "refund")
    asked = (EarlierTurn(Role.CUSTOMER, parcel), EarlierTurn(Role.CUSTOMER, refund))
    answered = (asked[0], EarlierTurn(Role.BOT, refund))
    assert not np.allclose(serving.vector(turn, asked), serving.vector(turn, answered), atol=1e-4)
    assert not np.allclose(serving.vector(turn, asked), serving.vector(turn, asked[::-1]), atol=1e-4)


def write_config(folder: Path, **changes: object) -> None:
    """Change fields of a checkpoint's configuration."""
    stored = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps({**stored, **changes}))


def rewrite(folder: Path, weights: dict[str, Rows]) -> None:
    """Write other weights, with their right checksum."""
    save_file(weights, folder / WEIGHTS)
    write_config(folder, weights_sha256=sources.sha256_of(folder / WEIGHTS))


def test_another_encoders_decoder_is_refused(shaken: TransformerDecoder, tmp_path: Path) -> None:
    shaken.save(tmp_path)
    with pytest.raises(DecoderMismatchError, match="not for another@1"):
        ContextDecoder(tmp_path, "another@1")


def test_weights_that_are_not_numbers_are_refused(shaken: TransformerDecoder, tmp_path: Path) -> None:
    shaken.save(tmp_path)
    weights = load_file(tmp_path / WEIGHTS)
    weights["narrow.bias"][1] = np.nan
    rewrite(tmp_path, weights)
    with pytest.raises(DecoderDamagedError, match="finite"):
        ContextDecoder(tmp_path, shaken.config.encoder_version)


def test_weights_of_another_shape_are_refused(shaken: TransformerDecoder, tmp_path: Path) -> None:
    shaken.save(tmp_path)
    rewrite(tmp_path, {**load_file(tmp_path / WEIGHTS), "widen.weight": np.zeros((3, 5), np.float32)})
    with pytest.raises(DecoderDamagedError, match=r"widen\.weight .*\(3, 5\)"):
        ContextDecoder(tmp_path, shaken.config.encoder_version)


def test_weights_under_another_name_are_refused(shaken: TransformerDecoder, tmp_path: Path) -> None:
    shaken.save(tmp_path)
    weights = load_file(tmp_path / WEIGHTS)
    del weights["recency.weight"]
    rewrite(tmp_path, weights)
    with pytest.raises(DecoderDamagedError, match=r"recency\.weight"):
        ContextDecoder(tmp_path, shaken.config.encoder_version)


def test_weights_with_another_checksum_are_refused(shaken: TransformerDecoder, tmp_path: Path) -> None:
    shaken.save(tmp_path)
    save_file({**load_file(tmp_path / WEIGHTS), "narrow.bias": np.ones(64, np.float32)}, tmp_path / WEIGHTS)
    with pytest.raises(DecoderDamagedError, match="checksum"):
        ContextDecoder(tmp_path, shaken.config.encoder_version)


def test_weights_that_were_cut_short_are_refused(shaken: TransformerDecoder, tmp_path: Path) -> None:
    shaken.save(tmp_path)
    (tmp_path / WEIGHTS).write_bytes((tmp_path / WEIGHTS).read_bytes()[:500])
    with pytest.raises(DecoderDamagedError, match="cut short"):
        ContextDecoder(tmp_path, shaken.config.encoder_version)


@pytest.mark.parametrize("change", [{"heads": 0}, {"heads": 5}, {"hidden": "wide"}, {"turns": None}])
def test_a_configuration_that_cannot_be_is_refused(
    shaken: TransformerDecoder, tmp_path: Path, change: dict[str, object]
) -> None:
    shaken.save(tmp_path)
    write_config(tmp_path, **change)
    with pytest.raises(DecoderDamagedError, match=CONFIG):
        ContextDecoder(tmp_path, shaken.config.encoder_version)


def test_a_folder_without_a_decoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DecoderDamagedError, match=CONFIG):
        checkpoint.read(tmp_path / "nowhere", "tiny@1")


def test_a_saved_decoder_opens_as_it_was(encoder: OnnxEncoder, shaken: TransformerDecoder, tmp_path: Path) -> None:
    shaken.save(tmp_path)
    again = opened(tmp_path, shaken.config.encoder_version)
    turn, before = states(encoder, "voucher"), said(encoder, "the voucher answer")
    np.testing.assert_array_equal(torch_vectors(again, [turn], [before]), torch_vectors(shaken, [turn], [before]))


def dialogues(encoder: OnnxEncoder, roles: slice) -> tuple[list[Example], Answers]:
    """Follow-ups that only the question before them tells apart, of some topics."""
    follow_ups = [states(encoder, text) for text in FOLLOW_UPS]
    texts = [f"the {topic} answer to {follow_up}" for topic in TOPICS for follow_up in FOLLOW_UPS]
    examples = [
        Example(turn, said(encoder, f"a question about my {topic}"), number * len(FOLLOW_UPS) + place)
        for number, topic in list(enumerate(TOPICS))[roles]
        for place, turn in enumerate(follow_ups)
    ]
    return examples, Answers(encoder.encode(texts), np.zeros(encoder.dimension, np.float32))


def hits(decoder: TransformerDecoder, examples: list[Example], answers: Answers) -> float:
    """The share of examples whose answer is the nearest."""
    vectors = torch_vectors(decoder, [example.turn for example in examples], [example.earlier for example in examples])
    nearest = (vectors @ answers.vectors.T).argmax(axis=1)
    return float(np.mean(nearest == [example.answer for example in examples]))


@pytest.mark.slow
def test_training_learns_to_look_back(encoder: OnnxEncoder, config: DecoderConfig) -> None:
    examples, answers = dialogues(encoder, slice(None))
    schedule = Schedule(epochs=60, batch=8, hard=16, rate=4e-3, decay=0.0, dropout=0.0, empty=0.0, foreign=0.0)
    decoder, scores = fitting.fit(examples, answers, config, schedule, lambda net: hits(net, examples, answers))
    assert scores[0] < 0.2
    assert hits(decoder, examples, answers) > 0.8
    assert hits(decoder, [replace(example, earlier=()) for example in examples], answers) < 0.3


def test_training_the_cross_attention_alone_leaves_first_turns_as_they_are(
    encoder: OnnxEncoder, config: DecoderConfig
) -> None:
    examples, answers = dialogues(encoder, slice(None))
    schedule = Schedule(epochs=10, batch=8, rate=4e-3, parts=fitting.ACROSS_ALONE)
    decoder, _ = fitting.fit(examples, answers, config, schedule, lambda net: hits(net, examples, answers))
    assert hits(decoder, examples, answers) > hits(TransformerDecoder(config).eval(), examples, answers)
    alone = torch_vectors(decoder, [states(encoder, "voucher")], [()])
    np.testing.assert_allclose(alone, encoder.encode(["voucher"]), atol=1e-6)


def test_training_is_the_same_in_every_run(encoder: OnnxEncoder, config: DecoderConfig) -> None:
    examples, answers = dialogues(encoder, slice(3))
    runs = [fitting.fit(examples, answers, config, Schedule(epochs=2), lambda _: 0.0) for _ in range(2)]
    first, second = (run[0].state_dict() for run in runs)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_training_that_only_harms_is_dropped(encoder: OnnxEncoder, config: DecoderConfig, tmp_path: Path) -> None:
    examples, answers = dialogues(encoder, slice(3))
    worse = iter([0.5, 0.4, 0.3])
    decoder, scores = fitting.fit(examples, answers, config, Schedule(epochs=2), lambda _: next(worse))
    assert scores == [0.5, 0.4, 0.3]
    found = saved(decoder, tmp_path).vector(states(encoder, "voucher"))
    np.testing.assert_allclose(found, encoder.encode(["voucher"])[0], atol=1e-6)


def test_earlier_turns_are_weighted_by_speaker_and_age() -> None:
    turn, *before = np.eye(5, dtype=np.float32)
    roles = (Role.CUSTOMER, Role.CUSTOMER, Role.BOT, Role.SYSTEM)
    earlier = [EarlierVector(role, vector) for role, vector in zip(roles, before, strict=True)]
    found = contextual(turn, earlier, ContextWeights(customer=0.4, company=0.2, decay=0.5))
    expected = np.array([1, 0.2, 0.4, 0.2, 0], np.float32)
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-6)
    newest = contextual(turn, earlier, ContextWeights(customer=0.4, company=0.0, decay=0.5, turns=1))
    assert newest[1] == 0
    np.testing.assert_allclose(contextual(turn, [], ContextWeights(0.4, 0.2, 0.5)), turn)


@pytest.mark.parametrize(
    "text", ["How long does that take?", "and in Spain?", "多久能到？", "这个要等多久才可以送到家里呢"]
)
def test_a_short_turn_or_one_that_points_back_leans_on_context(text: str) -> None:
    assert leans_on_context(text)


@pytest.mark.parametrize("text", ["Please send my invoice from March again", "请问我上个月买的打印机可以开发票吗"])
def test_a_full_question_leans_on_nothing(text: str) -> None:
    assert not leans_on_context(text)
