"""Decisions on clusters of judgements, each with what takes it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.errors import DecisionNotFoundError, DecisionUndoneError
from knowledge_base.feedback import Feedback, to_feedback
from knowledge_base.identifiers import new_id
from knowledge_base.tables import FeedbackRow, ReviewDecisionRow
from knowledge_base.tables.base import now


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that was made. `undo` is plain JSON: ids and numbers, and the company's own words."""

    id: UUID
    kind: str
    actor: str
    at: datetime
    undo: dict[str, Any]
    undone_by: str | None


def new_decision_id() -> UUID:
    """The id of a decision that is about to be made."""
    return new_id()


async def record(session: AsyncSession, decision_id: UUID, kind: str, actor: str, undo: dict[str, Any]) -> Decision:
    """Keep a decision, in the transaction that carries it out."""
    row = ReviewDecisionRow(id=decision_id, kind=kind, actor=actor, at=now(), undo=undo)
    session.add(row)
    await session.flush()
    return _to_decision(row)


async def get(session: AsyncSession, decision_id: UUID) -> Decision:
    """One decision. Raises DecisionNotFoundError."""
    row = await session.get(ReviewDecisionRow, decision_id)
    if row is None:
        raise DecisionNotFoundError(decision_id)
    return _to_decision(row)


async def close(session: AsyncSession, decision_id: UUID, by: str) -> None:
    """Mark a decision as taken back, once. Raises DecisionNotFoundError, DecisionUndoneError."""
    row = await session.get(ReviewDecisionRow, decision_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise DecisionNotFoundError(decision_id)
    if row.undone_at is not None:
        raise DecisionUndoneError(row.undone_by)
    row.undone_by, row.undone_at = by, now()
    await session.flush()


async def decided_by(session: AsyncSession, decision_id: UUID) -> list[Feedback]:
    """The judgements that a decision closed and that are still closed by it, oldest first."""
    query = select(FeedbackRow).where(FeedbackRow.decision_id == decision_id).order_by(FeedbackRow.id)
    return [to_feedback(row) for row in (await session.execute(query)).scalars()]


def _to_decision(row: ReviewDecisionRow) -> Decision:
    return Decision(row.id, row.kind, row.actor, row.at, row.undo, row.undone_by)
