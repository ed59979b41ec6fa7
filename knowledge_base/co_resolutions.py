"""What helped the same customers: the answers that each of them was given, in their order."""

from collections.abc import AsyncGenerator
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, case, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.feedback import DOWN
from knowledge_base.tables import BotMessageRow, DialogueRow, FeedbackRow, TurnRow


async def histories(session: AsyncSession, since: datetime) -> AsyncGenerator[list[UUID]]:
    """The answers that each customer was given since a moment, oldest first, but for those that somebody voted down.

    A customer is who was identified as one, in whichever conversation; else each conversation is one.
    """
    unhelpful = exists().where(FeedbackRow.turn_id == BotMessageRow.turn_id, FeedbackRow.rating == DOWN)
    stranger = case((DialogueRow.customer.is_(None), DialogueRow.id))
    query = (
        select(DialogueRow.customer, DialogueRow.id, BotMessageRow.answer_id)
        .join(TurnRow, TurnRow.id == BotMessageRow.turn_id)
        .join(DialogueRow, DialogueRow.id == TurnRow.dialogue_id)
        .where(and_(TurnRow.at >= since, BotMessageRow.answer_id.is_not(None), ~unhelpful))
        .order_by(DialogueRow.customer, stranger, TurnRow.id)
    )
    told: list[UUID] = []
    last: str | UUID | None = None
    async for name, dialogue_id, answer_id in await session.stream(query):
        customer = name or dialogue_id
        if customer != last and told:
            yield told
            told = []
        last = customer
        if answer_id is not None:
            told.append(answer_id)
    if told:
        yield told
