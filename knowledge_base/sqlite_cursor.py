"""SQLite with one change of threads a statement, and with none for a brief one.

aiosqlite keeps a thread for each connection. SQLAlchemy's cursor over it asks that thread four times for each
statement: to make a cursor, to execute, to fetch, to close. Each time the interpreter changes threads twice, which
costs more than what SQLite does, and may wait for whatever else computes. Here a statement is executed, its rows are
fetched and its cursor is closed all at once. Results are read whole, as SQLAlchemy's own cursor reads them. A BEGIN
waits for the first statement and goes with it; where no transaction was begun, ending it asks nothing.

In a brief transaction every statement finds its few rows by an index: it is executed where it is asked, since waiting
for another thread takes longer. What may wait for somebody else does so in the connection's thread all the same: to be
the one who writes, and the disk at the commit.

SQLite lets one write at a time, and has the others ask again and again, sleeping longer each time. Those of one process
queue for it here instead, and are let in one after the other. Both libraries are pinned, since this stands on insides
of theirs.
"""

# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001 - the insides of the two libraries

import asyncio
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
    AsyncAdapt_aiosqlite_ss_cursor,
)
from sqlalchemy.util.concurrency import await_

if TYPE_CHECKING:
    from sqlalchemy.connectors.asyncio import AsyncIODBAPIConnection
    from sqlalchemy.engine.interfaces import _DBAPICursorDescription

BUSY_TIMEOUT_MS = 10_000
BEGIN, BEGIN_IMMEDIATE = "BEGIN", "BEGIN IMMEDIATE"


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
        self._own = cast("OneChangeConnection", adapt_connection)
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
        own = self._own
        try:
            if own.brief and own.begin != BEGIN_IMMEDIATE:
                self._result = _run(self._connection._conn, own.take_begin(), execute, *given)
            else:
                self._result = await_(self._done(execute, *given))
        except (sqlite3.Error, ValueError) as error:
            own._handle_exception(error)
        self._rows = deque(self._result.rows)
        return self

    async def _done(self, execute: Callable[..., sqlite3.Cursor], *given: object) -> _Result:
        own = self._own
        async with own._execute_mutex:
            connection, begin = self._connection, await own.admitted()
            result: _Result = await connection._execute(_run, connection._conn, begin, execute, *given)
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


class StreamCursor(AsyncAdapt_aiosqlite_ss_cursor):
    """The library's cursor that reads row by row, in the transaction that waits to begin."""

    __slots__ = ()

    async def _execute_async(self, operation: object, parameters: Any) -> Any:  # noqa: ANN401 - as the library has it
        await cast("OneChangeConnection", self._adapt_connection).begin_now()
        return await super()._execute_async(operation, parameters)


class OneChangeConnection(AsyncAdapt_aiosqlite_connection):
    """A connection whose transaction begins with its first statement."""

    __slots__ = ("_queued", "_writer", "begin", "brief")
    _cursor_cls = OneChangeCursor
    _ss_cursor_cls = StreamCursor

    def __init__(self, dbapi: "OneChangeDriver", connection: "AsyncIODBAPIConnection") -> None:
        """No transaction waits."""
        super().__init__(dbapi, connection)
        self._writer = dbapi.writer
        # Whether this connection is the one of the process that writes.
        self._queued = False
        self.begin: str | None = None
        self.brief = False

    def begin_with_next(self, begin: str, *, brief: bool) -> None:
        """Let a BEGIN go with the next statement, and the whole transaction be brief or not."""
        self.begin, self.brief = begin, brief

    def take_begin(self) -> str | None:
        """The BEGIN that waits for a statement, once."""
        begin, self.begin = self.begin, None
        return begin

    async def begin_now(self) -> None:
        """Begin the transaction that waits, if one does. Raises sqlite3.OperationalError as SQLite does."""
        async with self._execute_mutex:
            if begin := await self.admitted():
                await self._connection._execute(self._connection._conn.execute, begin)

    async def admitted(self) -> str | None:
        """The BEGIN that waits, once, and only when this connection may write if it is to. Raises as `begin_now`."""
        if self.begin == BEGIN_IMMEDIATE:
            await self.queue_to_write()
        return self.take_begin()

    async def queue_to_write(self) -> None:
        """Wait until nobody else in this process writes. Raises sqlite3.OperationalError as SQLite does."""
        try:
            async with asyncio.timeout(BUSY_TIMEOUT_MS / 1000):
                await self._writer.acquire()
        except TimeoutError:
            raise sqlite3.OperationalError("database is locked") from None
        self._queued = True

    def commit(self) -> None:
        """End the transaction, if one was begun."""
        self._end(super().commit)

    def rollback(self) -> None:
        """Take the transaction back, if one was begun."""
        self._end(super().rollback)

    def close(self) -> None:
        """Close the connection."""
        self._let_others_write()
        super().close()

    def terminate(self) -> None:
        """Close the connection, whatever it is at."""
        self._let_others_write()
        super().terminate()

    def _end(self, end: Callable[[], None]) -> None:
        self.begin = None
        try:
            if self._connection._connection and self._connection.in_transaction:
                end()
        finally:
            self._let_others_write()

    def _let_others_write(self) -> None:
        if self._queued:
            self._queued = False
            self._writer.release()


class OneChangeDriver(AsyncAdapt_aiosqlite_dbapi):
    """aiosqlite with such cursors, as `create_async_engine(…, module=…)` takes it."""

    def __init__(self) -> None:
        """The two modules that it stands on."""
        super().__init__(aiosqlite, sqlite3)
        self.writer = asyncio.Lock()

    def connect(self, *arg: object, **kw: object) -> AsyncAdapt_aiosqlite_connection:
        """A connection with a thread of its own, which other threads may use while that one waits."""
        return OneChangeConnection(self, super().connect(*arg, **{**kw, "check_same_thread": False})._connection)
