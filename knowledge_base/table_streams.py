"""A database's tables as streams of rows, read from one snapshot and written in one transaction."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import table_rows
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseNotEmptyError
from knowledge_base.tables import Base, ChangeCounterRow

ROWS_A_BATCH = 1000
# Rows that may be megabytes each.
HEAVY, HEAVY_ROWS_A_BATCH = frozenset({"artefact", "attachment"}), 10
TABLES: tuple[Table, ...] = tuple(Base.metadata.sorted_tables)
Rows = list[dict[str, Any]]
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Tally:
    """How many rows a table has, and a checksum that does not depend on their order."""

    rows: int = 0
    total: int = 0

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Count rows: the checksum is the sum of their sha256, modulo 2²⁵⁶."""
        for row in rows:
            digest = hashlib.sha256(json.dumps(row, sort_keys=True).encode()).digest()
            self.rows += 1
            self.total = (self.total + int.from_bytes(digest)) % (1 << 256)

    @property
    def checksum(self) -> str:
        """The checksum in hexadecimal."""
        return f"{self.total:064x}"


async def read(session: AsyncSession) -> AsyncIterator[tuple[Table, Rows]]:
    """All rows of all tables in batches, tables that others refer to first, all from one snapshot.

    The session must not have read anything yet.
    """
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    for table in TABLES:
        # Keys grow with time, so that a row comes after an older one of its table that it refers to.
        query = select(table).order_by(*table.primary_key.columns)
        query = query.execution_options(yield_per=rows_a_batch(table.name))
        async with connection.stream(query) as result:
            async for rows in result.mappings().partitions():
                yield table, [table_rows.to_json(table, row) for row in rows]


def rows_a_batch(name: str) -> int:
    """How many rows of a table are held at once."""
    return HEAVY_ROWS_A_BATCH if name in HEAVY else ROWS_A_BATCH


async def write(session: AsyncSession, table: Table, rows: Rows) -> None:
    """Store a batch of rows. Raises KeyError, TypeError, ValueError for rows that are none of this table's."""
    await session.execute(insert(table), [table_rows.from_json(table, row) for row in rows])


async def clear(session: AsyncSession) -> None:
    """Make a freshly migrated database ready to be written. Raises DatabaseNotEmptyError for any other."""
    for table in TABLES:
        if table is not ChangeCounterRow.__table__ and await count(session, table):
            raise DatabaseNotEmptyError(table.name)
    await session.execute(delete(ChangeCounterRow))


async def count(session: AsyncSession, table: Table) -> int:
    """How many rows a table has."""
    return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def tallies(session: AsyncSession) -> dict[str, Tally]:
    """Every table's tally, as `read` finds it."""
    found = {table.name: Tally() for table in TABLES}
    async for table, rows in read(session):
        found[table.name].add(rows)
    return found


async def copy(source: Database, target: Database, progress: Progress) -> dict[str, tuple[Tally, Tally]]:
    """Copy all rows into a migrated, empty database, all or none. Returns each table's tallies: read, and stored.

    Raises DatabaseNotEmptyError, DatabaseUnavailableError.
    """
    sent = {table.name: Tally() for table in TABLES}
    async with source.reading() as reading, target.writing() as writing:
        await clear(writing)
        async for table, rows in read(reading):
            await write(writing, table, rows)
            sent[table.name].add(rows)
            progress(done := sum(tally.rows for tally in sent.values()), done)
    async with target.reading() as session:
        stored = await tallies(session)
    return {name: (sent[name], stored[name]) for name in sent}
