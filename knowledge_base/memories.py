"""Memories: an answer with all its positions and their keys, as the indexes and the read take them."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.answers import Answer, to_answer
from knowledge_base.keys import unpack
from knowledge_base.positions import Position, to_position
from knowledge_base.tables import AnswerRow, EncoderRow, KeyRow, PositionRow

ANSWERS_A_QUERY = 200


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """All that was ever said to reach an answer.

    Shapes: positions L; vectors by encoder (L, d), unit length.
    """

    answer: Answer
    positions: tuple[Position, ...]
    vectors: Mapping[str, NDArray[np.float32]] = field(default_factory=dict[str, NDArray[np.float32]])


async def load(session: AsyncSession, encoders: Sequence[str], answer_ids: Sequence[UUID]) -> list[Memory]:
    """The memories of these answers, of the positions that every encoder has a key of. One that is gone has none."""
    memories: list[Memory] = []
    for start in range(0, len(answer_ids), ANSWERS_A_QUERY):
        memories += await _load_some(session, encoders, answer_ids[start : start + ANSWERS_A_QUERY])
    return memories


async def totals(session: AsyncSession) -> dict[str, int]:
    """How many rows there are of what memories are made of."""
    counted = {
        table.__tablename__: select(func.count()).select_from(table) for table in (AnswerRow, PositionRow, KeyRow)
    }
    return {name: (await session.execute(query)).scalar_one() for name, query in counted.items()}


async def every(session: AsyncSession, encoders: Sequence[str]) -> AsyncIterator[Memory]:
    """All memories, read a page at a time."""
    async for page in pages(session, encoders):
        for memory in page:
            yield memory


async def pages(session: AsyncSession, encoders: Sequence[str]) -> AsyncIterator[list[Memory]]:
    """All memories in pages, so that a large one never stands in memory twice."""
    answer_ids = list((await session.execute(select(AnswerRow.id).order_by(AnswerRow.id))).scalars())
    for start in range(0, len(answer_ids), ANSWERS_A_QUERY):
        yield await _load_some(session, encoders, answer_ids[start : start + ANSWERS_A_QUERY])


async def _load_some(session: AsyncSession, encoders: Sequence[str], answer_ids: Sequence[UUID]) -> list[Memory]:
    answers = (await session.execute(select(AnswerRow).where(AnswerRow.id.in_(answer_ids)))).scalars().all()
    keys = await _keys(session, encoders, answer_ids)
    query = select(PositionRow).where(PositionRow.answer_id.in_(answer_ids)).order_by(PositionRow.id)
    found: dict[UUID, list[PositionRow]] = {}
    for position in (await session.execute(query)).scalars():
        if len(keys.get(position.id, {})) == len(encoders):
            found.setdefault(position.answer_id, []).append(position)
    return [_memory(to_answer(row), found.get(row.id, []), keys, encoders) for row in answers]


async def _keys(
    session: AsyncSession, encoders: Sequence[str], answer_ids: Sequence[UUID]
) -> dict[UUID, dict[str, bytes]]:
    query = (
        select(KeyRow.position_id, EncoderRow.version, KeyRow.vector)
        .join(PositionRow, PositionRow.id == KeyRow.position_id)
        .join(EncoderRow, EncoderRow.id == KeyRow.encoder_id)
        .where(PositionRow.answer_id.in_(answer_ids), EncoderRow.version.in_(encoders))
    )
    keys: dict[UUID, dict[str, bytes]] = {}
    for position_id, encoder, vector in await session.execute(query):
        keys.setdefault(position_id, {})[encoder] = vector
    return keys


def _memory(
    answer: Answer, rows: Sequence[PositionRow], keys: Mapping[UUID, Mapping[str, bytes]], encoders: Sequence[str]
) -> Memory:
    # Values that all positions share are held once: a memory has very many of them.
    positions = [
        replace(to_position(row), answer_id=answer.id, language=sys.intern(row.language) if row.language else None)
        for row in rows
    ]
    if not positions:
        return Memory(answer, ())
    vectors = {encoder: unpack([keys[position.id][encoder] for position in positions]) for encoder in encoders}
    return Memory(answer, tuple(positions), vectors)
