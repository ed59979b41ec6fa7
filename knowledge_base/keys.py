"""Keys: each position's unit vector in an encoder's space. Derived data, made again from the positions at any time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import changes
from knowledge_base.changes import ChangeKind
from knowledge_base.tables import KeyRow, PositionRow

STORED = np.dtype("<f2")


@dataclass(frozen=True, slots=True)
class Unencoded:
    """A position that has no key yet, with the words to encode."""

    position_id: UUID
    answer_id: UUID
    text: str
    context: str | None


def pack(vector: NDArray[np.float32]) -> bytes:
    """A vector as it is stored. Shape: (d,). Half precision moves a cosine by less than 0.001."""
    return vector.astype(STORED).tobytes()


def unpack(stored: bytes) -> NDArray[np.float32]:
    """A stored vector. Shape: (d,)."""
    return np.frombuffer(stored, dtype=STORED).astype(np.float32)


async def missing(session: AsyncSession, encoder: str, limit: int) -> list[Unencoded]:
    """Positions without a key of this encoder, oldest first."""
    query = select(PositionRow).where(_keyless(encoder)).order_by(PositionRow.id).limit(limit)
    rows = (await session.execute(query)).scalars()
    return [Unencoded(row.id, row.answer_id, row.text, row.context) for row in rows]


async def count_missing(session: AsyncSession, encoder: str) -> int:
    """How many positions have no key of this encoder."""
    query = select(func.count()).select_from(PositionRow).where(_keyless(encoder))
    return (await session.execute(query)).scalar_one()


async def put(
    session: AsyncSession, encoder: str, vectors: Mapping[UUID, NDArray[np.float32]], answers: Sequence[UUID]
) -> None:
    """Store keys and say that the answers' memories are new; a position that has one, or is gone, is passed over."""
    ids = list(vectors)
    present = set((await session.execute(select(PositionRow.id).where(PositionRow.id.in_(ids)))).scalars())
    keyed_query = select(KeyRow.position_id).where(KeyRow.encoder == encoder, KeyRow.position_id.in_(ids))
    keyed = set((await session.execute(keyed_query)).scalars())
    rows = [
        {"position_id": position_id, "encoder": encoder, "vector": pack(vectors[position_id])}
        for position_id in ids
        if position_id in present and position_id not in keyed
    ]
    if rows:
        await session.execute(insert(KeyRow), rows)
        await changes.record(session, ChangeKind.ANSWER, answers)


def _keyless(encoder: str) -> ColumnElement[bool]:
    return ~exists().where(KeyRow.position_id == PositionRow.id, KeyRow.encoder == encoder)
