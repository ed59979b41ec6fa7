"""The keys of one collection's answers in one language: the likely rows by their signs, then cosines of these."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        self._owners = np.full(FIRST_ROWS, -1, np.int64)
        self._used = 0
        self._free: list[int] = []

    def __len__(self) -> int:
        """How many rows are taken."""
        return self._used - len(self._free)

    def put(self, owner: int, vectors: Mapping[str, NDArray[np.float32]]) -> NDArray[np.int64]:
        """Store an answer's keys. Shapes: vectors by view (L, d) → rows (L,)."""
        rows = self._take_rows(len(next(iter(vectors.values()))))
        for view, kept in self._views.items():
            kept.put(rows, vectors[view], self._used)
        self._owners[rows] = owner
        return rows

    def remove(self, rows: NDArray[np.int64]) -> None:
        """Free these rows."""
        self._owners[rows] = -1
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
            self._owners = np.concatenate([self._owners, np.full(more, -1, np.int64)])
            for kept in self._views.values():
                kept.grow(more)
        taken += range(self._used, self._used + fresh)
        self._used += fresh
        return np.array(taken, np.int64)
