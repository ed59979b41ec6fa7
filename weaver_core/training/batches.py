"""Batches for training: several texts of an answer together, beside those of the answers nearest to it."""

import numpy as np
from numpy.typing import NDArray

from weaver_core.training.evidence import Evidence
from weaver_core.training.settings import EncoderSettings


def steps(evidence: Evidence, settings: EncoderSettings) -> int:
    """How many batches an epoch has."""
    return -(-len(evidence.texts) // settings.batch)


def epoch(
    evidence: Evidence, vectors: NDArray[np.float32], settings: EncoderSettings, number: int
) -> list[NDArray[np.int64]]:
    """One epoch's batches: rows of texts, each that teaches or is a position once, in an order that the seed decides.

    Hard negatives are mined here: an answer's neighbours by the means of their positions, as the encoder sees them now.
    Shape: vectors (T, d).
    """
    random = np.random.default_rng((settings.seed, number))
    chunks = _chunks(evidence, settings.each, random)
    ordered = _beside_neighbours(chunks, _similar(evidence, vectors), settings.neighbours, random)
    ordered += _split(random.permutation(np.arange(len(evidence.owners), len(evidence.texts))), settings.each)
    return _split(np.concatenate(ordered), settings.batch)


def _split(rows: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _chunks(evidence: Evidence, size: int, random: np.random.Generator) -> dict[int, list[NDArray[np.int64]]]:
    order = np.argsort(evidence.owners, kind="stable")
    owned = np.split(order, np.cumsum(np.bincount(evidence.owners))[:-1])
    return {answer: _split(random.permutation(rows), size) for answer, rows in enumerate(owned)}


def _similar(evidence: Evidence, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """How alike answers are, by the means of their positions. Shape: (N, N)."""
    counts = np.bincount(evidence.owners)
    order = np.argsort(evidence.owners, kind="stable")
    sums = np.add.reduceat(vectors[order], np.concatenate([[0], np.cumsum(counts)[:-1]]), axis=0)
    means = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    similar: NDArray[np.float32] = means @ means.T
    return similar


def _beside_neighbours(
    chunks: dict[int, list[NDArray[np.int64]]],
    similar: NDArray[np.float32],
    neighbours: int,
    random: np.random.Generator,
) -> list[NDArray[np.int64]]:
    """All chunks, one of a random answer at a time and one of each of its nearest answers after it."""
    ordered: list[NDArray[np.int64]] = []
    while chunks:
        answers = np.array(sorted(chunks))
        drawn = random.choice(answers)
        nearest = answers[np.argsort(-similar[drawn, answers], kind="stable")][:neighbours]
        for answer in nearest.tolist():
            ordered.append(chunks[answer].pop())
            if not chunks[answer]:
                del chunks[answer]
    return ordered
