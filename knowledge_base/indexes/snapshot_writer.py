"""A snapshot of the indexes as it is written: it takes its name when all of it is on the disk."""

import fcntl
import json
import os
import shutil
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import SnapshotUnwritableError
from knowledge_base.indexes.snapshot import ARRAYS, FORMAT, HEADER, SIDE, Stamp, bytes_of, crc, crc_of_file, folders

UNFINISHED, LOCK = "unfinished", "lock"
# Arrays begin at pages, and leave room for rows to come: a hole in the file, which takes no disk.
PAGE = 4096
ROOM_ONE_IN, LEAST_ROOM = 8, 1024


class SnapshotWriter:
    """Takes what the indexes hold, and then the stamp that says what it is of."""

    def __init__(self, root: Path) -> None:
        """A snapshot for a folder of snapshots that this process has for itself (`writing`)."""
        self._root, self._folder = root, root / UNFINISHED
        self._arrays: dict[str, dict[str, Any]] = {}
        self._values: dict[str, Any] = {}
        self._end = 0

    def begin(self) -> None:
        """Make way: what a process left that was killed here is removed. Raises OSError."""
        self.abandon()
        self._folder.mkdir(mode=0o700)
        (self._folder / ARRAYS).touch(mode=0o600)

    def abandon(self) -> None:
        """Leave nothing unfinished behind. Raises OSError."""
        if self._folder.exists():
            shutil.rmtree(self._folder)

    @property
    def side(self) -> Path:
        """Where the side file is to be written."""
        return self._folder / SIDE

    def rows(self, name: str, kept: NDArray[Any], used: int) -> None:
        """Keep an array's first `used` rows. Shape: (n, …). Raises OSError."""
        data = bytes_of(np.ascontiguousarray(kept[:used]))
        room = used + max(LEAST_ROOM, used // ROOM_ONE_IN)
        self._arrays[name] = {
            "at": self._end,
            "type": kept.dtype.str,
            "row": kept.shape[1:],
            "used": used,
            "room": room,
            "crc": crc(data),
        }
        with (self._folder / ARRAYS).open("r+b") as file:
            file.seek(self._end)
            file.write(data)
            row_bytes = kept.itemsize * int(np.prod(kept.shape[1:], dtype=np.int64))
            self._end += -(-room * row_bytes // PAGE) * PAGE
            file.truncate(self._end)

    def value(self, name: str, value: object) -> None:
        """Keep something small that JSON can say."""
        self._values[name] = value

    def finish(self, stamp: Stamp) -> None:
        """Make it the one snapshot of its folder. Raises OSError."""
        header = {
            "format": FORMAT,
            "stamp": stamp.to_json(),
            "sizes": {ARRAYS: self._end, SIDE: self.side.stat().st_size},
            "side_crc": crc_of_file(self.side),
            "arrays": self._arrays,
            "values": self._values,
        }
        text = json.dumps(header, ensure_ascii=False).encode()
        (self._folder / HEADER).write_bytes(b"%d\n%s" % (zlib.crc32(text), text))
        for path in (*self._folder.iterdir(), self._folder):
            _sync(path)
        finished = self._root / str(stamp.mark_id)
        self._folder.rename(finished)
        _sync(self._root)
        for older in folders(self._root):
            if older != finished:
                shutil.rmtree(older)


@contextmanager
def writing(root: Path) -> Generator[SnapshotWriter]:
    """A snapshot to be written into a folder of snapshots; not finished, it leaves nothing behind.

    Raises SnapshotUnwritableError, also when another process is writing one.
    """
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (root / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            writer = SnapshotWriter(root)
            try:
                yield writer
            finally:
                writer.abandon()
    except BlockingIOError:
        raise SnapshotUnwritableError(root, "another process is writing one") from None
    except OSError as error:
        raise SnapshotUnwritableError(root, error.strerror or str(error)) from None


def discard(root: Path) -> bool:
    """Remove the snapshots of a folder, and say whether there were any.

    A process that has opened one keeps what it mapped. Raises SnapshotUnwritableError.
    """
    found = folders(root)
    try:
        for folder in found:
            shutil.rmtree(folder)
    except OSError as error:
        raise SnapshotUnwritableError(root, error.strerror or str(error)) from None
    return bool(found)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
