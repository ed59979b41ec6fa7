"""Answers that the bot may not send, pending ones and one customer's, looked through for an agent's question."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from anyio import to_thread
from numpy.typing import NDArray
from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.answers import AnswerStatus
from knowledge_base.keys import id_of
from knowledge_base.quantization import vectors_of
from knowledge_base.tables import AnswerRow, KeyRow, PositionRow
from knowledge_base.tables.base import now

POSITIONS_AT_ONCE = 5_000


async def nearest(
    session: AsyncSession, encoder: str, query: NDArray[np.float32], collection: str, limit: int
) -> list[UUID]:
    """The answers of a collection whose nearest position is nearest to a query, nearest first.

    They are in no index: an agent asks seldom, and what waits for a reviewer must not crowd out what the bot may send.
    Shape: unit query (d,).
    """
    best: dict[UUID, float] = {}
    searched = select(PositionRow.answer_id, KeyRow.vector).join(KeyRow, KeyRow.position_id == PositionRow.id)
    searched = searched.where(PositionRow.answer_id.in_(_unsent(collection)), KeyRow.encoder_id == id_of(encoder))
    rows = await session.stream(searched.execution_options(yield_per=POSITIONS_AT_ONCE))
    async for page in rows.partitions():
        for answer_id, cosine in await to_thread.run_sync(_cosines, page, query):
            best[answer_id] = max(cosine, best.get(answer_id, -1.0))
    return sorted(best, key=lambda answer_id: (-best[answer_id], answer_id))[:limit]


def _unsent(collection: str) -> Select[UUID]:
    """The answers that wait for a reviewer, and those with something of one customer, that are valid now."""
    moment = now()
    waits = AnswerRow.status == AnswerStatus.PENDING.value
    personal = and_(AnswerRow.status == AnswerStatus.APPROVED.value, AnswerRow.personal.is_(True))
    return select(AnswerRow.id).where(
        AnswerRow.collection == collection,
        or_(waits, personal),
        or_(AnswerRow.valid_from.is_(None), AnswerRow.valid_from <= moment),
        or_(AnswerRow.valid_until.is_(None), AnswerRow.valid_until > moment),
    )


def _cosines(page: Sequence[Row[UUID, bytes]], query: NDArray[np.float32]) -> list[tuple[UUID, float]]:
    codes = np.frombuffer(b"".join(vector for _, vector in page), np.uint8).reshape(len(page), -1)
    cosines = vectors_of(codes) @ query
    return [(answer_id, float(cosine)) for (answer_id, _), cosine in zip(page, cosines, strict=True)]
