"""What an import must remember for its whole length, in a private file on the disk and not in memory."""

import sqlite3
import weakref
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

from knowledge_base.errors import KnowledgeError


class ScratchError(KnowledgeError):
    """The file cannot be written: nearly always because its disk is full."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The temporary folder cannot hold what the import must remember: {reason}.")
        self.reason = reason


class Scratch:
    """A database in the temporary folder, gone when it is closed or forgotten; a few megabytes of it are in memory.

    Every method raises ScratchError.
    """

    def __init__(self, *tables: str) -> None:
        """An empty one with these tables."""
        # SQLite keeps a database without a name in a temporary file that nobody else sees. The threads of an import
        # take turns.
        self._rows = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.close = weakref.finalize(self, self._rows.close)
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", *tables):
            self.run(statement)

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Carry out one statement and return its rows."""
        return list(self.each(statement, values))

    def each(self, statement: str, values: Sequence[Any] = ()) -> Generator[Any]:
        """The rows of one statement, one after the other."""
        with _full():
            yield from self._rows.execute(statement, values)

    def put(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Carry out a statement for each of these rows."""
        with _full():
            self._rows.execute("BEGIN")
            self._rows.executemany(statement, rows)
            self._rows.execute("COMMIT")


@contextmanager
def _full() -> Generator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ScratchError(str(error)) from None
