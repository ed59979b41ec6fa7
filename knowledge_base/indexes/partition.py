"""The keys of one collection's answers in one language: the likely rows by their signs, then cosines of these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.arrays import grown
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.indexes.view import View

FIRST_ROWS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The nearest rows, nearest first. Shapes: owners (k,), cosines (k,)."""

    owners: NDArray[np.int64]
    cosines: NDArray[np.float32]


class Partition:
    """Rows of keys in every view, each with the number of the answer that owns it."""

    def __init__(self, dimensions: Mapping[str, int]) -> None:
        """An empty partition of views with vectors of these lengths d."""
        self._views = {view: View(dimension, FIRST_ROWS) for view, dimension in dimensions.items()}
        # Which answer owns each used row, -1 for one that is free.
        self._owners = np.zeros(FIRST_ROWS, np.int64)
        self._used = 0
        self._free: list[int] = []

    @classmethod
    def opened(cls, snapshot: Snapshot, name: str, dimensions: Mapping[str, int]) -> Self:
        """The partition that was saved under a name. Raises SnapshotUnusableError."""
        partition = cls({})
        partition._used = snapshot.value(f"{name}/used")
        partition._views = {
            view: View.opened(snapshot, f"{name}/{view}", dimension, partition._used)
            for view, dimension in dimensions.items()
        }
        partition._owners = snapshot.rows(f"{name}/owners")
        partition._free = np.flatnonzero(partition._owners[: partition._used] < 0).tolist()
        return partition

    def save(self, writer: SnapshotWriter, name: str) -> None:
        """Keep the partition in a snapshot."""
        for view, kept in self._views.items():
            kept.save(writer, f"{name}/{view}", self._used)
        writer.rows(f"{name}/owners", self._owners, self._used)
        writer.value(f"{name}/used", self._used)

    def __len__(self) -> int:
        """How many rows are taken."""
        return self._used - len(self._free)

    def put(self, owners: NDArray[np.int64], vectors: Mapping[str, NDArray[np.float32]]) -> NDArray[np.int64]:
        """Store keys and who owns each. Shapes: owners (k,), vectors by view (k, d) → rows (k,)."""
        rows = self._take_rows(len(owners))
        for view, kept in self._views.items():
            kept.put(rows, vectors[view], self._used)
        self._owners[rows] = owners
        return rows

    def remove(self, rows: NDArray[np.int64]) -> None:
        """Free these rows."""
        self._owners[rows] = -1
        for kept in self._views.values():
            kept.clear(rows)
        self._free += rows.tolist()

    def vectors(self, view: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The keys of these rows. Shapes: (L,) → (L, d)."""
        return self._views[view].vectors(rows)

    def nearest(self, view: str, query: NDArray[np.float32], limit: int) -> Nearest:
        """The nearest rows to a unit query (d,)."""
        kept = self._views[view]
        rows = kept.likely(query, self._used, len(self._free))
        rows = rows[self._owners[rows] >= 0]
        cosines = kept.cosines(rows, query)
        if len(rows) > limit:
            best = np.argpartition(-cosines, limit - 1)[:limit]
            rows, cosines = rows[best], cosines[best]
        order = np.argsort(-cosines, kind="stable")
        return Nearest(self._owners[rows[order]], cosines[order])

    def _take_rows(self, count: int) -> NDArray[np.int64]:
        taken = [self._free.pop() for _ in range(min(count, len(self._free)))]
        fresh = count - len(taken)
        missing = self._used + fresh - len(self._owners)
        if missing > 0:
            more = max(missing, len(self._owners) // 2)
            self._owners = grown(self._owners, more)
            for kept in self._views.values():
                kept.grow(more)
        taken += range(self._used, self._used + fresh)
        self._used += fresh
        return np.array(taken, np.int64)
