"""Figures by the hour: each of the bot's messages is counted once, as it comes, so that a year is read in a moment."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge_base.tables import BotMessageRow, TurnRow, WatchedHourRow
from weaver_core.texts.small_talk import SmallTalk

# Upper bounds of waits in seconds; what is longer is counted at the end.
WAITS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
# A message that sounds so, or worse, is counted as angry; two stars say the same.
ANGRY = -0.5
JUST_NOW = timedelta(minutes=1)
COURTESIES = frozenset(kind.value for kind in SmallTalk)


@dataclass(frozen=True, slots=True)
class Hour:
    """What happened in some time: the bot's messages by what they decided, moods, waits, CPU seconds of all processes.

    `moods` is the sum over `sounded` messages. Shape: waits, one more than WAITS.
    """

    answered: int = 0
    clarified: int = 0
    handed_off: int = 0
    courtesies: int = 0
    sounded: int = 0
    moods: float = 0.0
    angry: int = 0
    waits: tuple[int, ...] = (0,) * (len(WAITS) + 1)
    cpu_seconds: float = 0.0

    @property
    def turns(self) -> int:
        """The bot's messages that are more than a courtesy."""
        return self.answered + self.clarified + self.handed_off

    @property
    def mood(self) -> float | None:
        """How customers sounded on average, None where nobody could tell."""
        return self.moods / self.sounded if self.sounded else None

    def wait(self, share: float) -> float | None:
        """The seconds in which so many of the replies came, between two bounds evenly; None without any."""
        total = sum(self.waits)
        if not total:
            return None
        wanted, seen = share * total, 0
        for place, count in enumerate(self.waits):
            if count and seen + count >= wanted:
                low = WAITS[place - 1] if place else 0.0
                high = WAITS[place] if place < len(WAITS) else 2 * WAITS[-1]
                return low + (high - low) * (wanted - seen) / count
            seen += count
        return None

    def __add__(self, other: "Hour") -> "Hour":
        """Both together."""
        return Hour(
            self.answered + other.answered,
            self.clarified + other.clarified,
            self.handed_off + other.handed_off,
            self.courtesies + other.courtesies,
            self.sounded + other.sounded,
            self.moods + other.moods,
            self.angry + other.angry,
            tuple(one + two for one, two in zip(self.waits, other.waits, strict=True)),
            self.cpu_seconds + other.cpu_seconds,
        )


@dataclass(frozen=True, slots=True)
class Told:
    """One of the bot's messages, as it is counted; `wait` is in seconds."""

    message_id: UUID
    at: datetime
    decision: str
    why: str
    mood: float | None
    wait: float | None


async def uncounted(session: AsyncSession, after: UUID | None, before: datetime, limit: int) -> list[Told]:
    """The bot's messages after one, oldest first, but for the newest ones since a moment just now.

    These are left for later: an older one may still be on its way from another process.
    """
    said, asked = aliased(TurnRow), aliased(TurnRow)
    question = and_(asked.dialogue_id == said.dialogue_id, asked.ordinal == said.in_reply_to)
    columns = (BotMessageRow.turn_id, BotMessageRow.decision, BotMessageRow.why, BotMessageRow.sentiment)
    query = (
        select(*columns, said.at, asked.at.label("asked_at"))
        .join(said, said.id == BotMessageRow.turn_id)
        .outerjoin(asked, question)
        .order_by(BotMessageRow.turn_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(BotMessageRow.turn_id > after)
    rows = list(await session.execute(query))
    # Where a clock was put back, what seems to be to come is past all the same.
    while rows and rows[-1].at is not None and before < rows[-1].at <= before + JUST_NOW:
        rows.pop()
    return [_told(*row, before) for row in rows]


def counted(told: Iterable[Told]) -> dict[datetime, Hour]:
    """Messages by the hour."""
    found: dict[datetime, Hour] = {}
    for one in told:
        hour = hour_of(one.at)
        found[hour] = found.get(hour, Hour()) + _one(one)
    return found


async def add(session: AsyncSession, figures: Mapping[datetime, Hour]) -> None:
    """Add what was counted to its hours; of several processes that add at once none is lost."""
    for hour, more in figures.items():
        if await _added(session, hour, more):
            continue
        try:
            async with session.begin_nested():
                await session.execute(insert(WatchedHourRow).values({"hour": hour, **_values(more)}))
        except IntegrityError:
            # Another process was first.
            await _added(session, hour, more)


async def _added(session: AsyncSession, hour: datetime, more: Hour) -> bool:
    """Whether an hour that is there already was added to."""
    query = select(*_COLUMNS).where(WatchedHourRow.hour == hour).with_for_update()
    held = (await session.execute(query)).one_or_none()
    if held is None:
        return False
    adding = update(WatchedHourRow).where(WatchedHourRow.hour == hour).values(**_values(_to_hour(*held) + more))
    await session.execute(adding.execution_options(synchronize_session=False))
    return True


async def between(session: AsyncSession, since: datetime, until: datetime) -> dict[datetime, Hour]:
    """The hours from one moment to before another in which anything happened."""
    # Columns, not objects: half a year has thousands.
    query = select(WatchedHourRow.hour, *_COLUMNS).where(WatchedHourRow.hour >= since, WatchedHourRow.hour < until)
    rows = await session.execute(query.order_by(WatchedHourRow.hour))
    return {hour: _to_hour(*values) for hour, *values in rows}


def summed(hours: Iterable[Hour]) -> Hour:
    """All of them together."""
    listed = list(hours)
    waits = tuple(map(sum, zip(*(hour.waits for hour in listed), strict=True))) or Hour().waits
    return Hour(
        sum(hour.answered for hour in listed),
        sum(hour.clarified for hour in listed),
        sum(hour.handed_off for hour in listed),
        sum(hour.courtesies for hour in listed),
        sum(hour.sounded for hour in listed),
        sum(hour.moods for hour in listed),
        sum(hour.angry for hour in listed),
        waits,
        sum(hour.cpu_seconds for hour in listed),
    )


def hour_of(moment: datetime) -> datetime:
    """The hour that a moment is in."""
    return moment.replace(minute=0, second=0, microsecond=0)


def next_hour(moment: datetime) -> datetime:
    """The hour after that of a moment."""
    return hour_of(moment) + timedelta(hours=1)


def _told(*row: Any) -> Told:  # noqa: ANN401 - columns of many types
    message_id, decision, why, mood, at, asked_at, otherwise = row
    said_at = at or otherwise
    wait = max((said_at - asked_at).total_seconds(), 0.0) if asked_at else None
    return Told(message_id, said_at, decision, why, mood, wait)


def _one(told: Told) -> Hour:
    decision = "courtesies" if told.why in COURTESIES else _COUNTED.get(told.decision, "clarified")
    waits = [0] * (len(WAITS) + 1)
    if told.wait is not None:
        waits[bisect_left(WAITS, told.wait)] += 1
    mood = told.mood
    return Hour(
        **{decision: 1},
        sounded=int(mood is not None),
        moods=mood or 0.0,
        angry=int(mood is not None and mood <= ANGRY),
        waits=tuple(waits),
    )


_NAMES = ("answered", "clarified", "handed_off", "courtesies", "sounded", "moods", "angry", "cpu_seconds")
_COLUMNS = (*(getattr(WatchedHourRow, name) for name in _NAMES), WatchedHourRow.waits)
_COUNTED = {"answer": "answered", "clarify": "clarified", "handoff": "handed_off"}


def _values(hour: Hour) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(hour, name) for name in _NAMES}
    return values | {"waits": list(hour.waits)}


def _to_hour(*stored: Any) -> Hour:  # noqa: ANN401 - columns of many types
    *figures, waits = stored
    answered, clarified, handed_off, courtesies, sounded, moods, angry, cpu_seconds = figures
    return Hour(answered, clarified, handed_off, courtesies, sounded, moods, angry, _waits(waits), cpu_seconds)


def _waits(stored: Sequence[int]) -> tuple[int, ...]:
    # Other bounds than these were another release's: nothing can be told of them.
    return tuple(stored) if len(stored) == len(WAITS) + 1 else Hour().waits
