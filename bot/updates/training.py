"""What an update trains: a low-rank delta of each encoder, in a process of its own that a killed run goes on with."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import anyio
import numpy as np

from bot.updates.gathered import Gathered
from knowledge_base.artefacts import Artefact
from knowledge_base.memories import Memory
from knowledge_base.positions import Position
from weaver_core.checkpoint import CONFIG, DELTA, LORA
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder
from weaver_core.texts.normalization import canonical
from weaver_core.training import evidence, job, process
from weaver_core.training.evidence import Passage
from weaver_core.training.job import CHECKPOINT, EVIDENCE, Job
from weaver_core.training.settings import EncoderSettings, to_json

Progress = Callable[[int, int], None]
# Positions with less trust than this have no say, and nothing is learned from them.
SILENT = -10.0
# More positions than these are trained on by a sample: a night is not longer for a larger memory.
MOST_PASSAGES = 20_000
SEED = 3
# A judgement that is as often wrong as right teaches nothing.
MOST_NOISE = 0.45
LOOK_SECONDS = 0.5


def passages(gathered: Gathered, encoder: Encoder) -> list[Passage]:
    """What an encoder learns from: the positions in its languages, but for those that are kept for the gate."""
    found = [passage for memory in gathered.memories for passage in _passages_of(gathered, memory, encoder)]
    if len(found) <= MOST_PASSAGES:
        return found
    kept = np.sort(np.random.default_rng(SEED).permutation(len(found))[:MOST_PASSAGES])
    return [found[int(row)] for row in kept]


async def train(
    folder: Path, name: str, settings: EncoderSettings, learned_from: Sequence[Passage], progress: Progress
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
                    progress(step.step, step.total)
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


def _passages_of(gathered: Gathered, memory: Memory, encoder: Encoder) -> Iterator[Passage]:
    if memory.answer.language and encoder.languages and memory.answer.language not in encoder.languages:
        return
    for position in memory.positions:
        if position.trust > SILENT and not gathered.is_held_out(position):
            yield _passage(gathered, memory, position)


def _passage(gathered: Gathered, memory: Memory, position: Position) -> Passage:
    # How likely a believed vote is wrong: 1 − p'.
    wrong = 1.0 - float(np.exp(position.trust)) if gathered.is_vote(position) else 0.0
    return Passage(
        text=canonical(position.text),
        answer=str(memory.answer.id),
        asks=position.kind is not PositionKind.SENTENCE,
        trust=position.trust,
        noise=min(max(wrong, 0.0), MOST_NOISE),
    )


def settings_of(encoder: Encoder, positions: int) -> EncoderSettings:
    """How an encoder is trained on so many positions (docs/experiments.md)."""
    del positions
    return EncoderSettings(scale=10.0, beta=20.0, epochs=2, first_layer=2 if encoder.languages else 8)
