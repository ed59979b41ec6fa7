"""The lists of a desk: who waits for a person, whom an agent holds, and what each of them said last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import conversations, messages
from knowledge_base.conversations import Conversation, Mode
from knowledge_base.messages import Message
from knowledge_base.tables import ConversationRow, EventRow, TurnRow
from weaver_core.dialogue import Role

MOST = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation in a desk's list.

    `since` is when it came into its mode, `last` the customer's last message, and `unanswered` how many of theirs no
    person has answered.
    """

    conversation: Conversation
    since: datetime
    last: Message | None
    unanswered: int


async def waiting(session: AsyncSession, limit: int = MOST) -> list[Line]:
    """The conversations that wait for a person, the one that waits longest first."""
    return await _lines(session, ConversationRow.mode == Mode.WAITING.value, limit)


async def held_by(session: AsyncSession, agent: str, limit: int = MOST) -> list[Line]:
    """The conversations that an agent has taken, those with unanswered messages first, then the newest."""
    theirs = and_(ConversationRow.mode == Mode.AGENT.value, ConversationRow.agent == agent)
    lines = await _lines(session, theirs, limit)
    return sorted(lines, key=lambda line: (not line.unanswered, -line.conversation.updated_at.timestamp()))


async def _lines(session: AsyncSession, which: ColumnElement[bool], limit: int) -> list[Line]:
    changed = func.max(EventRow.at).label("since")
    # Who writes while waiting must not lose their place: the log says since when they wait.
    came = (
        select(ConversationRow.dialogue_id, changed)
        .outerjoin(
            EventRow, and_(EventRow.dialogue_id == ConversationRow.dialogue_id, EventRow.mode == ConversationRow.mode)
        )
        .where(which)
        .group_by(ConversationRow.dialogue_id)
        .order_by(changed, ConversationRow.dialogue_id)
        .limit(limit)
        .subquery()
    )
    query = (
        select(*conversations.COLUMNS, came.c.since)
        .select_from(conversations.LIVE.join(came, came.c.dialogue_id == ConversationRow.dialogue_id))
        .order_by(came.c.since, ConversationRow.dialogue_id)
    )
    rows = (await session.execute(query)).all()
    said = await _said(session, [row.id for row in rows])
    return [
        Line(conversations.to_conversation(row), row.since or row.updated_at, *said.get(row.id, (None, 0)))
        for row in rows
    ]


async def _said(session: AsyncSession, dialogue_ids: Sequence[UUID]) -> dict[UUID, tuple[Message, int]]:
    """What each conversation's customer said last, and how many of their messages came after an agent's last."""
    answered = (
        select(TurnRow.dialogue_id, func.max(TurnRow.ordinal).label("at"))
        .where(TurnRow.dialogue_id.in_(dialogue_ids), TurnRow.role == Role.AGENT.value)
        .group_by(TurnRow.dialogue_id)
        .subquery()
    )
    later = func.count().filter(TurnRow.ordinal > func.coalesce(answered.c.at, 0))
    query = (
        select(TurnRow.dialogue_id, func.max(TurnRow.ordinal), later)
        .outerjoin(answered, answered.c.dialogue_id == TurnRow.dialogue_id)
        .where(TurnRow.dialogue_id.in_(dialogue_ids), TurnRow.role == Role.CUSTOMER.value)
        .group_by(TurnRow.dialogue_id)
    )
    counted = {dialogue_id: (ordinal, unanswered) for dialogue_id, ordinal, unanswered in await session.execute(query)}
    last = await messages.at_each(session, {one: ordinal for one, (ordinal, _) in counted.items()})
    return {dialogue_id: (last[dialogue_id], counted[dialogue_id][1]) for dialogue_id in last}
