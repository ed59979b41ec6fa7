"""Texts' token states, kept on disk between runs in half precision, with the vectors that they are the mean of."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.vectors import CACHE
from weaver_core.encoders.encoder import BATCH, Encoder


@dataclass(frozen=True, slots=True, eq=False)
class TextStates:
    """Shapes: all texts' tokens (T, d), in half precision; offsets (n + 1,) from 0 to T; unit vectors (n, d)."""

    tokens: NDArray[np.float16]
    offsets: NDArray[np.int64]
    vectors: NDArray[np.float32]

    def tokens_of(self, text: int) -> NDArray[np.float16]:
        """One text's token states. Shape: (t, d)."""
        return self.tokens[self.offsets[text] : self.offsets[text + 1]]


def of(encoder: Encoder, texts: Sequence[str]) -> TextStates:
    """The texts' token states and vectors, mapped from the file that an earlier run left, if it is there."""
    digest = hashlib.sha256("\0".join([encoder.version, *texts]).encode()).hexdigest()[:24]
    paths = [CACHE / f"{digest}.{part}.npy" for part in ("tokens", "offsets", "states-vectors")]
    if not paths[-1].exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        tokens, offsets, vectors = _encoded(encoder, texts)
        np.save(paths[0], tokens)
        np.save(paths[1], offsets)
        np.save(paths[2], vectors)
    return TextStates(np.load(paths[0], mmap_mode="r"), np.load(paths[1]), np.load(paths[2]))


def _encoded(
    encoder: Encoder, texts: Sequence[str]
) -> tuple[NDArray[np.float16], NDArray[np.int64], NDArray[np.float32]]:
    states: list[NDArray[np.float16]] = [np.zeros((0, 0), np.float16)] * len(texts)
    vectors = np.zeros((len(texts), encoder.dimension), np.float32)
    # Texts of one length share a batch, so that little of it is padding.
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        for row, found in zip(rows, encoder.states([texts[row] for row in rows]), strict=True):
            mean = found.pooled.mean(axis=0)
            states[row], vectors[row] = found.pooled.astype(np.float16), mean / np.linalg.norm(mean)
    offsets = np.concatenate([[0], np.cumsum([len(tokens) for tokens in states])]).astype(np.int64)
    return np.concatenate(states), offsets, vectors
