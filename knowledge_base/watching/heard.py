"""What was heard lately: customers' turns and outside texts, each with the vector that topics are told apart by."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, exists, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.identifiers import new_id
from knowledge_base.messages import WITHOUT_MODEL
from knowledge_base.tables import BotMessageRow, DialogueRow, HeardRow, ObservationRow, TurnRow
from knowledge_base.watching import observations
from knowledge_base.watching.observations import Stored

# So many of the newest of each are heard; what goes beyond is forgotten.
MOST_MESSAGES, MOST_OBSERVATIONS = 6000, 2000
HANDOFF = "handoff"
IDS_A_QUERY = 500
# As `Text` has them.
_COLUMNS = (
    HeardRow.id,
    HeardRow.turn_id,
    HeardRow.observation_id,
    HeardRow.person,
    HeardRow.stream,
    HeardRow.language,
    HeardRow.at,
    HeardRow.mood,
    HeardRow.unanswered,
)


@dataclass(frozen=True, slots=True)
class Unheard:
    """A message of the bot whose question was not heard yet, how that sounded, and the conversation's channel."""

    message_id: UUID
    at: datetime
    mood: float | None
    channel: str
    unanswered: bool


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """A text that is heard: exactly one of its two ids is set. Shape: vector (d,)."""

    turn_id: UUID | None
    observation_id: UUID | None
    person: UUID
    stream: str
    language: str | None
    at: datetime
    mood: float | None
    unanswered: bool
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that was heard, without its vector."""

    id: UUID
    turn_id: UUID | None
    observation_id: UUID | None
    person: UUID
    stream: str
    language: str | None
    at: datetime
    mood: float | None
    unanswered: bool


async def unheard_messages(session: AsyncSession, space: str, since: datetime, limit: int) -> list[Unheard]:
    """The newest of the bot's messages since a moment whose questions are not heard in a space, the newest first."""
    newest = select(BotMessageRow.turn_id).where(BotMessageRow.why.not_in(WITHOUT_MODEL))
    latest = newest.order_by(BotMessageRow.turn_id.desc()).limit(MOST_MESSAGES).subquery()
    known = exists().where(HeardRow.turn_id == latest.c.turn_id, HeardRow.space == space)
    query = (
        select(BotMessageRow.turn_id, TurnRow.at, BotMessageRow.sentiment, DialogueRow.channel, BotMessageRow.decision)
        .join(latest, latest.c.turn_id == BotMessageRow.turn_id)
        .join(TurnRow, TurnRow.id == BotMessageRow.turn_id)
        .join(DialogueRow, DialogueRow.id == TurnRow.dialogue_id)
        .where(~known, TurnRow.at >= since)
        .order_by(BotMessageRow.turn_id.desc())
        .limit(limit)
    )
    rows = await session.execute(query)
    return [
        Unheard(turn_id, at, mood, channel or "", decision == HANDOFF)
        for turn_id, at, mood, channel, decision in rows
        if at is not None
    ]


async def unheard_observations(session: AsyncSession, space: str, since: datetime, limit: int) -> list[Stored]:
    """The newest outside texts since a moment that are not heard in a space, the newest first."""
    newest = select(ObservationRow.id).order_by(ObservationRow.id.desc()).limit(MOST_OBSERVATIONS).subquery()
    known = exists().where(HeardRow.observation_id == newest.c.id, HeardRow.space == space)
    query = select(newest.c.id).join(ObservationRow, ObservationRow.id == newest.c.id)
    query = query.where(~known, ObservationRow.at >= since).order_by(newest.c.id.desc()).limit(limit)
    found = list((await session.execute(query)).scalars())
    held = await observations.of_ids(session, found)
    return [held[key] for key in found]


async def put(session: AsyncSession, space: str, hearings: Sequence[Hearing]) -> None:
    """Store what was heard in a space, in place of what was heard of the same texts before."""
    turns = [one.turn_id for one in hearings if one.turn_id]
    outside = [one.observation_id for one in hearings if one.observation_id]
    await session.execute(
        delete(HeardRow).where(or_(HeardRow.turn_id.in_(turns), HeardRow.observation_id.in_(outside)))
    )
    # What was erased meanwhile was never heard.
    there = set((await session.execute(select(TurnRow.id).where(TurnRow.id.in_(turns)))).scalars())
    there |= set((await session.execute(select(ObservationRow.id).where(ObservationRow.id.in_(outside)))).scalars())
    rows = [_row(one, space) for one in hearings if (one.turn_id or one.observation_id) in there]
    if not rows:
        return
    with suppress(IntegrityError):
        # Another process heard the same, or it was erased, in this very moment: the next look tells.
        async with session.begin_nested():
            await session.execute(insert(HeardRow), rows)


async def texts(session: AsyncSession, space: str, since: datetime) -> list[Text]:
    """All that was heard in a space since a moment, without vectors, in the order in which it was heard."""
    query = select(*_COLUMNS).where(HeardRow.space == space, HeardRow.at >= since).order_by(HeardRow.id)
    return [Text(*row) for row in await session.execute(query)]


async def vectors(session: AsyncSession, ids: Sequence[UUID], dimension: int) -> dict[UUID, NDArray[np.float16]]:
    """The vectors of these texts. Shape: (d,) each."""
    found: dict[UUID, NDArray[np.float16]] = {}
    for at in range(0, len(ids), IDS_A_QUERY):
        some = ids[at : at + IDS_A_QUERY]
        query = select(HeardRow.id, HeardRow.vector).where(HeardRow.id.in_(some))
        for key, stored in await session.execute(query):
            vector = np.frombuffer(stored, "<f2")
            if len(vector) == dimension:
                found[key] = vector
    return found


async def named(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Text]:
    """These texts as they were heard, those left out that were erased."""
    query = select(*_COLUMNS).where(HeardRow.id.in_(ids))
    return {row[0]: Text(*row) for row in await session.execute(query)}


async def prune(session: AsyncSession, before: datetime) -> None:
    """Forget what was said before a moment, and all beyond the newest."""
    oldest = (
        select(BotMessageRow.turn_id).order_by(BotMessageRow.turn_id.desc()).offset(2 * MOST_MESSAGES).limit(1)
    ).scalar_subquery()
    outside = select(ObservationRow.id).order_by(ObservationRow.id.desc()).offset(2 * MOST_OBSERVATIONS).limit(1)
    over = (HeardRow.at < before, HeardRow.turn_id < oldest, HeardRow.observation_id < outside.scalar_subquery())
    await session.execute(delete(HeardRow).where(or_(*over)).execution_options(synchronize_session=False))


def _row(one: Hearing, space: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "turn_id": one.turn_id,
        "observation_id": one.observation_id,
        "person": one.person,
        "stream": one.stream,
        "language": one.language,
        "at": one.at,
        "mood": one.mood,
        "unanswered": one.unanswered,
        "space": space,
        "vector": one.vector.astype("<f2").tobytes(),
    }
