"""Texts' vectors, kept on disk between runs, so that a benchmark measures what it is about."""

import hashlib
import os
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import ROOT
from bot.commands.environment import open_encoder
from weaver_core.encoders.encoder import Encoder

CACHE = ROOT / "var" / "benchmarks"


def english() -> Encoder:
    """The default English encoder."""
    return open_encoder("english", threads=os.cpu_count() or 1)


def multilingual() -> Encoder:
    """The default multilingual encoder."""
    return open_encoder("multilingual", threads=os.cpu_count() or 1)


def of(encoder: Encoder, texts: Sequence[str]) -> NDArray[np.float32]:
    """The texts' unit vectors. Shape: n texts → (n, d)."""
    digest = hashlib.sha256("\0".join([encoder.version, *texts]).encode()).hexdigest()[:24]
    path = CACHE / f"{digest}.npy"
    if path.exists():
        kept: NDArray[np.float32] = np.load(path)
        return kept
    vectors = encoder.encode(texts)
    CACHE.mkdir(parents=True, exist_ok=True)
    np.save(path, vectors)
    return vectors


def shelf(encoder: Encoder) -> Callable[[Sequence[Sequence[str]]], Callable[[Sequence[str]], NDArray[np.float32]]]:
    """Vectors looked up by their text: call it with lists of texts that are encoded as wholes and kept.

    What it gives then takes any of these texts, in any order. Shape: n texts → (n, d).
    """
    rows: dict[str, NDArray[np.float32]] = {}

    def filled(corpus: Sequence[Sequence[str]]) -> Callable[[Sequence[str]], NDArray[np.float32]]:
        for texts in corpus:
            if not all(text in rows for text in texts):
                rows.update(zip(texts, of(encoder, texts), strict=True))
        return lambda texts: np.stack([rows[text] for text in texts])

    return filled
