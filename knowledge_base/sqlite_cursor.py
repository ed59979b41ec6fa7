"""SQLite with one change of threads a statement: executed, its rows fetched and its cursor closed, all at once.

aiosqlite keeps a thread for each connection. SQLAlchemy's cursor over it asks that thread four times for each
statement: to make a cursor, to execute, to fetch, to close. Each time the interpreter changes threads twice, which
costs more than what SQLite does, and may wait for whatever else computes. Results are read whole, as SQLAlchemy's own
cursor reads them. A BEGIN waits for the first statement and goes with it; where no transaction was begun, ending it
asks nothing. Both libraries are pinned, since this stands on insides of theirs.
"""

# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the insides of the two libraries

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

import aiosqlite
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util.concurrency import await_

if TYPE_CHECKING:
    from sqlalchemy.connectors.asyncio import AsyncIODBAPIConnection
    from sqlalchemy.engine.interfaces import _DBAPICursorDescription

BEGIN, BEGIN_IMMEDIATE = "BEGIN", "BEGIN IMMEDIATE"
BEGINS = (BEGIN, BEGIN_IMMEDIATE)


class _Result(NamedTuple):
    """What a statement left: its columns, the rows it changed (-1: it changes none), the last new row, its rows."""

    description: Any = None
    rowcount: int = -1
    lastrowid: Any = None
    rows: Sequence[object] = ()


class OneChangeCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that is there, in the connection's thread, only while a statement runs."""

    __slots__ = ("_own", "_result")

    def __init__(self, adapt_connection: AsyncAdapt_dbapi_connection) -> None:
        """Nothing is asked of the connection yet."""
        self._adapt_connection = adapt_connection
        self._own = cast("_Connection", adapt_connection)
        self._connection = adapt_connection._connection
        self._rows: deque[Any] = deque()
        self._result = _Result()

    @property
    def description(self) -> "_DBAPICursorDescription | None":
        """The columns of the last statement; None for one that has none."""
        found: _DBAPICursorDescription | None = self._result.description
        return found

    @property
    def rowcount(self) -> int:
        """The rows that the last statement changed; -1 for one that changes none."""
        return self._result.rowcount

    @property
    def lastrowid(self) -> int:
        """The number of the last row that was inserted."""
        found: int = self._result.lastrowid
        return found

    def execute(self, operation: object, parameters: object = None) -> Self:
        """Execute a statement and take its rows. Raises what sqlite3 raises."""
        return self._ask(sqlite3.Cursor.execute, operation, () if parameters is None else parameters)

    def executemany(self, operation: object, seq_of_parameters: object) -> Self:
        """Execute a statement with each of these parameters. Raises what sqlite3 raises."""
        return self._ask(sqlite3.Cursor.executemany, operation, seq_of_parameters)

    def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """So many of the rows that are left, one without a size."""
        return super().fetchmany(size or 1)

    def close(self) -> None:
        """Forget the rows that nobody took; the cursor itself is closed already."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    def _ask(self, execute: Callable[..., sqlite3.Cursor], *given: object) -> Self:
        try:
            self._result = await_(self._done(execute, *given))
        except (sqlite3.Error, ValueError) as error:
            self._own._handle_exception(error)
        self._rows = deque(self._result.rows)
        return self

    async def _done(self, execute: Callable[..., sqlite3.Cursor], *given: object) -> _Result:
        async with self._own._execute_mutex:
            if given[0] in BEGINS:
                self._own.begin = str(given[0])
                return _Result()
            begin, self._own.begin = self._own.begin, None
            result: _Result = await self._connection._execute(_run, self._connection._conn, begin, execute, *given)
            return result


def _run(
    connection: sqlite3.Connection, begin: str | None, execute: Callable[..., sqlite3.Cursor], *given: object
) -> _Result:
    cursor = connection.cursor()
    try:
        if begin:
            cursor.execute(begin)
        execute(cursor, *given)
        rows = cursor.fetchall() if cursor.description else ()
        return _Result(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    finally:
        cursor.close()


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ("begin",)
    _cursor_cls = OneChangeCursor

    def __init__(self, dbapi: "OneChangeDriver", connection: "AsyncIODBAPIConnection") -> None:
        super().__init__(dbapi, connection)
        # The BEGIN that waits for a statement.
        self.begin: str | None = None

    def commit(self) -> None:
        self._end(super().commit)

    def rollback(self) -> None:
        self._end(super().rollback)

    def _end(self, end: Callable[[], None]) -> None:
        self.begin = None
        if self._connection._connection and self._connection.in_transaction:
            end()


class OneChangeDriver(AsyncAdapt_aiosqlite_dbapi):
    """aiosqlite with such cursors, as `create_async_engine(…, module=…)` takes it."""

    def __init__(self) -> None:
        """The two modules that it stands on."""
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: object, **kw: object) -> AsyncAdapt_aiosqlite_connection:
        """A connection with a thread of its own."""
        return _Connection(self, super().connect(*arg, **kw)._connection)
