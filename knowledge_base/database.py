"""The database: its engine, and short sessions that read or write."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.sqlite_cursor import BEGIN, BEGIN_IMMEDIATE, OneChangeDriver

BUSY_TIMEOUT_MS = 10_000
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
    writes = connection.get_execution_options().get("weaver_writes", True)
    connection.exec_driver_sql(BEGIN_IMMEDIATE if writes else BEGIN)


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
            self.engine = create_async_engine(self.url, module=OneChangeDriver(), hide_parameters=True)
            event.listen(self.engine.sync_engine, "connect", _configure_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            self.engine = create_async_engine(self.url, pool_pre_ping=True, hide_parameters=True)
        self._writers = async_sessionmaker(self.engine, expire_on_commit=False)
        readers = self.engine.execution_options(weaver_writes=False)
        self._readers = async_sessionmaker(readers, expire_on_commit=False)

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A short session that only reads. Raises DatabaseUnavailableError."""
        async with self._session(self._readers) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncSession]:
        """A transaction: committed at the end, rolled back on any error. Raises DatabaseUnavailableError."""
        async with self._session(self._writers) as session:
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
