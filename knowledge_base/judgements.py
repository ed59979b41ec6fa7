"""What an update of the model learns from: judged positions, other votes, how many judgements are new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import changes
from knowledge_base.changes import ChangeKind
from knowledge_base.feedback import HEARD, OPEN, UP, given
from knowledge_base.tables import AnswerRow, BotMessageRow, FeedbackRow, PositionRow, UpdateRunRow
from knowledge_base.update_runs import DONE, UPDATE
from weaver_core.dialogue import PositionKind

POSITIONS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgement that wrote a position, and the answer that it is about.

    `propensity` is how likely that was shown, 1 if unknown.
    """

    feedback_id: UUID
    answer_id: UUID | None
    rater_role: str
    propensity: float = 1.0


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A vote that wrote no position: a thumb down, a like that was not believed, a suggestion that was picked."""

    feedback_id: UUID
    message_id: UUID
    answer_id: UUID
    up: bool
    rater_role: str
    propensity: float = 1.0


async def of_positions(session: AsyncSession) -> dict[UUID, Judged]:
    """The judgements behind positions that votes and corrections wrote, by position."""
    kinds = (PositionKind.LIKE.value, PositionKind.CORRECTION.value)
    query = (
        select(PositionRow.id, FeedbackRow.id, FeedbackRow.answer_id, FeedbackRow.rater_role, BotMessageRow.propensity)
        .join(FeedbackRow, FeedbackRow.id == PositionRow.feedback_id)
        .outerjoin(BotMessageRow, BotMessageRow.turn_id == FeedbackRow.turn_id)
        .where(PositionRow.kind.in_(kinds))
    )
    rows = (await session.execute(query)).all()
    return {
        position: Judged(feedback, answer, role, propensity or 1.0)
        for position, feedback, answer, role, propensity in rows
    }


async def unwritten(session: AsyncSession, rater_roles: Sequence[str], limit: int) -> list[Unwritten]:
    """The newest votes of these raters that nobody has decided on and that wrote no position.

    A suggestion that was picked counts as a like of it, with the propensity of standing where it stood.
    """
    wrote = exists().where(PositionRow.feedback_id == FeedbackRow.id)
    picked = and_(
        FeedbackRow.rater_role == HEARD, FeedbackRow.rating == UP, FeedbackRow.suggested_answer_id.is_not(None)
    )
    about = func.coalesce(FeedbackRow.answer_id, FeedbackRow.suggested_answer_id)
    query = (
        select(FeedbackRow, about, BotMessageRow.propensity, BotMessageRow.suggestions, AnswerRow.external_id)
        .outerjoin(BotMessageRow, BotMessageRow.turn_id == FeedbackRow.turn_id)
        .outerjoin(AnswerRow, AnswerRow.id == FeedbackRow.suggested_answer_id)
        .where(
            FeedbackRow.rater_role.in_(rater_roles),
            or_(FeedbackRow.answer_id.is_not(None), picked),
            FeedbackRow.state == OPEN,
            ~wrote,
        )
        .order_by(FeedbackRow.id.desc())
        .limit(limit)
    )
    found: list[Unwritten] = []
    for row, answer_id, shown_with, suggestions, external_id in (await session.execute(query)).all():
        propensity = shown_with
        if row.answer_id is None:
            names = (external_id, str(answer_id))
            propensity = next((one["propensity"] for one in suggestions or () if one["answer_id"] in names), shown_with)
        found.append(Unwritten(row.id, row.turn_id, answer_id, row.rating == UP, row.rater_role, propensity or 1.0))
    return found


async def answers_given(session: AsyncSession, feedback_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many answers were read mostly from what each of these judgements wrote."""
    query = (
        select(BotMessageRow.taught_by, func.count())
        .where(BotMessageRow.taught_by.in_(list(feedback_ids)))
        .group_by(BotMessageRow.taught_by)
    )
    found = dict.fromkeys(feedback_ids, 0)
    return found | {key: count for key, count in await session.execute(query) if key is not None}


async def count_since(session: AsyncSession, moment: datetime | None) -> int:
    """How many judgements people gave after a moment; all of them without one.

    What was only heard is none, nor what an agent answered after a hand-off, nor a vote that is quarantined.
    """
    query = select(func.count()).select_from(FeedbackRow).where(*given())
    if moment is not None:
        query = query.where(FeedbackRow.created_at > moment)
    return (await session.execute(query)).scalar_one()


async def last_learned(session: AsyncSession) -> datetime | None:
    """When the newest update began that ran to its end: judgements since then are new. None before the first."""
    query = select(func.max(UpdateRunRow.started_at)).where(UpdateRunRow.kind == UPDATE, UpdateRunRow.state == DONE)
    return (await session.execute(query)).scalar_one_or_none()


async def count_gates(session: AsyncSession) -> int:
    """How many updates went through the gate."""
    query = (
        select(func.count())
        .select_from(UpdateRunRow)
        .where(UpdateRunRow.kind == UPDATE, UpdateRunRow.state == DONE, UpdateRunRow.model_version_id.is_not(None))
    )
    return (await session.execute(query)).scalar_one()


async def trusts(session: AsyncSession, position_ids: Sequence[UUID]) -> dict[UUID, float]:
    """The b = log trust of these positions, as far as they are still there."""
    found: dict[UUID, float] = {}
    for start in range(0, len(position_ids), POSITIONS_A_QUERY):
        some = position_ids[start : start + POSITIONS_A_QUERY]
        query = select(PositionRow.id, PositionRow.trust).where(PositionRow.id.in_(some))
        found |= {row.id: row.trust for row in await session.execute(query)}
    return found


async def trust_again(session: AsyncSession, trusts: Mapping[UUID, float]) -> int:
    """Give positions another b = log trust. Returns how many there still are."""
    found: set[UUID] = set()
    ids = list(trusts)
    for start in range(0, len(ids), POSITIONS_A_QUERY):
        some = ids[start : start + POSITIONS_A_QUERY]
        query = select(PositionRow.id, PositionRow.answer_id).where(PositionRow.id.in_(some))
        owners = {row.id: row.answer_id for row in await session.execute(query)}
        if owners:
            rows = [{"id": position, "trust": trusts[position]} for position in owners]
            await session.execute(update(PositionRow), rows)
            await changes.record(session, ChangeKind.ANSWER, list(owners.values()))
        found.update(owners)
    return len(found)
