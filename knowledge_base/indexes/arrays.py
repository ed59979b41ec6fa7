"""Arrays of rows that grow: the rows that are not used yet are not touched either, and so take no memory."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Kept = TypeVar("Kept", bound=np.generic)


def grown(kept: NDArray[Kept], more: int) -> NDArray[Kept]:
    """The same rows with room for more. Shape: (n, …) → (n + more, …)."""
    larger = np.empty((len(kept) + more, *kept.shape[1:]), kept.dtype)
    larger[: len(kept)] = kept
    return larger
