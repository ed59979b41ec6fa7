"""One encoder's keys in the rows of a partition: their signs to choose the likely rows by, nine bits to compare by."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.arrays import grown
from knowledge_base.indexes.signs import Signs
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.quantization import cosines, decoded, quantize, scales, vectors_of

# So many rows are decoded at once: what the processor's cache holds.
PART = 2000


class View:
    """Keys of unit length. Shapes for n rows of vectors (d,): codes (n, d + ⌈d / 8⌉), the sizes of their steps (n,)."""

    def __init__(self, dimension: int, rows: int) -> None:
        """Room for so many rows."""
        self._signs = Signs(dimension, rows)
        self._codes = np.zeros((rows, dimension + -(-dimension // 8)), np.uint8)
        self._sizes = np.zeros(rows, np.float32)

    @classmethod
    def opened(cls, snapshot: Snapshot, name: str, dimension: int, used: int) -> Self:
        """The keys that were saved under a name. Raises SnapshotUnusableError."""
        view = cls(dimension, 0)
        view._codes = snapshot.rows(f"{name}/codes")
        view._sizes = np.zeros(len(view._codes), np.float32)
        view._signs = Signs.opened(snapshot, name, dimension, len(view._codes))
        for start in range(0, used, PART):
            rows = np.arange(start, min(start + PART, used))
            vectors, view._sizes[rows] = decoded(view._codes[rows])
            view._signs.put(rows, vectors)
        return view

    def save(self, writer: SnapshotWriter, name: str, used: int) -> None:
        """Keep the used rows in a snapshot."""
        self._signs.save(writer, name)
        writer.rows(f"{name}/codes", self._codes, used)

    def put(self, rows: NDArray[np.int64], vectors: NDArray[np.float32], used: int) -> None:
        """Keep these rows' keys; so many rows are used now. Shapes: (k,), (k, d)."""
        codes = quantize(vectors)
        self._codes[rows], self._sizes[rows] = codes, scales(codes)
        self._signs.put(rows, vectors)
        self._signs.centre(used, self.vectors)

    def clear(self, rows: NDArray[np.int64]) -> None:
        """Hold nothing in these rows: what was erased is nowhere."""
        self._signs.clear(rows)
        self._codes[rows] = 0
        self._sizes[rows] = 0

    def grow(self, more: int) -> None:
        """Make room for more rows."""
        self._signs.grow(more)
        self._codes, self._sizes = grown(self._codes, more), grown(self._sizes, more)

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The keys of these rows. Shapes: (k,) → (k, d)."""
        return vectors_of(self._codes[rows])

    def likely(self, query: NDArray[np.float32], used: int, spare: int) -> NDArray[np.int64]:
        """The rows, of the first `used`, whose signs differ least from a unit query's (d,)."""
        return self._signs.likely(query, used, spare)

    def cosines(self, rows: NDArray[np.int64], query: NDArray[np.float32]) -> NDArray[np.float32]:
        """How near these rows are to a unit query. Shapes: (k,), (d,) → (k,)."""
        return cosines(self._codes[rows], self._sizes[rows], query)
