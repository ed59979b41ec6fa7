"""Readers, memories and candidates as tests make them: small, and without an encoder's weights."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from weaver_core.calibration import Calibration
from weaver_core.memory import Memories
from weaver_core.model import Candidates, Reading, ReadParameters, Space, ViewParameters, read_candidates
from weaver_core.readers import Reader

VIEW = "tiny@1"
CALIBRATION = Calibration((-4.0, 6.0, 6.0, 2.0, 0.0, 0.0), (2.0, 4.0), tuple(1.0 - w / 100 for w in range(101)))


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    """The rows, scaled to length 1."""
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def parameters(scale: float = 7.0, beta: float = 28.0, words: float = 0.0) -> ReadParameters:
    """How one view is read alone."""
    return ReadParameters({VIEW: ViewParameters(1.0, scale)}, words, beta)


def reader() -> Reader:
    """A reader of one view."""
    return Reader(parameters(), CALIBRATION)


def candidates(
    queries: Mapping[str, NDArray[np.float32]],
    memories: Mapping[str, Memories],
    sentences: NDArray[np.bool_] | None = None,
    words: NDArray[np.float32] | None = None,
) -> Candidates:
    """The memories of several views as candidates. Shapes: queries (d,), sentences (P,), words (N,)."""
    first = next(iter(memories.values()))
    return Candidates(
        {view: Space(query, memories[view].vectors) for view, query in queries.items()},
        first.offsets,
        first.trust,
        np.zeros(len(first.trust), np.bool_) if sentences is None else sentences,
        np.zeros(len(first.offsets) - 1, np.float32) if words is None else words,
    )


def one_view(query: NDArray[np.float32], memories: Memories, scale: float, beta: float = 28.0) -> Reading:
    """The read of one view alone, without words."""
    return read_candidates(candidates({VIEW: query}, {VIEW: memories}), parameters(scale, beta))
