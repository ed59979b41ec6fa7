"""Memories: an answer with all its positions and their keys, as the indexes and the read take them."""

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge_base.answers import Answer, to_answer
from knowledge_base.keys import id_of, unpack
from knowledge_base.positions import Position
from knowledge_base.tables import AnswerRow, KeyRow, PositionRow
from weaver_core.dialogue import PositionKind

ANSWERS_A_QUERY = 200
# As `Position` has them.
_COLUMNS = (
    PositionRow.id,
    PositionRow.answer_id,
    PositionRow.kind,
    PositionRow.text,
    PositionRow.context,
    PositionRow.language,
    PositionRow.trust,
    PositionRow.turn_id,
    PositionRow.feedback_id,
    PositionRow.created_at,
)


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
    # Columns, not objects: a memory has very many positions.
    query = (
        select(*_COLUMNS).select_from(PositionRow).where(PositionRow.answer_id.in_(answer_ids)).order_by(PositionRow.id)
    )
    for encoder in encoders:
        key = aliased(KeyRow)
        query = query.join(key, and_(key.position_id == PositionRow.id, key.encoder_id == id_of(encoder)))
        query = query.add_columns(key.vector)
    found: dict[UUID, list[Sequence[Any]]] = {}
    for row in await session.execute(query):
        found.setdefault(row[1], []).append(row)
    return [_memory(to_answer(row), found.get(row.id, []), encoders) for row in answers]


def _memory(answer: Answer, rows: Sequence[Sequence[Any]], encoders: Sequence[str]) -> Memory:
    if not rows:
        return Memory(answer, ())
    first = len(_COLUMNS)
    vectors = {encoder: unpack([row[first + place] for row in rows]) for place, encoder in enumerate(encoders)}
    return Memory(answer, tuple(_position(answer.id, row) for row in rows), vectors)


def _position(answer_id: UUID, row: Sequence[Any]) -> Position:
    position_id, _, kind, text, context, language, *rest = row[: len(_COLUMNS)]
    # Values that all positions share are held once.
    shared = None if language is None else sys.intern(language)
    return Position(position_id, answer_id, PositionKind(kind), text, context, shared, *rest)
