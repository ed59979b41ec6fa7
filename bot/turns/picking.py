"""A customer who clicks a suggestion or a related answer gets it, whatever else the memory would find for its title."""

from bot.reply import Candidate, Decision, Reply
from bot.serving.retriever import SAME_QUESTION_CONFIDENCE
from bot.turns import offers
from knowledge_base import answers
from knowledge_base.database import Database
from knowledge_base.messages import PICKED, Message
from knowledge_base.tables.base import now


async def picked(database: Database, message: Message, before: Message | None) -> Reply | None:
    """The answer whose title a message is, when the message right `before` it offered it; None when it did not.

    An answer that was withdrawn or has run out since then is not given.
    """
    offered = [*before.bot.suggestions, *before.bot.related] if before is not None and before.bot is not None else []
    chosen = offers.named(offered, message.text)
    if before is None or before.bot is None or chosen is None:
        return None
    async with database.reading(brief=True) as session:
        answer = (await answers.by_public_ids(session, [chosen])).get(chosen)
    if answer is None or not answer.servable_at(now()):
        return None
    scores = {one["answer_id"]: one["score"] for one in before.bot.candidates}
    candidate = Candidate(answer, scores.get(chosen, 0.0), SAME_QUESTION_CONFIDENCE, ())
    return Reply(
        Decision.ANSWER,
        SAME_QUESTION_CONFIDENCE,
        (candidate,),
        answer.language,
        "",
        before.bot.model_version_id,
        PICKED,
    )
