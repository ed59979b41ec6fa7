"""The drift alarm: says when customers ask what the memory does not know, what that is, and when it knows it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import anyio
import anyio.to_thread
import numpy as np
import structlog

from bot.background import beside
from bot.serving.active_model import Serving
from knowledge_base import drifts, live_figures
from knowledge_base.database import Database
from knowledge_base.drifts import Asked, Drift, Found, Reply
from knowledge_base.errors import KnowledgeError
from weaver_core import drift
from weaver_core.coverage import cover
from weaver_core.drift import Watch
from weaver_core.sequential import Counted
from weaver_core.texts.normalization import canonical

# A look reads ten thousand replies.
LOOK_SECONDS = 300.0
# So many of the newest turns are looked at.
MOST = 10_000
# So many turns show what is new, chosen among the newest that are probably wrong, again when half as many more are.
TYPICAL, CHOSEN_AMONG, MORE = 10, 100, 1.5
# Texts that are encoded at once; turns are answered in between.
TEXTS_AT_ONCE = 8
ACTOR = "drift watch"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm as it stands: of the turns since the change so many are more probably wrong than right, and examples."""

    drift: Drift
    since: Counted
    typical: tuple[Asked, ...]


def drifting(database: Database, serving: Serving) -> AbstractAsyncContextManager[None]:
    """Look at the newest turns again and again, until the end."""
    return beside(_watch, database, serving)


async def look(database: Database, serving: Serving) -> Drift | None:
    """Record the alarm that the turns so far raise, or the end of the one that is open. Returns the open one.

    Of several processes that look at once, one records it. Raises KnowledgeError.
    """
    async with database.reading() as session:
        known = await drifts.newest(session)
        said = await drifts.replies(session, known.seen_turn_id if known else None, MOST)
        sure = await drifts.confidences(session, {reply.version_id for reply in said if reply.version_id})
    if known is not None and known.state == drifts.OPEN:
        over = await anyio.to_thread.run_sync(partial(ending, known, said, sure))
        if over is not None:
            async with database.writing() as session:
                ended = await drifts.end(session, known.id, over, ACTOR)
            if ended:
                _log.warning("drift_ended", since=known.since.isoformat())
            return None
        current = known
    else:
        found = await anyio.to_thread.run_sync(partial(beginning, known, said, sure))
        if found is None:
            return None
        async with database.writing() as session:
            begun = await drifts.begin(session, found, known, ACTOR)
        if begun is None:
            return None
        current = begun
        _log.warning("drift_began", since=current.since.isoformat(), turns=found.watch.since.total)
    await _choose_typical(database, serving, current)
    return current


def beginning(known: Drift | None, said: Sequence[Reply], sure: Mapping[UUID, float]) -> Found | None:
    """The change that the newest turns are in, None where there is none: what came and went is none."""
    found, quiet = None, True
    turns: list[Reply] = []
    for reply, watch in chart(known, said, sure):
        turns.append(reply)
        if watch.bad is None:
            found = None
        elif quiet:
            since = len(turns) - watch.since.total
            found = Found(turns[since].message_id, reply.message_id, watch, _unsure(turns[:since]))
        quiet = watch.bad is None
    return found


def ending(known: Drift, said: Sequence[Reply], sure: Mapping[UUID, float]) -> UUID | None:
    """The turn after which an open alarm is over, None while it is not."""
    over = (reply.message_id for reply, watch in chart(known, said, sure) if watch.bad is None)
    return next(over, None)


def chart(known: Drift | None, said: Sequence[Reply], sure: Mapping[UUID, float]) -> Iterator[tuple[Reply, Watch]]:
    """Each turn that the alarm that is known did not see yet, with the chart after it.

    At the first turn of each version it is rebased by how sure that is of what it knows. The turn that the alarm saw
    last only tells which version it was told of.
    """
    watch = known.watch if known is not None and known.state == drifts.OPEN else Watch()
    before: float | None = None
    met = set[UUID | None]()
    for reply in said:
        now = None if reply.version_id in met else sure.get(reply.version_id) if reply.version_id else None
        met.add(reply.version_id)
        if now is not None:
            watch = watch if before is None else drift.rebased(watch, before - now)
            before = now
        if known is None or reply.message_id != known.seen_turn_id:
            watch = drift.step(watch, _wrong(reply))
            yield reply, watch


async def current(database: Database) -> Change | None:
    """The alarm that is open with its figures and examples, None without one."""
    async with database.reading() as session:
        held = await drifts.current(session)
        if held is None:
            return None
        said = await drifts.replies(session, held.since_turn_id, MOST)
        typical = await drifts.asked(session, held.typical)
    return Change(held, _unsure(said), tuple(typical))


def _unsure(said: Sequence[Reply]) -> Counted:
    return Counted(sum(_wrong(reply) > 1 / 2 for reply in said), len(said))


def _wrong(reply: Reply) -> float:
    return drift.wrong_chance(reply.confidence, reply.votes)


async def _choose_typical(database: Database, serving: Serving, held: Drift) -> None:
    async with database.reading() as session:
        said = await drifts.replies(session, held.since_turn_id, MOST)
        unsure = [reply.message_id for reply in said if _wrong(reply) > 1 / 2]
        if held.typical and len(unsure) < MORE * held.typical_of:
            return
        newest = await drifts.asked(session, unsure[-CHOSEN_AMONG:])
    # The same words are shown once, and count as often as they were said.
    words = [canonical(one.text).casefold() for one in newest]
    heard, first = Counter(words), dict(zip(words, newest, strict=True))
    asked = list(first.values())
    vectors = [await serving.encode([one.text for one in asked[at : at + TEXTS_AT_ONCE]]) for at in _starts(asked)]
    if not vectors:
        return
    views = [np.concatenate([part[view] for part in vectors]) for view in vectors[0]]
    # Side by side and of unit length again: cosines are the views' mean.
    joined = (np.concatenate(views, axis=1) / np.sqrt(len(views))).astype(np.float32)
    chosen = cover(joined, TYPICAL, np.array([heard[text] for text in first], np.float32))
    async with database.writing() as session:
        await drifts.set_typical(session, held.id, [asked[row].message_id for row in map(int, chosen)], len(unsure))


def _starts(asked: Sequence[Asked]) -> range:
    return range(0, len(asked), TEXTS_AT_ONCE)


async def _watch(database: Database, serving: Serving) -> None:
    seen = None
    while True:
        await anyio.sleep(LOOK_SECONDS)
        try:
            async with database.reading() as session:
                newest = await live_figures.newest_message(session)
            if newest != seen:
                await look(database, serving)
                seen = newest
        except KnowledgeError as error:
            _log.warning("drift_not_looked_for", reason=str(error))
