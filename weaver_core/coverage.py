"""The few positions that stand best for all of an answer's."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# More positions than this are not each asked whether they are covered: evenly spaced ones speak for them.
MOST_WITNESSES = 2048


def cover(
    vectors: NDArray[np.float32],
    k: int,
    weights: NDArray[np.float32] | None = None,
    keep: Sequence[int] = (),
) -> NDArray[np.int64]:
    """The rows S that maximise Σᵢ wᵢ · max over j in S of cos(i, j), greedily, in rising order.

    `keep` are rows that are taken in any case, also when they are more than k. Equal gains go to the lower row, so that
    the choice is the same every time. Shapes: vectors (L, d), unit length; weights w (L,), 1 without → (min(k, L),).
    Source: greedy facility location, at least 1 − 1/e of the best (Nemhauser, Wolsey and Fisher, 1978).
    """
    count = len(vectors)
    if count <= k:
        return np.arange(count)
    witnesses = np.linspace(0, count - 1, min(count, MOST_WITNESSES)).astype(np.int64)
    similarities = vectors @ vectors[witnesses].T
    share = np.ones(len(witnesses), np.float32) if weights is None else weights[witnesses].astype(np.float32)
    chosen = list(dict.fromkeys(keep))
    best = similarities[chosen].max(axis=0) if chosen else np.full(len(witnesses), -1, np.float32)
    while len(chosen) < k:
        # Rounded, so that rows that are equal but for the last bit stay equal.
        gains = np.round(np.maximum(similarities - best, 0) @ share, 4)
        gains[chosen] = -1
        row = int(gains.argmax())
        chosen.append(row)
        best = np.maximum(best, similarities[row])
    return np.sort(np.array(chosen, np.int64))
