"""What the memory teaches the model: a new version with the read's parameters fitted on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from knowledge_base import memories, models
from knowledge_base.database import Database
from knowledge_base.memories import Memory
from knowledge_base.models import ModelDraft, ModelVersion
from weaver_core import leave_one_out
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder
from weaver_core.leave_one_out import Fit, Progress
from weaver_core.memory import Memories

SEED = 20


@dataclass(frozen=True, slots=True, eq=False)
class _Evidence:
    """The positions to fit on. Shapes: memories of P positions, sentences (P,)."""

    memories: Memories
    sentences: NDArray[np.bool_]


async def refit(database: Database, encoder: Encoder, by: str, progress: Progress | None = None) -> ModelVersion | None:
    """Fit the read's parameters on the memory and make them the active version; None when there is too little of it."""
    async with database.reading() as session:
        every = memories.every(session, encoder.version)
        loaded = [memory async for memory in every if _teaches(memory, encoder)]
    evidence = _evidence(loaded)
    if evidence is None:
        return None
    work = partial(leave_one_out.fit, evidence.memories, evidence.sentences, SEED, progress)
    fitted = await anyio.to_thread.run_sync(work)
    if fitted is None:
        return None
    async with database.writing() as session:
        return await models.promote_fit(session, _draft(encoder.version, fitted), by)


def _teaches(memory: Memory, encoder: Encoder) -> bool:
    """Whether a memory says something of this encoder's space: it may be served, and is in a language known there."""
    answer = memory.answer
    known = answer.language is None or not encoder.languages or answer.language in encoder.languages
    return bool(memory.positions) and known and answer.servable_at(datetime.now(UTC))


def _evidence(loaded: Sequence[Memory]) -> _Evidence | None:
    if not loaded:
        return None
    positions = [position for memory in loaded for position in memory.positions]
    offsets = np.concatenate([[0], np.cumsum([len(memory.positions) for memory in loaded])]).astype(np.int64)
    trust = np.array([position.trust for position in positions], np.float32)
    vectors = np.concatenate([memory.vectors for memory in loaded])
    sentences = np.array([position.kind is PositionKind.SENTENCE for position in positions])
    return _Evidence(Memories(vectors, offsets, trust), sentences)


def _draft(encoder: str, fitted: Fit) -> ModelDraft:
    parameters = fitted.parameters.to_json()
    figures = {"questions": fitted.questions, "loss": fitted.loss, "accuracy": fitted.accuracy}
    log = (
        f"Left out one at a time, {fitted.questions} questions found their answer {fitted.accuracy:.1%} of the time "
        f"(loss {fitted.loss:.3f} nats) with s = {parameters['scale']:g}, β = {parameters['beta']:g}, "
        f"trust in sentences {parameters['sentence_trust']:g}."
    )
    return ModelDraft(encoder, parameters, figures, log)
