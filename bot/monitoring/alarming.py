"""Alarms on topics: raised when one begins to rise, kept while it does, ended when it is as usual for some hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
import structlog
from numpy.typing import NDArray

from bot.monitoring.remembered import Lately
from knowledge_base.database import Database
from knowledge_base.watching import alarms
from knowledge_base.watching.alarms import Rising, TopicAlarm
from weaver_core.coverage import cover
from weaver_core.topics import Rise

ACTOR = "topic watch"
# The mean of an alarm's texts, and that of a rise, are of one topic from this cosine on.
SAME = 0.7
# So many texts show what a topic is.
TYPICAL = 5
CALM = timedelta(hours=6)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a look changed: alarms that were raised, and those that ended."""

    raised: tuple[UUID, ...]
    ended: tuple[UUID, ...]


async def alarm(database: Database, lately: Lately, rises: Sequence[Rise], space: str, moment: datetime) -> Changed:
    """Raise, keep and end alarms by what rises at a moment. Raises KnowledgeError."""
    raised: list[TopicAlarm] = []
    async with database.writing() as session:
        held = await alarms.running(session)
        seen: set[UUID] = set()
        for found in (to_rising(lately, rise) for rise in rises):
            same = _same(found, [one for one in (*held, *raised) if one.space == space])
            if same is None:
                raised.append(await alarms.raise_alarm(session, found, space, moment, ACTOR))
            elif same.id not in seen:
                seen.add(same.id)
                await alarms.see(session, same.id, found, moment)
        ended = [one for one in held if one.id not in seen and one.seen_at < moment - CALM]
        for one in ended:
            await alarms.end(session, one.id, moment, ACTOR)
    for one in raised:
        _log.warning(
            "topic_alarm_raised",
            alarm_id=str(one.id),
            kind=one.rising.kind,
            people=one.rising.people,
            usual=round(one.rising.expected, 1),
            hours=one.rising.hours,
        )
    for one in ended:
        _log.warning("topic_alarm_ended", alarm_id=str(one.id), kind=one.rising.kind)
    return Changed(tuple(one.id for one in raised), tuple(one.id for one in ended))


def to_rising(lately: Lately, rise: Rise) -> Rising:
    """A rise as it is stored: since when, and what is typical of it, the text in its middle first."""
    members = list(rise.members)
    return Rising(
        kind=rise.kind.value,
        since=min(lately.texts[row].at for row in members),
        hours=rise.window,
        people=rise.people,
        expected=rise.expected,
        chance=rise.chance,
        typical=tuple(lately.texts[row].id for row in typical(lately, rise)),
        vector=_mean(lately.vectors[members]),
    )


def typical(lately: Lately, rise: Rise) -> list[int]:
    """A few of a topic's texts that stand for all of them, the one in its middle first."""
    members = list(rise.members)
    middle = members.index(rise.centre) if rise.centre in members else 0
    chosen = map(int, cover(lately.vectors[members], TYPICAL, keep=(middle,)))
    return [members[middle], *(members[place] for place in chosen if place != middle)]


def _same(found: Rising, held: Sequence[TopicAlarm]) -> TopicAlarm | None:
    """The alarm that a rise belongs to: the one of its kind that is nearest."""
    near = [(float(one.rising.vector @ found.vector), one) for one in held if one.rising.kind == found.kind]
    likeness, best = max(near, key=lambda pair: pair[0], default=(0.0, None))
    return best if likeness >= SAME else None


def _mean(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = vectors.mean(axis=0)
    unit: NDArray[np.float32] = mean / max(float(np.linalg.norm(mean)), float(np.finfo(np.float32).tiny))
    return unit
