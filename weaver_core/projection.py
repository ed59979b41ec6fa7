"""Vectors in two dimensions, so that they can be drawn: their first two principal components."""

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 2


def project(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The first two principal components, in [−1, 1] each. Shapes: (n, d) → (n, 2).

    Which side is which says nothing; it is the same for the same vectors. Source: K. Pearson, 1901.
    """
    if len(vectors) == 0:
        return np.zeros((0, DIMENSIONS), np.float32)
    centred = np.asarray(vectors - vectors.mean(axis=0), np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :DIMENSIONS]
    if axes.shape[1] < DIMENSIONS:
        axes = np.pad(axes, ((0, 0), (0, DIMENSIONS - axes.shape[1])))
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), range(DIMENSIONS)] < 0, -1, 1)
    places = centred @ axes
    return np.asarray(places / np.maximum(np.abs(places).max(axis=0), np.finfo(np.float32).tiny), np.float32)
