"""The read of opaque answers, many questions at once: intents whose memories are their train questions."""

import numpy as np
import torch
from numpy.typing import NDArray

from weaver_core.memory import Memories
from weaver_core.training import losses

BLOCK = 256


def memories(keys: NDArray[np.float32], labels: NDArray[np.int64]) -> Memories:
    """Memories of positions (P, d) that are sorted by label, all trusted in full."""
    offsets = np.concatenate([[0], np.cumsum(np.bincount(labels))])
    return Memories(keys, offsets, np.zeros(len(keys), np.float32))


def cosines(
    memory: Memories, scale: float, queries: NDArray[np.float32], own: NDArray[np.int64] | None = None
) -> NDArray[np.float32]:
    """û·M̂ (n, N) of all queries; `own` are the rows of their own positions, left out."""
    positions, layout = torch.from_numpy(memory.vectors), losses.layout(memory.owners, memory.trust)
    rows = np.full(len(queries), -1, np.int64) if own is None else own
    found: list[NDArray[np.float32]] = []
    with torch.inference_mode():
        for start in range(0, len(queries), BLOCK):
            similarities = torch.from_numpy(queries[start : start + BLOCK]) @ positions.T
            left_out = losses.mask_of(rows[start : start + BLOCK], len(positions))
            found.append(losses.read_cosines(similarities, positions, layout, scale, left_out).numpy())
    return np.concatenate(found)
