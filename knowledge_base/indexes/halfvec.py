"""Vectors in half precision as pgvector sends and takes them: halfvec, in binary and in text."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def pack(vectors: NDArray[np.float32]) -> list[bytes]:
    """Vectors as PostgreSQL takes them in binary. Shape: (n, d)."""
    rows = np.zeros(len(vectors), _row(vectors.shape[1]))
    rows["dimension"], rows["vector"] = vectors.shape[1], vectors
    return [row.tobytes() for row in rows]


def unpack(sent: Sequence[bytes], dimension: int) -> NDArray[np.float32]:
    """Vectors that PostgreSQL sent in binary. Shape: n → (n, d)."""
    return np.frombuffer(b"".join(sent), _row(dimension))["vector"].astype(np.float32)


def spell(vector: NDArray[np.float32]) -> str:
    """A vector as a query says it. Shape: (d,)."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"


def _row(dimension: int) -> np.dtype[np.void]:
    return np.dtype([("dimension", ">u2"), ("unused", ">u2"), ("vector", ">f2", (dimension,))])
