"""Memories: an answer with all its positions and their keys, as the indexes and the read take them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.answers import Answer, to_answer
from knowledge_base.keys import unpack
from knowledge_base.positions import Position, to_position
from knowledge_base.tables import AnswerRow, KeyRow, PositionRow

ANSWERS_A_QUERY = 200


@dataclass(frozen=True, slots=True)
class Memory:
    """All that was ever said to reach an answer. Shapes: positions L, vectors (L, d), unit length."""

    answer: Answer
    positions: tuple[Position, ...]
    vectors: NDArray[np.float32]


async def load(session: AsyncSession, encoder: str, answer_ids: Sequence[UUID]) -> list[Memory]:
    """The memories of these answers, as far as their positions are encoded. An answer that is gone has none."""
    memories: list[Memory] = []
    for start in range(0, len(answer_ids), ANSWERS_A_QUERY):
        memories += await _load_some(session, encoder, answer_ids[start : start + ANSWERS_A_QUERY])
    return memories


async def every(session: AsyncSession, encoder: str) -> AsyncIterator[Memory]:
    """All memories, a page at a time, so that a large one never stands in memory twice."""
    answer_ids = list((await session.execute(select(AnswerRow.id).order_by(AnswerRow.id))).scalars())
    for start in range(0, len(answer_ids), ANSWERS_A_QUERY):
        for memory in await _load_some(session, encoder, answer_ids[start : start + ANSWERS_A_QUERY]):
            yield memory


async def _load_some(session: AsyncSession, encoder: str, answer_ids: Sequence[UUID]) -> list[Memory]:
    answers = (await session.execute(select(AnswerRow).where(AnswerRow.id.in_(answer_ids)))).scalars().all()
    keyed = and_(KeyRow.position_id == PositionRow.id, KeyRow.encoder == encoder)
    query = (
        select(PositionRow, KeyRow.vector)
        .join(KeyRow, keyed)
        .where(PositionRow.answer_id.in_(answer_ids))
        .order_by(PositionRow.id)
    )
    found: dict[UUID, list[tuple[Position, NDArray[np.float32]]]] = {}
    for position, vector in await session.execute(query):
        found.setdefault(position.answer_id, []).append((to_position(position), unpack(vector)))
    memories: list[Memory] = []
    for row in answers:
        pairs = found.get(row.id, [])
        vectors = np.stack([vector for _, vector in pairs]) if pairs else np.zeros((0, 0), np.float32)
        memories.append(Memory(to_answer(row), tuple(position for position, _ in pairs), vectors))
    return memories
