"""Bursts of visitors' votes on one answer: set apart as they come, shown, released or discarded by a reviewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answers, audit, feedback, positions
from knowledge_base.answers import Answer
from knowledge_base.errors import BurstNotFoundError
from knowledge_base.feedback import COUNTED, DISCARDED, OPEN, QUARANTINED, UP, VISITOR, Feedback
from knowledge_base.tables import AnswerRow, AuditRow, BotMessageRow, FeedbackRow, TurnRow
from knowledge_base.tables.base import now
from weaver_core.bursts import FEWEST_RATERS, WINDOW_HOURS, Usual, Window, is_burst
from weaver_core.dialogue import PositionKind

WINDOW, PAST = timedelta(hours=WINDOW_HOURS), timedelta(days=28)
WEAVER = "weaver"
QUARANTINE, RELEASE, DISCARD = "quarantine votes", "release votes", "discard votes"


@dataclass(frozen=True, slots=True)
class Burst:
    """Votes on one answer that are set apart: how many of each rating, and when the first and the last came."""

    answer: Answer
    up: int
    down: int
    first: datetime
    last: datetime


async def watch(session: AsyncSession, held: Feedback) -> Feedback:
    """A judgement that was just stored, set apart with the others of its burst if it came in one.

    What their likes had taught is taken out. Later votes of the same burst are set apart as they come.
    """
    if held.answer_id is None or held.rater_role != VISITOR or held.state != OPEN:
        return held
    since = now() - WINDOW
    released, counted_from = await _released(session, held.answer_id, since)
    voted = (FeedbackRow.answer_id == held.answer_id, FeedbackRow.rater_role == VISITOR)
    counting = select(func.count(FeedbackRow.rater.distinct())).where(*voted, FeedbackRow.created_at > counted_from)
    raters = (await session.execute(counting)).scalar_one()
    if raters < FEWEST_RATERS:
        return held
    others, others_raters = await _others(session, held.answer_id, since)
    shown = await _shown(session, held.answer_id, TurnRow.at > since)
    window = Window(raters, shown, released, others, others_raters)
    if not is_burst(window, await _usual(session, held.answer_id, since)):
        return held
    await _set_apart(session, held.answer_id, (*voted, FeedbackRow.created_at > counted_from))
    return await feedback.get(session, held.id)


async def waiting(session: AsyncSession) -> list[Burst]:
    """The bursts that wait for a reviewer, the newest first."""
    ups = func.sum(case((FeedbackRow.rating == UP, 1), else_=0))
    query = (
        select(
            AnswerRow.id,
            ups,
            func.count(),
            func.min(FeedbackRow.created_at),
            func.max(FeedbackRow.created_at),
        )
        .join(AnswerRow, AnswerRow.id == FeedbackRow.answer_id)
        .where(FeedbackRow.state == QUARANTINED)
        .group_by(AnswerRow.id)
        .order_by(func.max(FeedbackRow.created_at).desc())
    )
    rows = (await session.execute(query)).all()
    held = await answers.by_ids(session, [row[0] for row in rows])
    return [Burst(held[row[0]], int(row[1]), int(row[2] - row[1]), row[3], row[4]) for row in rows]


async def votes(session: AsyncSession, answer_id: UUID) -> list[Feedback]:
    """The votes on an answer that are set apart, oldest first."""
    query = select(FeedbackRow).where(*_apart(answer_id)).order_by(FeedbackRow.id)
    return [feedback.to_feedback(row) for row in (await session.execute(query)).scalars()]


async def release(session: AsyncSession, answer_id: UUID, by: str) -> list[Feedback]:
    """Let the votes that are set apart count; what they teach is for the caller to store. Raises BurstNotFoundError."""
    return await _settle(session, answer_id, OPEN, (RELEASE, by))


async def discard(session: AsyncSession, answer_id: UUID, by: str) -> list[Feedback]:
    """Let the votes that are set apart never count. Raises BurstNotFoundError."""
    return await _settle(session, answer_id, DISCARDED, (DISCARD, by))


def _apart(answer_id: UUID) -> Sequence[ColumnElement[bool]]:
    return (FeedbackRow.answer_id == answer_id, FeedbackRow.state == QUARANTINED)


async def _settle(session: AsyncSession, answer_id: UUID, state: str, decided: tuple[str, str]) -> list[Feedback]:
    """Give the votes that are set apart another state. Of two reviewers at once the second finds none."""
    settling = update(FeedbackRow).where(*_apart(answer_id)).values(state=state).returning(FeedbackRow.id)
    settled = list((await session.execute(settling.execution_options(synchronize_session=False))).scalars())
    if not settled:
        raise BurstNotFoundError(answer_id)
    action, by = decided
    await audit.record(session, by, action, str(answer_id), votes=len(settled))
    return [await feedback.get(session, one) for one in settled]


async def _set_apart(session: AsyncSession, answer_id: UUID, burst: Sequence[ColumnElement[bool]]) -> None:
    known = (await session.execute(select(func.count()).where(*_apart(answer_id)))).scalar_one()
    # Of votes that come at once each takes those that no other holds; what is left over joins with the next vote.
    taking = select(FeedbackRow.id).where(*burst, FeedbackRow.state == OPEN).with_for_update(skip_locked=True)
    taken = list((await session.execute(taking)).scalars())
    moving = update(FeedbackRow).where(FeedbackRow.id.in_(taken)).values(state=QUARANTINED)
    await session.execute(moving.execution_options(synchronize_session=False))
    session.expire_all()
    await positions.remove_of_feedback(session, taken, PositionKind.LIKE)
    if not known:
        await audit.record(session, WEAVER, QUARANTINE, str(answer_id))


async def _released(session: AsyncSession, answer_id: UUID, since: datetime) -> tuple[int, datetime]:
    """How many votes of the window a reviewer called ordinary, and from when on votes are counted."""
    query = select(func.max(AuditRow.at)).where(
        AuditRow.at > since, AuditRow.action == RELEASE, AuditRow.subject == str(answer_id)
    )
    at = (await session.execute(query)).scalar_one_or_none()
    if at is None:
        return 0, since
    ordinary = (FeedbackRow.answer_id == answer_id, FeedbackRow.rater_role == VISITOR)
    counting = select(func.count(FeedbackRow.rater.distinct()))
    counted = counting.where(*ordinary, FeedbackRow.created_at > since, FeedbackRow.created_at <= at)
    return (await session.execute(counted)).scalar_one(), at


async def _others(session: AsyncSession, answer_id: UUID, since: datetime) -> tuple[int, float]:
    """On how many other answers visitors voted in the window, and with how many votes each on average."""
    query = select(func.count(FeedbackRow.answer_id.distinct()), func.count()).where(
        FeedbackRow.state.in_(COUNTED),
        FeedbackRow.created_at > since,
        FeedbackRow.rater_role == VISITOR,
        FeedbackRow.answer_id != answer_id,
    )
    count, cast = (await session.execute(query)).one()
    return count, cast / count if count else 0.0


async def _usual(session: AsyncSession, answer_id: UUID, until: datetime) -> Usual:
    answer = await answers.get(session, answer_id)
    begun = max(until - PAST, answer.created_at)
    counting = select(func.count()).where(
        FeedbackRow.answer_id == answer_id,
        FeedbackRow.rater_role == VISITOR,
        FeedbackRow.state.in_(COUNTED),
        FeedbackRow.created_at > begun,
        FeedbackRow.created_at <= until,
    )
    raters = (await session.execute(counting)).scalar_one()
    shown = await _shown(session, answer_id, (TurnRow.at > begun) & (TurnRow.at <= until))
    return Usual(raters, max(0.0, (until - begun) / timedelta(hours=1)), shown)


async def _shown(session: AsyncSession, answer_id: UUID, when: ColumnElement[bool]) -> int:
    """In how many conversations an answer was given."""
    query = (
        select(func.count(TurnRow.dialogue_id.distinct()))
        .join(BotMessageRow, BotMessageRow.turn_id == TurnRow.id)
        .where(BotMessageRow.answer_id == answer_id, when)
    )
    return (await session.execute(query)).scalar_one()
