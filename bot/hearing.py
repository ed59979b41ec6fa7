"""What a customer's next turn says about the answer before it, kept as a weak judgement."""

from knowledge_base import conversations, feedback
from knowledge_base.conversations import Message
from knowledge_base.database import Database
from knowledge_base.feedback import HEARD, Vote
from knowledge_base.ingestion import aftermath

THANKS, COMPLAINT = "thanks", "complaint"


async def hear(database: Database, message: Message) -> None:
    """Keep what a customer's message says of the answer that the bot gave right before it, if it says anything.

    It is no vote: nothing is taught by it at once, and whoever votes is believed instead.
    """
    helped = aftermath.helped(message.text)
    if helped is None:
        return
    async with database.reading() as session:
        answer = await conversations.answer_before(session, message.conversation_id, message.seq)
    if answer is None:
        return
    rating, reason = ("up", THANKS) if helped else ("down", COMPLAINT)
    async with database.writing() as session:
        if not await feedback.is_judged(session, answer.id):
            rater = f"{HEARD}:{message.conversation_id}"
            await feedback.record(session, Vote(answer.id, rating, rater, HEARD, reason))
