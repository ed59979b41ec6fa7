"""What is taken out of the service: long lists page by page, as lines of JSON or a table that no spreadsheet runs."""

import csv
import io
import json
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.database import Database

Held = TypeVar("Held")
# Reads so many after the one with this key, or from the beginning.
Page = Callable[[AsyncSession, UUID | None, int], Awaitable[Sequence[Held]]]

# A spreadsheet knows UTF-8 by it.
MARK = "\ufeff"
# What a spreadsheet takes for a formula when a cell begins with it (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


async def every(database: Database, page: Page[Held], key: Callable[[Held], UUID], at_once: int) -> AsyncIterator[Held]:
    """All that there is, each page in a short session of its own. Raises DatabaseUnavailableError."""
    after = None
    while True:
        async with database.reading() as session:
            found = await page(session, after, at_once)
        for one in found:
            yield one
        if len(found) < at_once:
            return
        after = key(found[-1])


def line(values: Mapping[str, Any]) -> str:
    """A line of JSON."""
    return json.dumps(values, ensure_ascii=False) + "\n"


def row(cells: Iterable[object]) -> str:
    """A row of CSV; cells are never formulae."""
    written = io.StringIO()
    csv.writer(written).writerow([_defused(cell) for cell in cells])
    return written.getvalue()


def _defused(value: object) -> object:
    """A cell that a spreadsheet shows as it is, whatever a customer wrote."""
    return f"'{value}" if isinstance(value, str) and _begin(value).startswith(FORMULA) else value


def _begin(value: str) -> str:
    # Full-width signs are formulae to spreadsheets as well.
    return unicodedata.normalize("NFKC", value.lstrip(" ")[:1])
