"""The queue taken out of it: judgements as lines of JSON, or as a table that no spreadsheet runs."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot import taking_out
from knowledge_base.database import Database
from knowledge_base.reviews import queue
from knowledge_base.reviews.filters import Filters
from knowledge_base.reviews.queue import Item

ITEMS_AT_ONCE = 500
COLUMNS = (
    "id",
    "cluster",
    "state",
    "question",
    "answer_id",
    "answer",
    "decision",
    "confidence",
    "vote",
    "reason",
    "comment",
    "rater",
    "suggested",
    "resolution",
    "resolved_by",
    "model",
    "language",
    "channel",
    "collection",
    "created_at",
)


def values_of(item: Item) -> dict[str, Any]:
    """A judgement as an export tells it, by column."""
    held = item.feedback
    told: tuple[Any, ...] = (
        str(held.id),
        str(item.cluster_id),
        item.state.value,
        item.question,
        item.answer_id,
        item.answer_text,
        item.decision,
        round(item.confidence, 4),
        held.rating,
        held.reason,
        held.comment,
        held.rater_role,
        held.suggested_text,
        held.resolution,
        held.resolved_by,
        item.model,
        item.language,
        item.channel,
        item.collection,
        held.created_at.isoformat(),
    )
    return dict(zip(COLUMNS, told, strict=True))


async def jsonl(database: Database, filters: Filters) -> AsyncIterator[str]:
    """A line of JSON for each judgement that the filters leave, oldest first."""
    async for item in _every(database, filters):
        yield taking_out.line(values_of(item))


async def table(database: Database, filters: Filters) -> AsyncIterator[str]:
    """CSV with a header, a row for each judgement that the filters leave, oldest first; cells are never formulae."""
    yield taking_out.MARK + taking_out.row(COLUMNS)
    async for item in _every(database, filters):
        yield taking_out.row(values_of(item).values())


def _every(database: Database, filters: Filters) -> AsyncIterator[Item]:
    page = partial(_page, filters)
    return taking_out.every(database, page, lambda item: item.feedback.id, ITEMS_AT_ONCE)


async def _page(filters: Filters, session: AsyncSession, after: UUID | None, limit: int) -> list[Item]:
    return await queue.page(session, filters, after, limit)
