"""Many questions read against a memory at once: the figures of `weaver_core.model.read_view`, sooner."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weaver_core.attention import attend
from weaver_core.leave_one_out import BETAS, SCALES
from weaver_core.memory import Memories
from weaver_core.model import Space, read_view

BLOCK, MOST_QUESTIONS = 256, 2000


def memories_of(keys: NDArray[np.float32], owners: NDArray[np.int64]) -> Memories:
    """Memories of positions in any order. Shapes: keys (P, d), owners (P,) from 0 without gaps."""
    order = np.argsort(owners, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(owners))]).astype(np.int64)
    return Memories(keys[order], offsets, np.zeros(len(order), np.float32))


def fitted_scale(memories: Memories) -> float:
    """The attention's s with the least leave-one-out loss, on a sample of the positions."""
    rows, targets = asking(memories)
    losses: dict[float, float] = {}
    for scale in SCALES:
        found = cosines(memories.vectors[rows], memories, scale, rows)
        losses[scale] = min(loss(found, targets, beta) for beta in BETAS)
    return min(losses, key=lambda scale: losses[scale])


def asking(memories: Memories) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows that ask while left out, and their answers: those of answers that have another position."""
    rows = np.flatnonzero(np.diff(memories.offsets)[memories.owners] > 1)
    if len(rows) > MOST_QUESTIONS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_QUESTIONS, replace=False))
    return rows, memories.owners[rows]


def loss(found: NDArray[np.float32], targets: NDArray[np.int64], beta: float) -> float:
    """The mean negative log-likelihood (nats) of the right answers. Shapes: (q, N), (q,)."""
    logits = beta * found
    highest = logits.max(axis=1, keepdims=True)
    totals = highest[:, 0] + np.log(np.exp(logits - highest).sum(axis=1))
    return float((totals - logits[np.arange(len(targets)), targets]).mean())


def cosines(
    queries: NDArray[np.float32], memories: Memories, scale: float, own: NDArray[np.int64] | None = None
) -> NDArray[np.float32]:
    """û·M̂ of each question with each answer's memory; `own` are the positions' rows that the questions leave out.

    Shapes: queries (q, d), own (q,), −1 where nothing is left out → (q, N).
    """
    left_out = np.full(len(queries), -1, np.int64) if own is None else own
    grams = [
        memories.vectors[start:end] @ memories.vectors[start:end].T
        for start, end in zip(memories.offsets[:-1], memories.offsets[1:], strict=True)
    ]
    found = np.concatenate(
        [
            _block(queries[start : start + BLOCK], left_out[start : start + BLOCK], memories, grams, scale)
            for start in range(0, len(queries), BLOCK)
        ]
    )
    if own is None:
        one = read_view(Space(queries[0], memories.vectors), memories, scale)[1]
        assert np.allclose(one, found[0], atol=1e-4), "the read of many is not the read of one"
    return found


def _block(
    queries: NDArray[np.float32],
    left_out: NDArray[np.int64],
    memories: Memories,
    grams: Sequence[NDArray[np.float32]],
    scale: float,
) -> NDArray[np.float32]:
    similarities = queries @ memories.vectors.T
    trust = np.tile(memories.trust, (len(similarities), 1))
    leaving = np.flatnonzero(left_out >= 0)
    trust[leaving, left_out[leaving]] = -np.inf
    weights = attend(similarities, memories.offsets, scale, trust)
    along = np.add.reduceat(weights * similarities, memories.offsets[:-1], axis=1)
    squares = np.ones_like(along)
    for answer in np.flatnonzero(np.diff(memories.offsets) > 1).tolist():
        # |M|² = αᵀ(H Hᵀ)α; a single position's memory is that position.
        attended = weights[:, memories.offsets[answer] : memories.offsets[answer + 1]]
        squares[:, answer] = ((attended @ grams[answer]) * attended).sum(axis=1)
    return np.asarray(along / np.sqrt(np.maximum(squares, np.finfo(np.float32).tiny)), np.float32)


def centred(keys: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors without what they have in common, unit length again. Shapes: keys (n, d), mean (d,)."""
    moved = keys - mean
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def numbered(labels: Sequence[str]) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Labels as numbers from 0, and which number each has."""
    numbers = {label: number for number, label in enumerate(sorted(set(labels)))}
    return np.array([numbers[label] for label in labels]), numbers
