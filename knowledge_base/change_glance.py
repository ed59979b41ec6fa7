"""A glance at the change counter of an SQLite file: microseconds, so that every process can take one all the time."""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

# Two writes this near to each other may have the same time.
CLOCK_STEP_NS = 20_000_000
NEWEST = "SELECT value FROM change_counter"


def last_write(path: Path) -> tuple[int, int] | None:
    """What is another when anybody has written to an SQLite file since, nearly always; None before the first write."""
    with suppress(FileNotFoundError):
        found = os.stat(f"{path}-wal")  # noqa: PTH116 - asked a hundred times a second: no path is made for it
        return found.st_mtime_ns, found.st_size
    return None


class ChangeGlance:
    """Looks at the counter only when the file was written to, on a connection that waits for nobody."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened yet."""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._written: tuple[int, int] | None = None
        self._newest: int | None = None

    def newest(self) -> int | None:
        """The number of the newest change, as far as it can be told at once; None if it cannot."""
        written = last_write(self._path)
        if written != self._written or self._newest is None:
            self._newest = self._read()
            self._written = written if written and time.time_ns() - written[0] > CLOCK_STEP_NS else None
        return self._newest

    def close(self) -> None:
        """Give the connection back; another glance opens one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = self._written = self._newest = None

    def _read(self) -> int | None:
        # A file that is locked, or is just being replaced, is read by whoever has the time to wait for it.
        with suppress(sqlite3.Error):
            if self._connection is None:
                self._connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
            row = self._connection.execute(NEWEST).fetchone()
            return int(row[0])
        self.close()
        return None
