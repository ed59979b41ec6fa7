"""One process's side file: an SQLite file of its own for what the indexes hold of texts, so that RAM need not."""

import json
import sqlite3
import threading
import weakref
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

_SETTINGS = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16384;
PRAGMA secure_delete = ON;
"""


class SideFile:
    """Its methods may be called from any thread; what belongs together is done under `changing`."""

    def __init__(self, saved: Path | None = None) -> None:
        """An empty file, or a copy of one that was saved."""
        self._lock = threading.RLock()
        # Without a name it lies in a temporary file of SQLite's own, of which a few megabytes are held in memory.
        self._connection = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        # Whoever still searches an index that was replaced keeps it open.
        self.close = weakref.finalize(self, self._connection.close)
        self._connection.executescript(_SETTINGS)
        if saved is not None:
            with closing(sqlite3.connect(f"{saved.absolute().as_uri()}?immutable=1", uri=True)) as source:
                source.backup(self._connection)

    def save(self, path: Path, last: str = "") -> None:
        """Write a copy, and run a script in it. Nobody may change the file meanwhile, all may read it."""
        with closing(sqlite3.connect(path, isolation_level=None)) as target:
            self._connection.backup(target)
            target.executescript(f"{_SETTINGS}{last}")

    def create(self, schema: str) -> None:
        """Make an index's tables."""
        with self._lock:
            self._connection.executescript(schema)

    @contextmanager
    def changing(self) -> Generator[None]:
        """Several changes as one: nobody else reads or writes meanwhile."""
        with self._lock:
            outermost = not self._connection.in_transaction
            if outermost:
                self._connection.execute("BEGIN")
            try:
                yield
            finally:
                # Nothing can be taken back without a journal; what an error left half-done is made again from SQL.
                if outermost:
                    self._connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Generator[None]:
        """Several reads as one: nothing changes meanwhile."""
        with self._lock:
            yield

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The few rows that a query finds."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def columns(self, query: str, names: Sequence[str], values: Sequence[Any] = ()) -> list[list[Any]]:
        """The columns of these names of the many rows that a query finds: numbers and texts.

        They come as one row. The driver lets go of the interpreter's lock for each row and waits to have it again:
        while another thread works, thousands of rows would be thousands of such waits, of milliseconds each.
        """
        of_names = ", ".join(f"json_group_array({name})" for name in names)
        at_once = f"WITH found AS MATERIALIZED ({query}) SELECT {of_names} FROM found"  # noqa: S608 - columns' names
        return [json.loads(column) for column in self.rows(at_once, values)[0]]

    def run(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Change something. Returns the rowid of what was inserted last."""
        with self._lock:
            return self._connection.execute(statement, values).lastrowid or 0
