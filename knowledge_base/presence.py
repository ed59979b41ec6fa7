"""Presence: which agents are at the desk, by signs of life that soon count no more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.errors import DialogueNotFoundError
from knowledge_base.tables import ConversationRow, PresenceRow
from knowledge_base.tables.base import now

# A desk gives a sign every twenty seconds; a browser may throttle a hidden page to one a minute.
SECONDS = 75
LASTS = timedelta(seconds=SECONDS)


@dataclass(frozen=True, slots=True)
class Present:
    """An agent who is at the desk, and the conversation that is open there."""

    agent: str
    conversation_id: UUID | None
    seen_at: datetime


async def note(session: AsyncSession, agent: str, conversation_id: UUID | None = None) -> Present:
    """An agent's sign of life. Raises DialogueNotFoundError."""
    known = select(exists().where(ConversationRow.dialogue_id == conversation_id))
    if conversation_id is not None and not (await session.execute(known)).scalar_one():
        raise DialogueNotFoundError(conversation_id)
    moment = now()
    signed = {"dialogue_id": conversation_id, "seen_at": moment}
    again = update(PresenceRow).where(PresenceRow.agent == agent).values(**signed).returning(PresenceRow.agent)
    while (await session.execute(again)).scalar_one_or_none() is None:
        try:
            async with session.begin_nested():
                await session.execute(insert(PresenceRow).values(agent=agent, **signed))
                break
        except IntegrityError:
            # Another window of the same agent came in this very moment.
            continue
    return Present(agent, conversation_id, moment)


async def leave(session: AsyncSession, agent: str) -> None:
    """The agent is at the desk no more."""
    await session.execute(delete(PresenceRow).where(PresenceRow.agent == agent))


async def everybody(session: AsyncSession) -> list[Present]:
    """The agents who are at the desk now, by name."""
    query = select(PresenceRow).where(PresenceRow.seen_at > now() - LASTS).order_by(PresenceRow.agent)
    rows = (await session.execute(query)).scalars()
    return [Present(row.agent, row.dialogue_id, row.seen_at) for row in rows]


async def anybody(session: AsyncSession) -> bool:
    """Whether an agent is at the desk now."""
    return bool((await session.execute(select(exists().where(PresenceRow.seen_at > now() - LASTS)))).scalar_one())
