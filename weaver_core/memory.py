"""M = Σᵢ αᵢ Hᵢ: an answer's memory as one query reads it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weaver_core.errors import ModelError


@dataclass(frozen=True, slots=True, eq=False)
class Memories:
    """The positions of N answers, one answer's after the other's.

    Shapes: vectors H (P, d), unit length; offsets (N + 1,): answer n owns the rows offsets[n] to offsets[n + 1];
    trust b = log trust (P,), 0 for a position that is trusted in full.
    """

    vectors: NDArray[np.float32]
    offsets: NDArray[np.int64]
    trust: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Raises ModelError when the shapes do not fit together or an answer has no position."""
        count = len(self.vectors)
        if self.offsets[0] != 0 or self.offsets[-1] != count or (np.diff(self.offsets) <= 0).any():
            raise ModelError(f"The offsets do not divide {count} positions into memories of at least one each.")
        if self.trust.shape != (count,):
            raise ModelError(f"There are {count} positions but trust for {len(self.trust)}.")

    @property
    def owners(self) -> NDArray[np.int64]:
        """Which answer each position belongs to. Shape: (P,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


def read(weights: NDArray[np.float32], memories: Memories) -> NDArray[np.float32]:
    """The normalised memories M̂ = M / |M| of all answers. Shapes: weights α (P,) → (N, d)."""
    sums = np.add.reduceat(weights[:, None] * memories.vectors, memories.offsets[:-1], axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    memories_read: NDArray[np.float32] = sums / np.maximum(lengths, np.finfo(np.float32).tiny)
    return memories_read


def read_many(weights: NDArray[np.float32], memories: Memories) -> NDArray[np.float32]:
    """The normalised memories under many weightings at once. Shapes: weights α (G, P) → (G, N, d).

    Memories are padded to the longest, so that one batched product reads them all.
    """
    lengths = np.diff(memories.offsets)
    places: NDArray[np.int64] = np.arange(int(lengths.max()))
    present: NDArray[np.bool_] = places < lengths[:, None]
    rows = np.where(present, memories.offsets[:-1, None] + places, 0)
    padded = np.where(present, weights[:, rows], np.float32(0)).transpose(1, 0, 2)
    sums = (padded @ memories.vectors[rows]).transpose(1, 0, 2)
    norms = np.linalg.norm(sums, axis=2, keepdims=True)
    return np.asarray(sums / np.maximum(norms, np.finfo(np.float32).tiny), np.float32)
