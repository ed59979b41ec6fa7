"""Conversations that ended with something that the bot had offered."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge_base import messages
from knowledge_base.messages import Message
from knowledge_base.tables import BotMessageRow, FeedbackRow, TurnRow
from weaver_core.decision import Decision


async def at_suggestions(session: AsyncSession, since: datetime, before: datetime) -> list[Message]:
    """The bot's suggestions of a span of time after which nobody said anything, and that nobody judged."""
    later = aliased(TurnRow)
    went_on = exists().where(later.dialogue_id == TurnRow.dialogue_id, later.ordinal > TurnRow.ordinal)
    judged = exists().where(FeedbackRow.turn_id == TurnRow.id)
    query = (
        select(TurnRow.id)
        .join(BotMessageRow, BotMessageRow.turn_id == TurnRow.id)
        .where(TurnRow.at >= since, TurnRow.at < before, BotMessageRow.decision == Decision.CLARIFY.value)
        .where(~went_on, ~judged)
        .order_by(TurnRow.id)
    )
    return [await messages.get(session, turn_id) for turn_id in (await session.execute(query)).scalars()]
