"""A process's connection to the PostgreSQL that searches its vectors: one, made again when it was lost."""

import threading
import weakref
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, TypeVar

import psycopg

from knowledge_base.database import driver_url
from knowledge_base.errors import IndexUnavailableError
from knowledge_base.vector_tables import lock_of

Connection = psycopg.Connection[tuple[Any, ...]]
Result = TypeVar("Result")

# So many candidates find nearly all of the 64 nearest, also where all positions are far (docs/experiments.md). Rows
# that are deleted but not swept out yet are candidates too: a search goes on until it has found what was asked for. A
# plan made for other groups would look into all partitions. To compile a query takes longer than any of ours does.
# Graphs over millions of rows take longer than a server may allow to a query.
# What a crash takes back is what was written last, the note of what is held first of all.
SETTINGS = b"""
SET hnsw.ef_search = 400;
SET hnsw.iterative_scan = strict_order;
SET plan_cache_mode = force_custom_plan;
SET jit = off;
SET statement_timeout = 0;
SET synchronous_commit = off
"""


class VectorConnection:
    """Its methods may be called from any thread and wait for one another."""

    def __init__(self, url: str, table: str) -> None:
        """Nothing is opened yet. While it is open, other processes see that this table is in use."""
        address = driver_url(url, asynchronous=False)
        self._place = address.set(drivername="postgresql").render_as_string(hide_password=True)
        _, self._arguments = address.get_dialect()().create_connect_args(address)
        self._table = table
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._claimed = False
        self._opened = ExitStack()
        # Whoever still searches an index that was replaced keeps it open.
        self.close = weakref.finalize(self, self._opened.close)

    def run(self, work: Callable[[Connection], Result]) -> Result:
        """Let this work with the connection; it may be called twice. Raises IndexUnavailableError."""
        with self._lock:
            try:
                return self._tried(work)
            except psycopg.Error as error:
                reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
                message = f"The vectors in {self._place} cannot be searched or changed: {reason}."
                raise IndexUnavailableError(message) from error

    def claim(self) -> None:
        """Be the one process that may make the table anew; others wait here until it lets go, or is gone."""
        self.run(lambda connection: connection.execute("SELECT pg_advisory_lock(%s)", (lock_of("fill", self._table),)))
        self._claimed = True

    def release(self) -> None:
        """Let others look at the table."""
        with self._lock:
            claimed, self._claimed = self._claimed, False
            # The server itself lets go of what a lost connection held.
            with suppress(psycopg.Error):
                if claimed and self._connection and not self._connection.closed:
                    self._connection.execute("SELECT pg_advisory_unlock(%s)", (lock_of("fill", self._table),))

    def _tried(self, work: Callable[[Connection], Result]) -> Result:
        held = self._connection
        if held is not None and not held.closed:
            try:
                return work(held)
            except psycopg.OperationalError:
                # A server that was started again since the last call is there for a new connection. What was claimed
                # is lost with the old one.
                if not held.closed or self._claimed:
                    raise
        return work(self._connect())

    def _connect(self) -> Connection:
        self._opened.close()
        self._connection = psycopg.connect(**self._arguments, autocommit=True)
        self._opened.callback(self._connection.close)
        self._connection.execute(SETTINGS)
        self._connection.execute("SELECT pg_advisory_lock_shared(%s)", (lock_of("use", self._table),))
        return self._connection
