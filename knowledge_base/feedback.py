"""Feedback: judgements of (turn, answer) pairs, and what a reviewer made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import messages
from knowledge_base.errors import FeedbackNotFoundError, FeedbackResolvedError
from knowledge_base.identifiers import new_id
from knowledge_base.messages import Message
from knowledge_base.tables import BotMessageRow, FeedbackRow, PositionRow
from knowledge_base.tables.base import now
from weaver_core.dialogue import PositionKind

OPEN, RESOLVED = "open", "resolved"
# Votes of a burst, while they wait for a reviewer and once one has set them aside (`bursts`): they count for nothing.
QUARANTINED, DISCARDED = "quarantined", "discarded"
COUNTED = (OPEN, RESOLVED)
# What a reviewer decided: another answer was right, the shown one was, or there is nothing to learn.
CORRECTED, UPHELD, DISMISSED = "corrected", "upheld", "dismissed"
# The role of a rater who has nothing but a conversation's token.
VISITOR = "visitor"
# What a vote says of an answer.
UP, DOWN = "up", "down"
# The role of a rater who only went on talking (`bot.turns.hearing`).
HEARD = "turn"
# The role under which an agent's own answer after a hand-off is kept (`bot.desk.own_answers`).
ANSWERED = "handoff"
# How many of the last votes tell how wrong votes are.
VOTES_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Vote:
    """A judgement to be stored. `rater` names who judges; one rater has one judgement of a message."""

    message_id: UUID
    rating: str
    rater: str
    rater_role: str
    reason: str | None = None
    comment: str | None = None
    suggested_text: str | None = None
    suggested_answer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """A stored judgement."""

    id: UUID
    message_id: UUID
    conversation_id: UUID
    answer_id: UUID | None
    rating: str
    reason: str | None
    comment: str | None
    rater: str
    rater_role: str
    suggested_text: str | None
    suggested_answer_id: UUID | None
    state: str
    resolution: str | None
    resolved_answer_id: UUID | None
    resolved_by: str | None
    created_at: datetime
    decision_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a reviewer decided: `corrected` with the right answer, `upheld` the shown one, or `dismissed`.

    `decision_id` is the decision on a whole cluster that it is part of.
    """

    kind: str
    reviewer: str
    answer_id: UUID | None = None
    decision_id: UUID | None = None


def given() -> tuple[ColumnElement[bool], ...]:
    """That a judgement was given by somebody, and counts: it was not only heard, written instead, or set apart."""
    return (FeedbackRow.rater_role.not_in((HEARD, ANSWERED)), FeedbackRow.state.in_(COUNTED))


async def record(session: AsyncSession, vote: Vote) -> Feedback:
    """Store a judgement of a bot message; a rater who judges again changes their mind.

    Raises MessageNotFoundError when there is no such message of the bot.
    """
    judged = await messages.get_of_bot(session, vote.message_id)
    query = select(FeedbackRow).where(FeedbackRow.turn_id == judged.id, FeedbackRow.rater == vote.rater)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        # Who votes is believed instead of what they seemed to say.
        await _forget_heard(session, judged.id)
        row = FeedbackRow(
            id=new_id(),
            turn_id=judged.id,
            dialogue_id=judged.conversation_id,
            answer_id=judged.bot.answer_id if judged.bot else None,
            rater=vote.rater,
            rater_role=vote.rater_role,
            created_at=now(),
            state=OPEN,
        )
        session.add(row)
    row.rating, row.reason, row.comment = vote.rating, vote.reason, vote.comment
    row.suggested_text, row.suggested_answer_id = vote.suggested_text, vote.suggested_answer_id
    await session.flush()
    return to_feedback(row)


async def get(session: AsyncSession, feedback_id: UUID) -> Feedback:
    """One judgement. Raises FeedbackNotFoundError."""
    row = await session.get(FeedbackRow, feedback_id)
    if row is None:
        raise FeedbackNotFoundError(feedback_id)
    return to_feedback(row)


async def of_rater(session: AsyncSession, message_id: UUID, rater: str) -> Feedback | None:
    """What one rater said of a message, None if nothing."""
    query = select(FeedbackRow).where(FeedbackRow.turn_id == message_id, FeedbackRow.rater == rater)
    row = (await session.execute(query)).scalar_one_or_none()
    return None if row is None else to_feedback(row)


async def queue(
    session: AsyncSession, *, state: str = OPEN, ratings: Sequence[str] = (DOWN,), limit: int = 50
) -> list[Feedback]:
    """The judgements that wait for a reviewer (or were decided), oldest first."""
    query = select(FeedbackRow).where(FeedbackRow.state == state, FeedbackRow.rating.in_(ratings))
    rows = (await session.execute(query.order_by(FeedbackRow.created_at, FeedbackRow.id).limit(limit))).scalars()
    return [to_feedback(row) for row in rows]


async def decided(session: AsyncSession, limit: int = 50) -> list[Feedback]:
    """The judgements that a reviewer has decided on, the last decision first."""
    query = select(FeedbackRow).where(FeedbackRow.state == RESOLVED)
    rows = (await session.execute(query.order_by(FeedbackRow.resolved_at.desc()).limit(limit))).scalars()
    return [to_feedback(row) for row in rows]


async def count(session: AsyncSession) -> dict[str, int]:
    """How many votes there are of each rating, and how many thumbs-down and complaints wait."""
    voted = select(FeedbackRow.rating, func.count()).where(*given())
    rated = dict((await session.execute(voted.group_by(FeedbackRow.rating))).all())
    waiting = select(func.count()).where(FeedbackRow.state == OPEN, FeedbackRow.rating == DOWN)
    return {UP: rated.get(UP, 0), DOWN: rated.get(DOWN, 0), OPEN: (await session.execute(waiting)).scalar_one()}


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """What raters said of answers, and how likely these were right when they were shown, newest first.

    Shapes: probabilities (n,), down (n,).
    """

    ids: tuple[UUID, ...]
    probabilities: NDArray[np.float64]
    down: NDArray[np.bool_]


async def latest_votes(session: AsyncSession, rater_role: str, least: float, limit: int = VOTES_LOOKED_AT) -> Votes:
    """The last votes of a kind of raters on answers that were shown with at least so much confidence."""
    query = (
        select(FeedbackRow.id, BotMessageRow.confidence, FeedbackRow.rating)
        .join(BotMessageRow, BotMessageRow.turn_id == FeedbackRow.turn_id)
        .where(
            FeedbackRow.rater_role == rater_role,
            FeedbackRow.state.in_(COUNTED),
            FeedbackRow.answer_id.is_not(None),
            BotMessageRow.confidence >= least,
        )
        .order_by(FeedbackRow.id.desc())
        .limit(limit)
    )
    found = (await session.execute(query)).all()
    return Votes(
        tuple(row.id for row in found),
        np.array([row.confidence for row in found], np.float64),
        np.array([row.rating == DOWN for row in found], np.bool_),
    )


async def count_likes(session: AsyncSession, rater: str) -> int:
    """How many answers a rater's likes have taught something."""
    theirs = exists().where(PositionRow.feedback_id == FeedbackRow.id, PositionRow.kind == PositionKind.LIKE.value)
    query = select(func.count()).select_from(FeedbackRow).where(FeedbackRow.rater == rater, theirs)
    return (await session.execute(query)).scalar_one()


async def of_conversation(session: AsyncSession, conversation_id: UUID) -> list[Feedback]:
    """The judgements of a conversation's messages, oldest first."""
    query = select(FeedbackRow).where(FeedbackRow.dialogue_id == conversation_id).order_by(FeedbackRow.id)
    return [to_feedback(row) for row in (await session.execute(query)).scalars()]


async def is_judged(session: AsyncSession, message_id: UUID) -> bool:
    """Whether anybody has judged a message."""
    return bool((await session.execute(select(exists().where(FeedbackRow.turn_id == message_id)))).scalar_one())


async def has_own_answer(session: AsyncSession, message_id: UUID) -> bool:
    """Whether an agent's own answer to what a message of the bot left open is kept."""
    kept = exists().where(FeedbackRow.turn_id == message_id, FeedbackRow.rater_role == ANSWERED)
    return bool((await session.execute(select(kept))).scalar_one())


async def resolve(session: AsyncSession, feedback_id: UUID, resolution: Resolution) -> Feedback:
    """Close a judgement, once. Raises FeedbackResolvedError when somebody else was first, FeedbackNotFoundError."""
    closing = (
        update(FeedbackRow)
        .where(FeedbackRow.id == feedback_id, FeedbackRow.state == OPEN)
        .values(
            state=RESOLVED,
            resolution=resolution.kind,
            resolved_by=resolution.reviewer,
            resolved_at=now(),
            resolved_answer_id=resolution.answer_id,
            decision_id=resolution.decision_id,
        )
        .returning(FeedbackRow.id)
    )
    closed = (await session.execute(closing)).scalar_one_or_none()
    held = await get(session, feedback_id)
    if closed is None:
        raise FeedbackResolvedError(held.resolved_by or "Somebody")
    return held


async def reopen(session: AsyncSession, feedback_id: UUID) -> Feedback:
    """Put a judgement back into the queue. Raises FeedbackNotFoundError."""
    decided = ("resolution", "resolved_by", "resolved_at", "resolved_answer_id", "decision_id")
    values = {"state": OPEN, **dict.fromkeys(decided)}
    await session.execute(update(FeedbackRow).where(FeedbackRow.id == feedback_id).values(**values))
    return await get(session, feedback_id)


async def delete_one(session: AsyncSession, feedback_id: UUID) -> None:
    """Forget a judgement, as if it had never been given."""
    gone = delete(FeedbackRow).where(FeedbackRow.id == feedback_id)
    await session.execute(gone.execution_options(synchronize_session=False))


async def withdraw(session: AsyncSession, message_id: UUID, rater: str) -> None:
    """Take back what one rater said of a message, as if they had never judged it."""
    await session.execute(delete(FeedbackRow).where(FeedbackRow.turn_id == message_id, FeedbackRow.rater == rater))


async def question_of(session: AsyncSession, feedback: Feedback) -> Message | None:
    """The customer's message that the judged message replied to, or the part of it that it was an answer of."""
    return await messages.asked_in(session, await messages.get(session, feedback.message_id))


async def _forget_heard(session: AsyncSession, message_id: UUID) -> None:
    heard = (FeedbackRow.turn_id == message_id, FeedbackRow.rater_role == HEARD)
    gone = delete(FeedbackRow).where(*heard, FeedbackRow.state == OPEN)
    await session.execute(gone.execution_options(synchronize_session=False))


def to_feedback(row: FeedbackRow) -> Feedback:
    """The value of a row."""
    return Feedback(
        id=row.id,
        message_id=row.turn_id,
        conversation_id=row.dialogue_id,
        answer_id=row.answer_id,
        rating=row.rating,
        reason=row.reason,
        comment=row.comment,
        rater=row.rater,
        rater_role=row.rater_role,
        suggested_text=row.suggested_text,
        suggested_answer_id=row.suggested_answer_id,
        state=row.state,
        resolution=row.resolution,
        resolved_answer_id=row.resolved_answer_id,
        resolved_by=row.resolved_by,
        created_at=row.created_at,
        decision_id=row.decision_id,
    )
