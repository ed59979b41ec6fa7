"""Mined answers that answer nothing, as a head tells by their vectors: dropped before anybody sees them."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from anyio import to_thread
from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import changes, keys
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.ingestion.rows import AUTHOR
from knowledge_base.tables import MINED, AnswerRow, PositionRow, RevisionRow
from weaver_core.dialogue import PositionKind
from weaver_core.heads.fitted import Heads
from weaver_core.heads.labels import LABELS, Task

Progress = Callable[[int, int], None]
# A mined answer is dropped when the head is as sure as this that it answers nothing.
LEAST_WORTH = 0.1
ANSWERS_A_TRANSACTION = 64
_ANSWER = LABELS[Task.ANSWER].index("answer")


async def drop_empty(database: Database, heads: Heads, progress: Progress) -> int:
    """Drop the newly mined answers that answer nothing. Returns how many went.

    Looks at those that were not compared with others yet, and at none that a person touched. Their dialogues stay.
    """
    async with database.reading() as session:
        total = (await session.execute(_new(heads.encoder, select(func.count())))).scalar_one()
    dropped, done = 0, 0
    last = UUID(int=0)
    while some := await _next_new(database, heads.encoder, last):
        async with database.writing() as session:
            vectors = await keys.of_answers(session, heads.encoder, some)
            empty = await to_thread.run_sync(_empty, heads, vectors)
            await _drop(session, empty)
        dropped += len(empty)
        last, done = some[-1], done + len(some)
        progress(done, max(done, total))
    return dropped


def _new(encoder: str, query: Select[Any]) -> Select[Any]:
    """A query for the encoded mined answers that were not compared with others yet and that no person touched."""
    touched = exists().where(RevisionRow.answer_id == AnswerRow.id, RevisionRow.author != AUTHOR)
    taught = exists().where(PositionRow.answer_id == AnswerRow.id, PositionRow.kind == PositionKind.CORRECTION.value)
    mined = AnswerRow.origin == MINED
    new = AnswerRow.compared_at.is_(None)
    return query.select_from(AnswerRow).where(mined, new, ~touched, ~taught, ~keys.unfinished(encoder))


async def _next_new(database: Database, encoder: str, last: UUID) -> list[UUID]:
    query = _new(encoder, select(AnswerRow.id)).where(AnswerRow.id > last).order_by(AnswerRow.id)
    async with database.reading() as session:
        return list((await session.execute(query.limit(ANSWERS_A_TRANSACTION))).scalars())


def _empty(heads: Heads, vectors: dict[UUID, Any]) -> list[UUID]:
    if not vectors:
        return []
    worth = heads.answer.judge(np.stack(list(vectors.values())))[:, _ANSWER]
    return [answer_id for answer_id, chance in zip(vectors, worth, strict=True) if chance < LEAST_WORTH]


async def _drop(session: AsyncSession, answer_ids: Sequence[UUID]) -> None:
    gone = delete(AnswerRow).where(AnswerRow.id.in_(answer_ids))
    await session.execute(gone.execution_options(synchronize_session=False))
    await changes.record(session, ChangeKind.ANSWER, answer_ids)
