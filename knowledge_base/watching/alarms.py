"""Alarms on topics: raised, seen again while the topic rises, acknowledged by a person, ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import audit
from knowledge_base.errors import TopicAlarmNotFoundError
from knowledge_base.identifiers import new_id
from knowledge_base.tables import TopicAlarmRow

# An acknowledged alarm still goes on; an over one does not.
OPEN, ACKNOWLEDGED, OVER = "open", "acknowledged", "over"
RUNNING = (OPEN, ACKNOWLEDGED)
RAISED, SEEN_BY, ENDED = "topic alarm", "acknowledge topic alarm", "topic alarm ended"


@dataclass(frozen=True, slots=True, eq=False)
class Rising:
    """What is known of a topic that rises now. `typical` are ids of heard texts. Shape: vector (d,)."""

    kind: str
    since: datetime
    hours: float
    people: int
    expected: float
    chance: float
    typical: tuple[UUID, ...]
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TopicAlarm:
    """An alarm as it is stored."""

    id: UUID
    state: str
    rising: Rising
    space: str
    raised_at: datetime
    seen_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    ended_at: datetime | None


async def running(session: AsyncSession) -> list[TopicAlarm]:
    """The alarms that go on, the newest first."""
    query = select(TopicAlarmRow).where(TopicAlarmRow.state.in_(RUNNING)).order_by(TopicAlarmRow.id.desc())
    return [_to_alarm(row) for row in (await session.execute(query)).scalars()]


async def newest(session: AsyncSession, limit: int) -> list[TopicAlarm]:
    """The newest alarms, over or not, the newest first."""
    query = select(TopicAlarmRow).order_by(TopicAlarmRow.id.desc()).limit(limit)
    return [_to_alarm(row) for row in (await session.execute(query)).scalars()]


async def get(session: AsyncSession, alarm_id: UUID) -> TopicAlarm:
    """One alarm. Raises TopicAlarmNotFoundError."""
    row = await session.get(TopicAlarmRow, alarm_id, populate_existing=True)
    if row is None:
        raise TopicAlarmNotFoundError(alarm_id)
    return _to_alarm(row)


async def count_open(session: AsyncSession) -> dict[str, int]:
    """How many alarms of each kind nobody has acknowledged yet."""
    query = select(TopicAlarmRow.kind, func.count()).where(TopicAlarmRow.state == OPEN).group_by(TopicAlarmRow.kind)
    return {kind: count for kind, count in await session.execute(query)}  # noqa: C416 - rows are typed by being unpacked


async def raise_alarm(session: AsyncSession, rising: Rising, space: str, moment: datetime, by: str) -> TopicAlarm:
    """Store a new alarm."""
    row = TopicAlarmRow(id=new_id(), state=OPEN, space=space, raised_at=moment, seen_at=moment, **_values(rising))
    session.add(row)
    await session.flush()
    figures = {"kind": rising.kind, "people": rising.people, "expected": round(rising.expected, 2)}
    await audit.record(session, by, RAISED, str(row.id), **figures)
    return _to_alarm(row)


async def see(session: AsyncSession, alarm_id: UUID, rising: Rising, moment: datetime) -> None:
    """Say that the topic of an alarm still rises, and how."""
    values = _values(rising)
    # Since when, and by what it is known again, stays.
    del values["since"], values["vector"]
    await _change(session, alarm_id, {"seen_at": moment, **values})


async def end(session: AsyncSession, alarm_id: UUID, moment: datetime, by: str) -> None:
    """End an alarm whose topic rises no more."""
    await _change(session, alarm_id, {"state": OVER, "ended_at": moment})
    await audit.record(session, by, ENDED, str(alarm_id))


async def acknowledge(session: AsyncSession, alarm_id: UUID, by: str, moment: datetime) -> TopicAlarm:
    """Say that somebody knows of it; who was first stays. Raises TopicAlarmNotFoundError."""
    opened = update(TopicAlarmRow).where(TopicAlarmRow.id == alarm_id, TopicAlarmRow.acknowledged_at.is_(None))
    opened = opened.values(acknowledged_at=moment, acknowledged_by=by).returning(TopicAlarmRow.id)
    first = (await session.execute(opened.execution_options(synchronize_session=False))).scalar_one_or_none()
    if first is not None:
        still = update(TopicAlarmRow).where(TopicAlarmRow.id == alarm_id, TopicAlarmRow.state == OPEN)
        await session.execute(still.values(state=ACKNOWLEDGED).execution_options(synchronize_session=False))
        await audit.record(session, by, SEEN_BY, str(alarm_id))
    return await get(session, alarm_id)


async def _change(session: AsyncSession, alarm_id: UUID, values: Mapping[str, Any]) -> None:
    changing = update(TopicAlarmRow).where(TopicAlarmRow.id == alarm_id, TopicAlarmRow.state.in_(RUNNING))
    await session.execute(changing.values(**values).execution_options(synchronize_session=False))


def _values(rising: Rising) -> dict[str, Any]:
    return {
        "kind": rising.kind,
        "since": rising.since,
        "hours": rising.hours,
        "people": rising.people,
        "expected": rising.expected,
        "chance": rising.chance,
        "typical": [str(one) for one in rising.typical],
        "vector": rising.vector.astype("<f2").tobytes(),
    }


def _to_alarm(row: TopicAlarmRow) -> TopicAlarm:
    return TopicAlarm(
        id=row.id,
        state=row.state,
        rising=Rising(
            row.kind,
            row.since,
            row.hours,
            row.people,
            row.expected,
            row.chance,
            _ids(row.typical),
            np.frombuffer(row.vector, "<f2").astype(np.float32),
        ),
        space=row.space,
        raised_at=row.raised_at,
        seen_at=row.seen_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        ended_at=row.ended_at,
    )


def _ids(stored: Sequence[Any]) -> tuple[UUID, ...]:
    return tuple(UUID(one) for one in stored)
