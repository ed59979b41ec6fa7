"""The database: its engine, and short sessions that read or write."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import anyio
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.sqlite_cursor import (
    BEGIN,
    BEGIN_IMMEDIATE,
    BUSY_TIMEOUT_MS,
    OneChangeConnection,
    OneChangeDriver,
)

SQLITE_CONNECTIONS = 15
DRIVERS = {"sqlite": ("sqlite", "sqlite+aiosqlite"), "postgresql": ("postgresql+psycopg", "postgresql+psycopg")}


def parse_url(url: str) -> URL:
    """The database's address with its engine's name only. Raises DatabaseUnavailableError for any other engine."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUnavailableError("WEAVER_DATABASE_URL is not a database address.") from None
    backend = "postgresql" if parsed.get_backend_name() == "postgres" else parsed.get_backend_name()
    if backend not in DRIVERS:
        raise DatabaseUnavailableError(f"WEAVER_DATABASE_URL names {backend}; Weaver works with sqlite and postgresql.")
    return parsed.set(drivername=backend)


def driver_url(url: str, *, asynchronous: bool) -> URL:
    """The same address with the driver that a synchronous or an asynchronous engine needs."""
    parsed = parse_url(url)
    return parsed.set(drivername=DRIVERS[parsed.drivername][int(asynchronous)])


def _configure_sqlite(dbapi_connection: DBAPIConnection, _record: object) -> None:
    # The driver's own transaction handling is switched off, so that BEGIN is ours to choose.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A write that begins as a read can be refused later without waiting; a write says so at once and waits its turn.
    options = connection.get_execution_options()
    begin = BEGIN_IMMEDIATE if options.get("weaver_writes", True) else BEGIN
    opened = cast("OneChangeConnection", connection.connection.dbapi_connection)
    opened.begin_with_next(begin, brief=options.get("weaver_brief", False))


def describe(url: URL, error: DBAPIError) -> str:
    """One sentence for a person about a database that did not do its work."""
    place = url.database if url.drivername.startswith("sqlite") else url.render_as_string(hide_password=True)
    reason = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
    return f"The database {place} is not usable: {reason}."


def make_folder(folder: Path) -> None:
    """The data's folder, which only its owner may open: customers' words are in it. Raises OSError."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


class Database:
    """One database and its pool of connections. Make it where the process is put together, close it at the end."""

    def __init__(self, url: str) -> None:
        """Raises DatabaseUnavailableError when the address is not one, or its folder cannot be made."""
        self.url = driver_url(url, asynchronous=True)
        self.is_sqlite = self.url.drivername.startswith("sqlite")
        if self.is_sqlite and self.url.database:
            try:
                make_folder(Path(self.url.database).parent)
            except OSError as error:
                message = f"The folder of the database {self.url.database} cannot be made: {error.strerror}."
                raise DatabaseUnavailableError(message) from None
        # What a query was asked with are customers' words: no error may carry them into a log.
        if self.is_sqlite:
            # Each has a thread of its own: what was opened stays open.
            self.engine = create_async_engine(
                self.url, module=OneChangeDriver(), hide_parameters=True, pool_size=SQLITE_CONNECTIONS, max_overflow=0
            )
            event.listen(self.engine.sync_engine, "connect", _configure_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            self.engine = create_async_engine(self.url, pool_pre_ping=True, hide_parameters=True)
        self._sessions = {
            (writes, brief): async_sessionmaker(
                self.engine.execution_options(weaver_writes=writes, weaver_brief=brief), expire_on_commit=False
            )
            for writes in (False, True)
            for brief in (False, True)
        }

    @asynccontextmanager
    async def reading(self, *, brief: bool = False) -> AsyncGenerator[AsyncSession]:
        """A short session that only reads. Raises DatabaseUnavailableError.

        It is `brief` when every statement finds few rows by an index: SQLite then reads them without another thread.
        """
        async with self._session(self._sessions[False, brief]) as session:
            yield session

    @asynccontextmanager
    async def writing(self, *, brief: bool = False) -> AsyncGenerator[AsyncSession]:
        """A transaction: committed at the end, rolled back on any error. Raises DatabaseUnavailableError.

        It is `brief` when every statement finds or makes few rows by an index.
        """
        async with self._session(self._sessions[True, brief]) as session:
            yield session

    @asynccontextmanager
    async def _session(self, sessions: async_sessionmaker[AsyncSession]) -> AsyncGenerator[AsyncSession]:
        # A query that is cancelled half-way costs the connection that it ran on; sessions are short enough to finish.
        try:
            with anyio.CancelScope(shield=True):
                async with sessions.begin() as session:
                    yield session
        except (OperationalError, InterfaceError) as error:
            raise DatabaseUnavailableError(describe(self.url, error)) from error

    @property
    def path(self) -> Path | None:
        """The SQLite file; None for PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
