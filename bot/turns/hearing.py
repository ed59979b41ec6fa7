"""What a customer's next turn says about what the bot said before it, kept as a weak judgement."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.turns import offers
from knowledge_base import answers, feedback, messages
from knowledge_base.database import Database
from knowledge_base.feedback import DOWN, HEARD, UP, Vote
from knowledge_base.ingestion import aftermath
from knowledge_base.messages import PICKED, Message

THANKS, COMPLAINT = "thanks", "complaint"
ABANDONED = "abandoned"


async def hear(database: Database, before: Message, message: Message, reply: Message | None) -> None:
    """Keep what a customer's message says of what was said right `before` it, if that was the bot.

    Of an answer: thanks, or a complaint. Of suggestions: that one was picked, by its title or by going on with what it
    answers (the bot's `reply` tells), or that they were left for something else. None of it is a vote: nothing is
    taught by it at once, and whoever votes is believed instead.
    """
    if before.bot is None:
        return
    helped = aftermath.helped(message.text)
    picked = None
    if before.answer is not None:
        heard = None if helped is None else (UP, THANKS) if helped else (DOWN, COMPLAINT)
    elif before.bot.suggestions and reply is not None:
        picked = _picked(before, message, reply)
        heard = (UP, PICKED) if picked else None if helped else (DOWN, ABANDONED)
    else:
        heard = None
    if heard is not None:
        async with database.writing(brief=True) as session:
            await _keep(session, before, *heard, picked)


async def hear_leaving(session: AsyncSession, conversation_id: UUID, seq: int) -> None:
    """A customer who asks for a person right after suggestions leaves them: keep that."""
    before = await messages.said_before(session, conversation_id, seq)
    if before is not None and before.bot is not None and before.bot.suggestions:
        await _keep(session, before, DOWN, ABANDONED)


def _picked(before: Message, message: Message, reply: Message) -> str | None:
    """The answer_id of the suggestion that a customer went on with."""
    offered = before.bot.suggestions if before.bot else []
    if reply.answer and reply.answer.answer_id in {one["answer_id"] for one in offered}:
        return reply.answer.answer_id
    return offers.named(offered, message.text)


async def _keep(session: AsyncSession, said: Message, rating: str, reason: str, picked: str | None = None) -> None:
    if await feedback.is_judged(session, said.id):
        return
    found = await answers.by_public_ids(session, [picked] if picked else [])
    suggested = found[picked].id if picked in found else None
    rater = f"{HEARD}:{said.conversation_id}"
    await feedback.record(session, Vote(said.id, rating, rater, HEARD, reason, suggested_answer_id=suggested))
