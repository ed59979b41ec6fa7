"""The watch: which process keeps it, how far it has counted, what it saw last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.tables import WatchRow

ONLY = 1
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Watch:
    """The watch as it stands: `seen` are its topics, `memory_map` the memory in two dimensions, both plain JSON."""

    counted_turn_id: UUID | None
    seen: Mapping[str, Any]
    memory_map: Mapping[str, Any]


async def hold(session: AsyncSession, holder: str, moment: datetime, until: datetime) -> bool:
    """Keep the watch until a moment, unless another process keeps it. Returns whether this one does."""
    free = or_(WatchRow.holder == holder, WatchRow.until < moment)
    taking = update(WatchRow).where(WatchRow.id == ONLY, free).values(holder=holder, until=until)
    taken = taking.returning(WatchRow.id).execution_options(synchronize_session=False)
    if (await session.execute(taken)).scalar_one_or_none() is not None:
        return True
    first: dict[str, object] = {"id": ONLY, "holder": holder, "until": until, "seen": {}, "memory_map": {}}
    try:
        async with session.begin_nested():
            await session.execute(insert(WatchRow).values(first))
    except IntegrityError:
        return False
    return True


async def release(session: AsyncSession, holder: str) -> None:
    """Let another process keep it."""
    await session.execute(update(WatchRow).where(WatchRow.holder == holder).values(until=_NEVER))


async def get(session: AsyncSession) -> Watch:
    """The watch as it stands; an empty one before it began."""
    query = select(WatchRow.counted_turn_id, WatchRow.seen, WatchRow.memory_map).where(WatchRow.id == ONLY)
    row = (await session.execute(query)).one_or_none()
    return Watch(None, {}, {}) if row is None else Watch(*row)


async def counting(session: AsyncSession) -> UUID | None:
    """How far it has counted; nobody else counts until the transaction ends."""
    query = select(WatchRow.counted_turn_id).where(WatchRow.id == ONLY).with_for_update()
    return (await session.execute(query)).scalar_one_or_none()


async def counted(session: AsyncSession, turn_id: UUID) -> None:
    """Say how far it has counted."""
    await session.execute(update(WatchRow).where(WatchRow.id == ONLY).values(counted_turn_id=turn_id))


async def saw(session: AsyncSession, seen: Mapping[str, Any]) -> None:
    """Keep what it saw."""
    await session.execute(update(WatchRow).where(WatchRow.id == ONLY).values(seen=dict(seen)))


async def drew(session: AsyncSession, memory_map: Mapping[str, Any]) -> None:
    """Keep the map of the memory."""
    await session.execute(update(WatchRow).where(WatchRow.id == ONLY).values(memory_map=dict(memory_map)))
