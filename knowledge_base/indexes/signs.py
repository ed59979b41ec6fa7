"""Signs of keys, a bit a dimension: which rows may be near a query, from how many of its signs differ."""

from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.arrays import grown
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter

# As few rows as these are all compared in full. Of more, all signs choose as many or one in so many, of four times as
# many that the first signs chose (docs/experiments.md).
EXACT_ROWS, ONE_IN, FIRST_PASS = 1000, 500, 4
# So many words' distances sum to what eight bits hold.
WORD_BITS, FIRST_WORDS = 64, 3
# A mean of so many rows moves no more, and of so many it is taken.
SETTLED_ROWS, SAMPLED_ROWS = 100_000, 10_000
# Distances that tell where the least ones end.
SAMPLED_DISTANCES = 20_000
PART = 10_000


class Signs:
    """Whether a row's coordinates lie above the rows' mean: around a mean of zero, signs tell the most.

    Shapes for n rows: each of w words (n,), 64 signs in each; centre (d,).
    """

    def __init__(self, dimension: int, rows: int) -> None:
        """Room for so many rows of vectors (d,)."""
        self._words = [np.zeros(rows, np.uint64) for _ in range(-(-dimension // WORD_BITS))]
        self._centre = np.zeros(dimension, np.float32)
        self._centred_rows = 0

    @classmethod
    def opened(cls, snapshot: Snapshot, name: str, dimension: int, rows: int) -> Self:
        """Room for the signs of so many rows, around the centre that was saved. Raises SnapshotUnusableError.

        The signs follow from the keys, so that the disk need not hold them: put them.
        """
        signs = cls(dimension, rows)
        signs._centre = np.array(snapshot.value(f"{name}/centre"), np.float32)
        signs._centred_rows = snapshot.value(f"{name}/centred rows")
        return signs

    def save(self, writer: SnapshotWriter, name: str) -> None:
        """Keep the centre in a snapshot."""
        writer.value(f"{name}/centre", self._centre.tolist())
        writer.value(f"{name}/centred rows", self._centred_rows)

    def put(self, rows: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        """Keep the signs of these rows. Shapes: (k,), (k, d)."""
        for word, signs in zip(self._words, _signs(vectors, self._centre), strict=True):
            word[rows] = signs

    def clear(self, rows: NDArray[np.int64]) -> None:
        """Hold nothing in these rows."""
        for word in self._words:
            word[rows] = 0

    def grow(self, more: int) -> None:
        """Make room for more rows."""
        self._words = [grown(word, more) for word in self._words]

    def centre(self, used: int, vectors: Callable[[NDArray[np.int64]], NDArray[np.float32]]) -> None:
        """Take the signs of the used rows around their mean again, if they have doubled since.

        Shapes: vectors of rows (k,) → (k, d).
        """
        if self._centred_rows >= SETTLED_ROWS or used < max(EXACT_ROWS, 2 * self._centred_rows):
            return
        self._centre = vectors(np.arange(0, used, -(-used // SAMPLED_ROWS))).mean(axis=0)
        self._centred_rows = used
        for start in range(0, used, PART):
            rows = np.arange(start, min(start + PART, used))
            self.put(rows, vectors(rows))

    def likely(self, query: NDArray[np.float32], used: int, spare: int) -> NDArray[np.int64]:
        """The rows that differ least from a query (d,), of the first `used`, in rising order.

        `spare` more than else: as many rows may be of no use.
        """
        wanted = max(EXACT_ROWS, used // ONE_IN) + spare
        if used <= wanted:
            return np.arange(used)
        asked = _signs(query[None], self._centre)[:, 0]
        apart = np.zeros(used, np.uint8)
        for word, sign in zip(self._words[:FIRST_WORDS], asked[:FIRST_WORDS], strict=True):
            apart += np.bitwise_count(word[:used] ^ sign)
        rows = _least(apart, FIRST_PASS * wanted)
        distances = apart[rows].astype(np.uint16)
        for word, sign in zip(self._words[FIRST_WORDS:], asked[FIRST_WORDS:], strict=True):
            distances += np.bitwise_count(word[rows] ^ sign)
        return rows[_least(distances, wanted)]


def _least(distances: NDArray[np.uint8] | NDArray[np.uint16], wanted: int) -> NDArray[np.int64]:
    """The places of about the least distances, at least `wanted` and all that tie with the last."""
    if len(distances) <= wanted:
        return np.arange(len(distances))
    # A sample tells where the limit is, and counting whether that is far enough: NumPy's partition of all of them takes
    # as long on some machines, and many times as long on others.
    sample = distances[:: max(1, len(distances) // SAMPLED_DISTANCES)]
    place = len(sample) * wanted // len(distances)
    limit = int(np.partition(sample, place)[place])
    while np.count_nonzero(distances <= limit) < wanted:
        limit += 1
    return np.flatnonzero(distances <= limit)


def _signs(vectors: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Which coordinates are above the centre's. Shapes: (n, d), (d,) → (w, n)."""
    packed = np.packbits(vectors > centre, axis=1)
    padded = np.zeros((len(vectors), -(-vectors.shape[1] // WORD_BITS) * 8), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return np.ascontiguousarray(padded.view(np.uint64).T)
