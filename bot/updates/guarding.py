"""The live guard: a version that does worse in service than the one before it gives way by itself."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import anyio
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import beside
from bot.errors import BotError
from bot.serving.encoder_shelf import EncoderShelf
from bot.updates import promotion
from knowledge_base import drifts, live_figures, models
from knowledge_base.database import Database
from knowledge_base.errors import KnowledgeError
from knowledge_base.live_figures import EVER, LiveFigures, Span
from knowledge_base.models import ModelVersion
from weaver_core.sequential import FEWEST_BEFORE, Counted, evidence, is_worse

LOOK_SECONDS = 30.0
# So many of the newest turns and votes of a version are looked at.
MOST = 5000
ACTOR = "live guard"

_log = structlog.get_logger(__name__)


def guarding(database: Database, shelf: EncoderShelf) -> AbstractAsyncContextManager[None]:
    """Look at the active version again and again, until the end."""
    return beside(_guard, database, shelf)


async def look(database: Database, shelf: EncoderShelf) -> ModelVersion | None:
    """Roll the active version back if it does worse than its parent did. Returns what answers instead, if so.

    Thumbs-down among votes and hand-offs among turns are each tested (`weaver_core.sequential`). Of several processes
    that look at once, one rolls back. Raises what `promotion.roll_back` raises.
    """
    async with database.reading() as session:
        active = await models.active(session)
        before = await models.parent(session, active) if active else None
        if active is None or before is None or not shelf.reads(before):
            return None
        usual, now = await _compared(session, before, active)
    why = reason(usual, now)
    if why is None:
        return None
    _log.warning("version_rolled_back", version=active.name, why=why)
    return await promotion.roll_back(database, shelf, ACTOR, active.id, why)


@dataclass(frozen=True, slots=True)
class Watched:
    """What the guard sees of the active version: what it did and what the one before it did, on like questions.

    `votes` and `turns` are how much of a roll-back's proof there is, 1 for all of it; None while nothing can be said.
    """

    active: ModelVersion
    before: ModelVersion
    now: LiveFigures
    usual: LiveFigures
    votes: float | None
    turns: float | None


async def watched(session: AsyncSession) -> Watched | None:
    """What the guard sees now; None where there is no version, or none before it."""
    active = await models.active(session)
    before = await models.parent(session, active) if active else None
    if active is None or before is None:
        return None
    usual, now = await _compared(session, before, active)
    votes = evidence(Counted(usual.downs, usual.votes), Counted(now.downs, now.votes))
    turns = evidence(Counted(usual.handoffs, usual.turns), Counted(now.handoffs, now.turns))
    return Watched(active, before, now, usual, votes, turns)


def reason(usual: LiveFigures, now: LiveFigures) -> str | None:
    """What a version does worse than usual, as a sentence; None while nothing can be said against it."""
    if is_worse(Counted(usual.downs, usual.votes), Counted(now.downs, now.votes)):
        return f"{now.downs} of {now.votes} votes were thumbs-down, before {usual.downs} of {usual.votes}."
    if is_worse(Counted(usual.handoffs, usual.turns), Counted(now.handoffs, now.turns)):
        return f"{now.handoffs} of {now.turns} turns were handed to a person, before {usual.handoffs} of {usual.turns}."
    return None


async def _compared(
    session: AsyncSession, before: ModelVersion, active: ModelVersion
) -> tuple[LiveFigures, LiveFigures]:
    """What both versions did while customers asked the same of both: before they asked something new, or since then.

    Where that began with the version itself, it is the version that is suspected.
    """
    drift = await drifts.newest(session)
    if drift is not None:
        for span in (Span(before=drift.since_turn_id), Span(since=drift.since_turn_id)):
            usual, now = await _within(session, before, active, span)
            if min(usual.turns, now.turns) >= FEWEST_BEFORE:
                return usual, now
    return await _within(session, before, active, EVER)


async def _within(
    session: AsyncSession, before: ModelVersion, active: ModelVersion, span: Span
) -> tuple[LiveFigures, LiveFigures]:
    usual = await live_figures.of_version(session, before.id, MOST, span)
    return usual, await live_figures.of_version(session, active.id, MOST, span)


async def _guard(database: Database, shelf: EncoderShelf) -> None:
    while True:
        await anyio.sleep(LOOK_SECONDS)
        try:
            await look(database, shelf)
        except (BotError, KnowledgeError) as error:
            _log.warning("guard_could_not_look", reason=str(error))
