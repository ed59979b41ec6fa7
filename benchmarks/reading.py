"""Memories of cached vectors, and the s that leave-one-out fits to them, for benchmarks that read one view."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weaver_core.batch_read import cosines
from weaver_core.leave_one_out import BETAS, SCALES
from weaver_core.memory import Memories

MOST_QUESTIONS = 2000


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


def centred(keys: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors without what they have in common, unit length again. Shapes: keys (n, d), mean (d,)."""
    moved = keys - mean
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def numbered(labels: Sequence[str]) -> tuple[NDArray[np.int64], dict[str, int]]:
    """Labels as numbers from 0, and which number each has."""
    numbers = {label: number for number, label in enumerate(sorted(set(labels)))}
    return np.array([numbers[label] for label in labels]), numbers
