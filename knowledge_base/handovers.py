"""What the bot last said before a person took the conversation: the question that it left to them."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import messages
from knowledge_base.conversations import Mode
from knowledge_base.messages import Message
from knowledge_base.tables import BotMessageRow, EventRow, TurnRow
from weaver_core.decision import Decision
from weaver_core.dialogue import Role


async def left_to_a_person(session: AsyncSession, conversation_id: UUID) -> Message | None:
    """The bot's message that a person answers who has taken the conversation, None while nobody has.

    Of all that the bot said since a person last spoke, before this one took the conversation: the last hand-off; where
    the customer asked for a person, what the bot said last.
    """
    taken = select(func.max(EventRow.seq)).where(
        EventRow.dialogue_id == conversation_id, EventRow.mode == Mode.AGENT.value
    )
    seq = (await session.execute(taken)).scalar_one_or_none()
    if seq is None:
        return None
    spoke = select(func.coalesce(func.max(TurnRow.ordinal), 0)).where(
        TurnRow.dialogue_id == conversation_id, TurnRow.role == Role.AGENT.value, TurnRow.ordinal < seq
    )
    handed_off = BotMessageRow.decision == Decision.HANDOFF.value
    said = (
        select(TurnRow.id)
        .join(BotMessageRow, BotMessageRow.turn_id == TurnRow.id)
        .where(
            TurnRow.dialogue_id == conversation_id,
            TurnRow.ordinal < seq,
            TurnRow.ordinal > spoke.scalar_subquery(),
        )
        .order_by(handed_off.desc(), TurnRow.ordinal.desc())
        .limit(1)
    )
    turn_id = (await session.execute(said)).scalar_one_or_none()
    return None if turn_id is None else await messages.get(session, turn_id)
