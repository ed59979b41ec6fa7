"""A = softmax(q Hᵀ / √dₖ): which positions of each memory speak to a query."""

import numpy as np
from numpy.typing import NDArray


def attend(
    similarities: NDArray[np.float32], offsets: NDArray[np.int64], scale: float, trust: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The attention weights over each answer's own positions; each answer's weights sum to 1.

    With q = s·√dₖ·û and unit vectors the formula is softmax(s·û·Hᵢ); b = log trust is added to each score.

    Shapes: similarities û·Hᵢ (…, P), offsets (N + 1,) strictly rising from 0 to P, trust (P,) → (…, P).
    Source: docs/decisions/0001 and Vaswani et al., Attention Is All You Need, 2017.
    """
    scores = scale * similarities + trust
    starts, lengths = offsets[:-1], np.diff(offsets)
    highest = np.maximum.reduceat(scores, starts, axis=-1)
    # A memory whose every position is masked out (−inf) would give NaN; its weights are all zero instead.
    highest = np.where(np.isneginf(highest), np.float32(0), highest)
    exponentials = np.exp(scores - np.repeat(highest, lengths, axis=-1))
    sums = np.add.reduceat(exponentials, starts, axis=-1)
    sums = np.where(sums == 0, np.float32(1), sums)
    return np.asarray(exponentials / np.repeat(sums, lengths, axis=-1), np.float32)
