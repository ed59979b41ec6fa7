"""Indexes on disk: a folder of mapped arrays and a side file, checked as a whole when it is opened."""

import json
import mmap
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.errors import SnapshotUnusableError

# What the files hold and how: another number is another format, whose snapshots are not opened.
FORMAT = 2
HEADER, ARRAYS, SIDE = "header.json", "arrays", "side.db"
CHUNK = 1 << 24
# A snapshot may be replaced by a newer one while it is opened.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a snapshot is of.

    It holds the changes up to `seen`. The later change `mark`, whose subject is `mark_id`, was made for it: a database
    that holds this change has the same history up to it. `space` names what it was made with beside the database:
    encoders, their centres, how texts are read. `totals` counts rows of tables as they were then.
    """

    seen: int
    mark: int
    mark_id: UUID
    space: str
    totals: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """The stamp as a header keeps it."""
        return {**asdict(self), "mark_id": str(self.mark_id)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The stamp as a header keeps it. Raises KeyError, TypeError, ValueError."""
        seen, mark, mark_id = stored["seen"], stored["mark"], UUID(stored["mark_id"])
        return cls(seen, mark, mark_id, stored["space"], stored["totals"])


class Snapshot:
    """A snapshot that was opened: its arrays are mapped, and rows that are changed are this process's own."""

    def __init__(self, folder: Path) -> None:
        """Read and check everything. Raises SnapshotUnusableError."""
        self._folder = folder
        try:
            header = self._header()
            self.stamp = Stamp.from_json(header["stamp"])
            self._values: dict[str, Any] = header["values"]
            self._arrays: dict[str, dict[str, Any]] = header["arrays"]
            self._check_sizes(header["sizes"])
            self._check(SIDE, crc_of_file(self.side), header["side_crc"])
            self._mapped = _mapped(folder / ARRAYS)
            for name, entry in self._arrays.items():
                self._check(name, crc(bytes_of(self.rows(name)[: entry["used"]])), entry["crc"])
        except OSError as error:
            raise SnapshotUnusableError(folder, error.strerror or str(error)) from None
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise SnapshotUnusableError(folder, f"its header cannot be read ({error!r})") from None

    @property
    def side(self) -> Path:
        """The side file."""
        return self._folder / SIDE

    def rows(self, name: str) -> NDArray[Any]:
        """An array with the room that it has. Raises SnapshotUnusableError."""
        entry: Any = self._held(self._arrays, name)
        shape = (entry["room"], *entry["row"])
        count = int(np.prod(shape, dtype=np.int64))
        return np.frombuffer(self._mapped, np.dtype(entry["type"]), count, entry["at"]).reshape(shape)

    def value(self, name: str) -> Any:  # noqa: ANN401 - whatever JSON can say
        """What was kept under a name. Raises SnapshotUnusableError."""
        return self._held(self._values, name)

    def _held(self, kept: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - the same
        if name not in kept:
            raise SnapshotUnusableError(self._folder, f"it has no {name}")
        return kept[name]

    def release(self) -> None:
        """Give back the pages that were read to check and to open it; nothing may be changed yet."""
        if isinstance(self._mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def _header(self) -> dict[str, Any]:
        sum_, _, text = (self._folder / HEADER).read_bytes().partition(b"\n")
        self._check(HEADER, b"%d" % zlib.crc32(text), sum_)
        header: dict[str, Any] = json.loads(text)
        if header["format"] != FORMAT:
            raise SnapshotUnusableError(self._folder, f"it has the format {header['format']}, not {FORMAT}")
        return header

    def _check_sizes(self, sizes: Mapping[str, int]) -> None:
        for name, size in sizes.items():
            if (self._folder / name).stat().st_size != size:
                raise SnapshotUnusableError(self._folder, f"{name} has another size than was written")

    def _check(self, name: str, found: object, wanted: object) -> None:
        if found != wanted:
            raise SnapshotUnusableError(self._folder, f"{name} is not as it was written")


def newest(root: Path) -> Snapshot | None:
    """The newest snapshot in a folder of snapshots, None if there is none. Raises SnapshotUnusableError."""
    for attempt in range(1, ATTEMPTS + 1):
        found = folders(root)
        if not found:
            return None
        try:
            return Snapshot(found[-1])
        except SnapshotUnusableError:
            if attempt == ATTEMPTS or found[-1].exists():
                raise
    return None


def folders(root: Path) -> list[Path]:
    """The snapshots in a folder, oldest first: they are named by their marks' ids, which grow with time."""
    return sorted(path for path in root.iterdir() if _is_id(path.name)) if root.is_dir() else []


def crc_of_file(path: Path) -> int:
    """The checksum of a whole file. Raises OSError."""
    summed = 0
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            summed = zlib.crc32(chunk, summed)
    return summed


def crc(data: memoryview) -> int:
    """The checksum of bytes, without holding the interpreter for long."""
    summed = 0
    for start in range(0, len(data), CHUNK):
        summed = zlib.crc32(data[start : start + CHUNK], summed)
    return summed


def bytes_of(rows: NDArray[Any]) -> memoryview:
    """The bytes of an array whose rows lie one after the other."""
    return rows.reshape(-1).view(np.uint8).data


def _mapped(path: Path) -> mmap.mmap | bytes:
    if not path.stat().st_size:
        return b""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
