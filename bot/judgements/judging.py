"""One judgement: what it teaches at once, and what of it waits for a reviewer."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import ForeignMessageError
from bot.guards.caller import Caller
from bot.judgements import liking
from bot.judgements.correction import RightAnswer, correct
from bot.service import Service
from knowledge_base import answers, bursts, feedback, messages
from knowledge_base.accounts import AccountRole
from knowledge_base.feedback import DOWN, UP, Vote
from knowledge_base.messages import Message


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody thinks of a bot message. `right` is what it should have said."""

    message_id: UUID
    rating: str
    reason: str | None = None
    comment: str | None = None
    right: RightAnswer | None = None


async def judge(service: Service, caller: Caller, opinion: Opinion) -> None:
    """Store a judgement; an agent's or a reviewer's correction is served from the next turn on.

    Raises MessageNotFoundError, ForeignMessageError, AnswerNotFoundError, CorrectionError, FeedbackResolvedError.
    """
    async with service.database.reading(brief=True) as session:
        message = await messages.get(session, opinion.message_id)
    if not caller.may_enter(message.conversation_id):
        raise ForeignMessageError(message.id)
    await _judge(service, caller, opinion, message)
    service.metrics.judgements.labels(opinion.rating, caller.rater_role).inc()


async def _judge(service: Service, caller: Caller, opinion: Opinion, message: Message) -> None:
    if opinion.right is None or not caller.has(AccountRole.AGENT):
        like = await liking.prepare(service, caller, message) if _is_like(opinion, message) else None
        async with service.database.writing(brief=True) as session:
            held = await feedback.record(session, await _vote(session, caller, opinion, message))
            held = await bursts.watch(session, held)
            await liking.store(session, held.id, like if held.state in feedback.COUNTED else None)
        await service.serving.catch_up()
        return
    await correct(service, message.id, opinion.right, caller.name)
    if opinion.reason or opinion.comment:
        rating = UP if opinion.right.is_shown_by(message) else DOWN
        words = Vote(message.id, rating, caller.name, caller.rater_role, opinion.reason, opinion.comment)
        async with service.database.writing(brief=True) as session:
            await feedback.record(session, words)


def _is_like(opinion: Opinion, message: Message) -> bool:
    return opinion.rating == UP if opinion.right is None else opinion.right.is_shown_by(message)


async def _vote(session: AsyncSession, caller: Caller, opinion: Opinion, message: Message) -> Vote:
    """The judgement as it is kept: with a correction it is a vote for the answer shown, or against it."""
    plain = (opinion.reason, opinion.comment)
    if opinion.right is None:
        return Vote(message.id, opinion.rating, caller.name, caller.rater_role, *plain)
    if opinion.right.is_shown_by(message):
        return Vote(message.id, UP, caller.name, caller.rater_role, *plain)
    suggested = None
    if opinion.right.answer_id is not None:
        suggested = (await answers.by_public_id(session, opinion.right.answer_id)).id
    return Vote(message.id, DOWN, caller.name, caller.rater_role, *plain, opinion.right.text, suggested)
