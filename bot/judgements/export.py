"""The queue taken out of it: judgements as lines of JSON, or as a table that no spreadsheet runs."""

import csv
import io
import json
import unicodedata
from collections.abc import AsyncIterator
from typing import Any

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
# What a spreadsheet takes for a formula when a cell begins with it (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


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
        yield json.dumps(values_of(item), ensure_ascii=False) + "\n"


async def table(database: Database, filters: Filters) -> AsyncIterator[str]:
    """CSV with a header, a row for each judgement that the filters leave, oldest first; cells are never formulae."""
    yield "\ufeff" + _row(COLUMNS)
    async for item in _every(database, filters):
        yield _row(values_of(item).values())


def defused(value: object) -> object:
    """A cell that a spreadsheet shows as it is, whatever a customer wrote."""
    return f"'{value}" if isinstance(value, str) and _begin(value).startswith(FORMULA) else value


def _begin(value: str) -> str:
    # Full-width signs are formulae to spreadsheets as well.
    return unicodedata.normalize("NFKC", value.lstrip(" ")[:1])


async def _every(database: Database, filters: Filters) -> AsyncIterator[Item]:
    after = None
    while True:
        async with database.reading() as session:
            found = await queue.page(session, filters, after, ITEMS_AT_ONCE)
        for item in found:
            yield item
        if len(found) < ITEMS_AT_ONCE:
            return
        after = found[-1].feedback.id


def _row(cells: Any) -> str:  # noqa: ANN401 - whatever a table holds
    line = io.StringIO()
    csv.writer(line).writerow([defused(cell) for cell in cells])
    return line.getvalue()
