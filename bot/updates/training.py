"""What an update trains: a low-rank delta of each encoder, in a process of its own that a killed run goes on with."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio
import numpy as np

from bot.updates.gathered import Gathered
from bot.updates.judging_again import Labelled
from bot.updates.learning import TRUSTED
from knowledge_base.artefacts import Artefact
from knowledge_base.memories import Memory
from knowledge_base.positions import Position
from weaver_core.checkpoint import CONFIG, DELTA, LORA
from weaver_core.dialogue import PositionKind
from weaver_core.encoders import sources
from weaver_core.encoders.encoder import Encoder
from weaver_core.encoders.sources import Source
from weaver_core.texts.normalization import canonical
from weaver_core.training import evidence, job, process
from weaver_core.training.evidence import Passage
from weaver_core.training.job import CHECKPOINT, EVIDENCE, Job
from weaver_core.training.progress import Report
from weaver_core.training.settings import EncoderSettings, to_json

# More positions than these are trained on by a sample: a night is not longer for a larger memory.
MOST_PASSAGES = 20_000
SEED = 3
# With fewer texts than these an encoder learns longer, and is read less sharply.
FEW_TEXTS = 1500
SCALE = 10.0
PACKED_LAYERS = 12
# A judgement that is as often wrong as right teaches nothing.
MOST_NOISE = 0.45
LOOK_SECONDS = 0.5


def passages(gathered: Gathered, labelled: Sequence[Labelled], encoder: Encoder) -> list[Passage]:
    """What an encoder learns from, but for what is kept for the gate.

    The positions of answers in its languages, and the questions that votes tell the likeliest answer of.
    """
    known = [memory for memory in gathered.memories if _knows(encoder, memory)]
    found = [passage for memory in known for passage in _passages_of(gathered, memory)]
    answers = {memory.answer.id for memory in known}
    found += [_labelled(one) for one in labelled if one.answer_id in answers and not gathered.keeps(one.feedback_id)]
    if len(found) <= MOST_PASSAGES:
        return found
    kept = np.sort(np.random.default_rng(SEED).permutation(len(found))[:MOST_PASSAGES])
    return [found[int(row)] for row in kept]


async def train(
    folder: Path, name: str, settings: EncoderSettings, learned_from: Sequence[Passage], heard: Report
) -> Artefact:
    """Train an encoder in a job's folder, from where an earlier call was interrupted; cancelled, its process ends too.

    Raises EvidenceError, TrainingFailedError.
    """
    done = folder / CHECKPOINT
    if not _begun(folder, name, settings, learned_from):
        running = process.start(folder)
        try:
            while not running.ended:
                await anyio.sleep(LOOK_SECONDS)
                if (step := process.progress_of(folder)) is not None:
                    heard(step)
            done = running.result()
        finally:
            running.cancel()
    return Artefact(json.loads((done / CONFIG).read_bytes()), (done / DELTA).read_bytes())


def _begun(folder: Path, name: str, settings: EncoderSettings, learned_from: Sequence[Passage]) -> bool:
    """Make the job, unless an earlier call has. Returns whether it has been carried out already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / job.JOB).exists():
        evidence.write(folder / EVIDENCE, learned_from)
        job.write(folder, Job(LORA, name, to_json(settings)))
    return (folder / CHECKPOINT).exists()


def _knows(encoder: Encoder, memory: Memory) -> bool:
    language = memory.answer.language
    return language is None or not encoder.languages or language in encoder.languages


def _labelled(one: Labelled) -> Passage:
    wrong = min(1.0 - one.sureness, MOST_NOISE)
    trust = float(np.log(one.sureness))
    return Passage(canonical(one.text), str(one.answer_id), weight=one.weight, trust=trust, noise=wrong)


def _passages_of(gathered: Gathered, memory: Memory) -> Iterator[Passage]:
    for position in memory.positions:
        if position.trust > TRUSTED and not gathered.is_held_out(position):
            yield _passage(gathered, memory, position)


def _passage(gathered: Gathered, memory: Memory, position: Position) -> Passage:
    # How likely a believed vote is wrong: 1 − p'.
    wrong = 1.0 - float(np.exp(position.trust)) if gathered.is_vote(position) else 0.0
    return Passage(
        text=canonical(position.text),
        answer=str(memory.answer.id),
        asks=position.kind is not PositionKind.SENTENCE,
        weight=gathered.weight_of(position),
        trust=position.trust,
        noise=min(max(wrong, 0.0), MOST_NOISE),
    )


def settings_of(name: str, texts: int) -> EncoderSettings:
    """How the encoder of this name is trained on so many texts (docs/experiments.md): the upper layers of it.

    A specialist of a language learns from more of its layers than one of all languages, which must not forget.
    """
    source = sources.find(name)
    layers, general = _layers_of(source), not source.languages
    if texts < FEW_TEXTS:
        return EncoderSettings(scale=5.0, beta=14.0, epochs=5, first_layer=layers // 2)
    if general:
        return EncoderSettings(scale=SCALE, beta=20.0, epochs=2, first_layer=2 * layers // 3)
    return EncoderSettings(scale=SCALE, beta=20.0, epochs=3, first_layer=layers // 3, rank=24)


def _layers_of(source: Source) -> int:
    """How many layers an encoder has; a packed one is the multilingual."""
    if source.packed:
        return PACKED_LAYERS
    return int(json.loads((source.weights.parent / "config.json").read_text())["num_hidden_layers"])
