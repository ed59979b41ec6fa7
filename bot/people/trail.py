"""The audit log taken out: lines of JSON, or a table that no spreadsheet runs."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

from bot.judgements.export import defused
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
        yield json.dumps(values_of(entry), ensure_ascii=False) + "\n"


async def table(database: Database, wanted: Wanted) -> AsyncIterator[str]:
    """CSV with a header and a row for each change, newest first; cells are never formulae."""
    yield "\ufeff" + _row(COLUMNS)
    async for entry in _every(database, wanted):
        yield _row(value if isinstance(value, str) else plain(value) for value in values_of(entry).values())


async def _every(database: Database, wanted: Wanted) -> AsyncIterator[Entry]:
    after = None
    while True:
        async with database.reading() as session:
            found = await audit.page(session, wanted, after, ENTRIES_AT_ONCE)
        for entry in found:
            yield entry
        if len(found) < ENTRIES_AT_ONCE:
            return
        after = found[-1].id


def _row(cells: Any) -> str:  # noqa: ANN401 - whatever a table holds
    line = io.StringIO()
    csv.writer(line).writerow([defused(cell) for cell in cells])
    return line.getvalue()
