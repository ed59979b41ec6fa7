"""The audit log taken out: lines of JSON, or a table that no spreadsheet runs."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot import taking_out
from knowledge_base import audit
from knowledge_base.audit import Entry, Wanted
from knowledge_base.database import Database

ENTRIES_AT_ONCE = 500
COLUMNS = ("at", "who", "kind", "what", "subject", "before", "after", "more")


def values_of(entry: Entry) -> dict[str, Any]:
    """A change as an export tells it, by column."""
    told = (entry.at.isoformat(), entry.actor, entry.kind.value, entry.action, entry.subject)
    return dict(zip(COLUMNS, (*told, entry.before, entry.after, entry.more), strict=True))


def plain(value: object, word: Callable[[str], str] = str) -> str:
    """Something that was written down, as a person reads it: `role: agent`. `word` says a word in their language."""
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return ", ".join(f"{word(name)}: {plain(held, word)}" for name, held in pairs)
    if isinstance(value, bool):
        return word("yes") if value else word("no")
    if isinstance(value, list):
        return ", ".join(plain(item, word) for item in cast("list[object]", value))
    return "–" if value is None else word(str(value))


async def jsonl(database: Database, wanted: Wanted) -> AsyncIterator[str]:
    """A line of JSON for each change, newest first."""
    async for entry in _every(database, wanted):
        yield taking_out.line(values_of(entry))


async def table(database: Database, wanted: Wanted) -> AsyncIterator[str]:
    """CSV with a header and a row for each change, newest first; cells are never formulae."""
    yield taking_out.MARK + taking_out.row(COLUMNS)
    async for entry in _every(database, wanted):
        yield taking_out.row(value if isinstance(value, str) else plain(value) for value in values_of(entry).values())


def _every(database: Database, wanted: Wanted) -> AsyncIterator[Entry]:
    return taking_out.every(database, partial(_page, wanted), lambda entry: entry.id, ENTRIES_AT_ONCE)


async def _page(wanted: Wanted, session: AsyncSession, after: UUID | None, limit: int) -> list[Entry]:
    return await audit.page(session, wanted, after, limit)
