"""A like: what the customer asked becomes a position of the answer shown, as far as the vote can be believed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.guards.caller import Caller
from bot.judgements import passages
from bot.judgements.passages import Passages
from bot.reply import Decision
from bot.service import Service
from bot.turns import judged_turn
from knowledge_base import feedback, positions
from knowledge_base.accounts import AccountRole
from knowledge_base.messages import Message
from weaver_core import trust
from weaver_core.dialogue import PositionKind
from weaver_core.texts.normalization import has_words

# What one rater's likes may write, so that nobody fills an answer's memory alone.
MOST_OF_A_RATER = 20


@dataclass(frozen=True, slots=True)
class Like:
    """What a like will write: the question's passages with their vectors, for the answer that was shown."""

    answer_id: UUID
    written: Passages


async def prepare(service: Service, caller: Caller, message: Message) -> Like | None:
    """What this caller's like of a message is to write, None where it writes nothing.

    An agent's or a reviewer's counts in full, anybody else's by b = log p' (`weaver_core.trust`), p being how likely
    the answer was right before the vote.
    """
    if message.bot is None or message.bot.decision != Decision.ANSWER or message.answer is None:
        return None
    if not message.answer.servable_at(datetime.now(UTC)):
        return None
    believed = 0.0 if caller.has(AccountRole.AGENT) else await _log_trust(service, caller, message.bot.confidence)
    judged = (
        None
        if believed is None
        else await judged_turn.read(service.database, service.settings.company_contacts, message.id)
    )
    if judged is None or believed is None or not has_words(judged.question):
        return None
    drafts = passages.likes_of(judged.question, judged.turn_id, believed)
    return Like(message.answer.id, await passages.encode(service.serving, drafts))


async def store(session: AsyncSession, feedback_id: UUID, like: Like | None) -> None:
    """Store what a judgement's like writes, in place of what it wrote before."""
    await positions.remove_of_feedback(session, [feedback_id], PositionKind.LIKE)
    if like is not None:
        await passages.store(session, like.answer_id, like.written.of_judgement(feedback_id))


async def _log_trust(service: Service, caller: Caller, probability: float) -> float | None:
    async with service.database.reading() as session:
        if await feedback.count_likes(session, caller.name) >= MOST_OF_A_RATER:
            return None
        votes = await feedback.latest_votes(session, caller.rater_role, trust.SURE)
    noise = trust.noise(votes.probabilities, votes.down)
    return trust.log_trust(probability, noise)
