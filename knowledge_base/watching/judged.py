"""What was judged over time: votes by the hour, and how often answers were right, by how sure the bot was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, FunctionElement, String, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from knowledge_base.feedback import CORRECTED, DISMISSED, DOWN, UP, UPHELD, given
from knowledge_base.tables import BotMessageRow, FeedbackRow

ANSWER = "answer"
# Judged answers are put together by how sure the bot was, in so many steps of equal width.
STEPS = 10


@dataclass(frozen=True, slots=True)
class Votes:
    """Judgements of some time: up and down; of answers that were judged so many were right, and so many wrong."""

    up: int = 0
    down: int = 0
    right: int = 0
    wrong: int = 0

    @property
    def precision(self) -> float | None:
        """The share of judged answers that were right, None without any."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    def __add__(self, other: "Votes") -> "Votes":
        """Both together."""
        return Votes(self.up + other.up, self.down + other.down, self.right + other.right, self.wrong + other.wrong)


@dataclass(frozen=True, slots=True)
class Step:
    """Judged answers of about one confidence: how many, the mean confidence, the share of them that was right."""

    answers: int
    confidence: float
    right: float


class hour_name(FunctionElement[str]):  # noqa: N801 - it is written as a function of SQL is
    """The hour of a moment in UTC as text: `2026-01-31 23`."""

    type = String()
    inherit_cache = True


@compiles(hour_name, "sqlite")
def _in_sqlite(element: hour_name, compiler: SQLCompiler, **known: Any) -> str:  # noqa: ANN401 - as SQLAlchemy calls it
    return f"substr({compiler.process(element.clauses, **known)}, 1, 13)"


@compiles(hour_name, "postgresql")
def _in_postgresql(element: hour_name, compiler: SQLCompiler, **known: Any) -> str:  # noqa: ANN401 - the same
    return f"to_char(timezone('UTC', {compiler.process(element.clauses, **known)}), 'YYYY-MM-DD HH24')"


async def by_hour(session: AsyncSession, since: datetime, until: datetime) -> dict[datetime, Votes]:
    """What was judged in each hour from one moment to before another."""
    hour = hour_name(FeedbackRow.created_at)
    right, wrong = _verdicts()
    sums = (_sum(FeedbackRow.rating == UP), _sum(FeedbackRow.rating == DOWN), _sum(right), _sum(wrong))
    query = (
        select(hour, *sums)
        .select_from(FeedbackRow)
        .join(BotMessageRow, BotMessageRow.turn_id == FeedbackRow.turn_id)
        .where(FeedbackRow.created_at >= since, FeedbackRow.created_at < until, *given())
        .group_by(hour)
    )
    return {_moment(name): Votes(*counts) for name, *counts in await session.execute(query)}


async def reliability(session: AsyncSession, since: datetime) -> list[Step]:
    """How often judged answers since a moment were right, by how sure the bot was, the least sure first."""
    right, wrong = _verdicts()
    ladder = [(BotMessageRow.confidence < step / STEPS, step - 1) for step in range(1, STEPS)]
    step = case(*ladder, else_=STEPS - 1)
    query = (
        select(step, func.count(), func.avg(BotMessageRow.confidence), _sum(right))
        .select_from(FeedbackRow)
        .join(BotMessageRow, BotMessageRow.turn_id == FeedbackRow.turn_id)
        .where(FeedbackRow.created_at >= since, or_(right, wrong), *given())
        .group_by(step)
        .order_by(step)
    )
    rows = await session.execute(query)
    return [Step(count, float(confidence), int(good) / count) for _, count, confidence, good in rows]


def summed(votes: Iterable[Votes]) -> Votes:
    """All of them together."""
    total = Votes()
    for some in votes:
        total += some
    return total


def _verdicts() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That an answer was right, and that it was wrong: as a reviewer decided, else as it was voted."""
    answered = BotMessageRow.decision == ANSWER
    decided = FeedbackRow.resolution
    voted = or_(decided.is_(None), decided.not_in((CORRECTED, UPHELD, DISMISSED)))
    right = or_(decided == UPHELD, and_(voted, FeedbackRow.rating == UP))
    wrong = or_(decided == CORRECTED, and_(voted, FeedbackRow.rating == DOWN))
    return and_(answered, right), and_(answered, wrong)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _moment(name: str) -> datetime:
    return datetime.fromisoformat(f"{name}:00").replace(tzinfo=UTC)
