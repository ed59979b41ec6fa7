"""What the watch shows: figures of some days beside those before, alarms and topics with what was said."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import drifts
from knowledge_base.identifiers import parse_id
from knowledge_base.watching import alarms, heard, hours, judged, landscape, observations, watch
from knowledge_base.watching.alarms import TopicAlarm
from knowledge_base.watching.hours import Hour
from knowledge_base.watching.judged import Step, Votes
from knowledge_base.watching.landscape import Place
from knowledge_base.watching.observations import Source
from weaver_core.texts.normalization import canonical

# The times that are looked at, in days; of the shortest each hour is told.
PERIODS = (1, 7, 30, 90)
ALARMS = 20
Counted = TypeVar("Counted")


@dataclass(frozen=True, slots=True)
class Slot:
    """One hour or day: when it begins, what happened in it, what was judged in it."""

    start: datetime
    hour: Hour
    votes: Votes


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that somebody said: in a conversation, where `seq` is its place, or outside, at a source."""

    text: str
    at: datetime | None
    conversation_id: UUID | None = None
    seq: int | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: the most typical saying first, how many people said so, and how many usually would have."""

    sayings: tuple[Saying, ...]
    people: int
    usual: float
    mood: float | None
    streams: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Alarmed:
    """An alarm, with sayings that are typical of it; none of them where all were erased."""

    alarm: TopicAlarm
    sayings: tuple[Saying, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in some days, and in as many days before."""

    slots: tuple[Slot, ...]
    hour: Hour
    votes: Votes
    before: Hour
    votes_before: Votes


@dataclass(frozen=True, slots=True)
class Overview:
    """All that is watched. `heard` people were read of the last four weeks; `at` is when the watch looked last."""

    figures: Figures
    alarms: tuple[Alarmed, ...]
    topics: tuple[Topic, ...]
    unanswered: tuple[Topic, ...]
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    heard: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Dot:
    """An answer on the map of the memory, in [−1, 1] each way, and how often it was sent."""

    place: Place
    x: float
    y: float
    sent: int


async def overview(session: AsyncSession, days: int, zone: tzinfo, moment: datetime) -> Overview:
    """All that is watched, for so many days up to a moment."""
    since = moment - timedelta(days=days)
    figures = await _figures(session, days, zone, moment)
    seen = (await watch.get(session)).seen
    listed = await alarms.newest(session, ALARMS)
    told: dict[str, Sequence[Any]] = {name: seen.get(name, ()) for name in ("topics", "unanswered")}
    wanted = {one for alarm in listed for one in alarm.rising.typical}
    wanted |= {found for part in told.values() for topic in part for found in _ids(topic["typical"])}
    said = await sayings(session, wanted)
    return Overview(
        figures=figures,
        alarms=tuple(Alarmed(one, _of(said, one.rising.typical)) for one in listed),
        topics=_topics(said, told["topics"]),
        unanswered=_topics(said, told["unanswered"]),
        sources=tuple(await observations.sources(session, since)),
        steps=tuple(await judged.reliability(session, since)),
        heard=seen.get("people", 0),
        at=datetime.fromisoformat(seen["at"]) if "at" in seen else None,
    )


async def alarmed(session: AsyncSession) -> list[Alarmed]:
    """The newest alarms, the newest first."""
    listed = await alarms.newest(session, ALARMS)
    said = await sayings(session, {one for alarm in listed for one in alarm.rising.typical})
    return [Alarmed(one, _of(said, one.rising.typical)) for one in listed]


async def memory_map(session: AsyncSession) -> list[Dot]:
    """The answers in two dimensions, the most sent first, those left out that are answers no more."""
    points = (await watch.get(session)).memory_map.get("points", ())
    found = await landscape.places(session, _ids(point[0] for point in points))
    dots = [Dot(found[UUID(key)], x, y, sent) for key, x, y, sent in points if UUID(key) in found]
    return sorted(dots, key=lambda dot: (-dot.sent, dot.place.title))


async def sayings(session: AsyncSession, heard_ids: Iterable[UUID]) -> dict[UUID, Saying]:
    """What was said in these texts, by the ids under which they were heard."""
    texts = (await heard.named(session, list(heard_ids))).values()
    asked = {one.message_id: one for one in await drifts.asked(session, [t.turn_id for t in texts if t.turn_id])}
    outside = await observations.of_ids(session, [text.observation_id for text in texts if text.observation_id])
    found: dict[UUID, Saying] = {}
    for text in texts:
        if text.turn_id and text.turn_id in asked:
            turn = asked[text.turn_id]
            found[text.id] = Saying(turn.text, turn.at, turn.conversation_id, turn.seq)
        elif text.observation_id and text.observation_id in outside:
            one = outside[text.observation_id].observation
            found[text.id] = Saying(one.text, one.at, source=one.source)
    return found


async def _figures(session: AsyncSession, days: int, zone: tzinfo, moment: datetime) -> Figures:
    until = hours.next_hour(moment)
    starts = _starts(days, zone, moment)
    since = starts[0].astimezone(UTC)
    earlier = since - (until - since)
    counted, votes = await hours.between(session, earlier, until), await judged.by_hour(session, earlier, until)
    hourly, voted = _sorted_in(counted, starts), _sorted_in(votes, starts)
    slots = tuple(
        Slot(start, hours.summed(some), judged.summed(given))
        for start, some, given in zip(starts, hourly[1:], voted[1:], strict=True)
    )
    return Figures(
        slots,
        hours.summed(slot.hour for slot in slots),
        judged.summed(slot.votes for slot in slots),
        hours.summed(hourly[0]),
        judged.summed(voted[0]),
    )


def _starts(days: int, zone: tzinfo, moment: datetime) -> list[datetime]:
    """When each hour, or each day of this time zone, begins, up to the one that a moment is in."""
    if days == 1:
        first = hours.next_hour(moment) - timedelta(days=1)
        return [(first + timedelta(hours=number)).astimezone(zone) for number in range(24)]
    today = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - timedelta(days=number) for number in range(days - 1, -1, -1)]


def _sorted_in(known: Mapping[datetime, Counted], starts: Sequence[datetime]) -> list[list[Counted]]:
    """What was counted before the first of these moments, then from each of them on."""
    found: list[list[Counted]] = [[] for _ in range(len(starts) + 1)]
    for hour, counts in known.items():
        found[bisect_right(starts, hour)].append(counts)
    return found


def _topics(said: Mapping[UUID, Saying], told: Sequence[Mapping[str, Any]]) -> tuple[Topic, ...]:
    found = (
        Topic(_of(said, _ids(one["typical"])), one["people"], one["usual"], one["mood"], one["streams"]) for one in told
    )
    # A topic of which nothing is left to show was erased.
    return tuple(topic for topic in found if topic.sayings)


def _of(said: Mapping[UUID, Saying], ids: Sequence[UUID]) -> tuple[Saying, ...]:
    """What was said in these texts, the same words once."""
    found: dict[str, Saying] = {}
    for one in ids:
        if one in said and said[one].text:
            found.setdefault(canonical(said[one].text).casefold(), said[one])
    return tuple(found.values())


def _ids(stored: Iterable[str]) -> list[UUID]:
    return [found for found in map(parse_id, stored) if found is not None]
