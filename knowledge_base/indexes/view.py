"""One encoder's keys in the rows of a partition: their signs to choose the likely rows by, nine bits to compare by."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.signs import Signs
from knowledge_base.quantization import cosines, quantize, scales, vectors_of

Kept = TypeVar("Kept", bound=np.generic)


class View:
    """Keys of unit length. Shapes for n rows of vectors (d,): codes (n, d + ⌈d / 8⌉), the sizes of their steps (n,)."""

    def __init__(self, dimension: int, rows: int) -> None:
        """Room for so many rows."""
        self._signs = Signs(dimension, rows)
        self._codes = np.zeros((rows, dimension + -(-dimension // 8)), np.uint8)
        self._sizes = np.zeros(rows, np.float32)

    def put(self, rows: NDArray[np.int64], vectors: NDArray[np.float32], used: int) -> None:
        """Keep these rows' keys; so many rows are used now. Shapes: (k,), (k, d)."""
        codes = quantize(vectors)
        self._codes[rows], self._sizes[rows] = codes, scales(codes)
        self._signs.put(rows, vectors)
        self._signs.centre(used, self.vectors)

    def grow(self, more: int) -> None:
        """Make room for more rows."""
        self._signs.grow(more)
        self._codes, self._sizes = _grown(self._codes, more), _grown(self._sizes, more)

    def vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The keys of these rows. Shapes: (k,) → (k, d)."""
        return vectors_of(self._codes[rows])

    def likely(self, query: NDArray[np.float32], used: int, spare: int) -> NDArray[np.int64]:
        """The rows, of the first `used`, whose signs differ least from a unit query's (d,)."""
        return self._signs.likely(query, used, spare)

    def cosines(self, rows: NDArray[np.int64], query: NDArray[np.float32]) -> NDArray[np.float32]:
        """How near these rows are to a unit query. Shapes: (k,), (d,) → (k,)."""
        return cosines(self._codes[rows], self._sizes[rows], query)


def _grown(kept: NDArray[Kept], more: int) -> NDArray[Kept]:
    # Rows that are not used yet are not touched either, and so take no memory.
    grown = np.empty((len(kept) + more, *kept.shape[1:]), kept.dtype)
    grown[: len(kept)] = kept
    return grown
