"""Many queries read against the same memories at once: the cosines of `weaver_core.model.read_view`, sooner."""

import numpy as np
from numpy.typing import NDArray

from weaver_core.attention import attend
from weaver_core.memory import Memories

# How many similarities are held at once: 16 MB, of which a block needs some five copies.
MOST_AT_ONCE = 1 << 22


def cosines(
    queries: NDArray[np.float32], memories: Memories, scale: float, own: NDArray[np.int64] | None = None
) -> NDArray[np.float32]:
    """û·M̂ of each query with each answer's memory; `own` are the positions' rows that the queries leave out.

    An answer of whose memory nothing is left has 0. Shapes: queries (n, d), own (n,), −1 where nothing is left out
    → (n, N).
    """
    left_out = np.full(len(queries), -1, np.int64) if own is None else own
    found = np.zeros((len(queries), len(memories.offsets) - 1), np.float32)
    size = max(1, MOST_AT_ONCE // len(memories.vectors))
    for start in range(0, len(queries), size):
        rows = slice(start, start + size)
        found[rows] = _block(queries[rows], memories, scale, left_out[rows])
    return found


def _block(
    queries: NDArray[np.float32], memories: Memories, scale: float, own: NDArray[np.int64]
) -> NDArray[np.float32]:
    similarities = queries @ memories.vectors.T
    trust = np.tile(memories.trust, (len(queries), 1))
    leaving = np.flatnonzero(own >= 0)
    trust[leaving, own[leaving]] = -np.inf
    weights = attend(similarities, memories.offsets, scale, trust)
    along = np.add.reduceat(weights * similarities, memories.offsets[:-1], axis=1)
    # A single position's memory is that position, unless it is left out.
    lengths = np.ones_like(along)
    for answer in np.flatnonzero(np.diff(memories.offsets) > 1).tolist():
        owned = slice(memories.offsets[answer], memories.offsets[answer + 1])
        lengths[:, answer] = np.linalg.norm(weights[:, owned] @ memories.vectors[owned], axis=1)
    return np.asarray(along / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)
