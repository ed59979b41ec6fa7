"""The space in which topics are told apart: the views of all encoders side by side, for texts of any language."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from weaver_core.encoders.encoder import Encoder
from weaver_core.readers import ANY, Readers, role_of

# A mean of fewer texts is those texts'.
FEWEST_TEXTS = 50


def joined(
    by_encoder: Mapping[str, NDArray[np.float32]], readers: Readers, languages: Sequence[str | None]
) -> NDArray[np.float32]:
    """Unit vectors of texts: their centred views side by side, those that do not know a text's language left zero.

    The cosine of two texts of one language is the mean of their views' cosines; of two languages, somewhat less than
    that of the views which know both. Shapes: by encoder (n, d); n languages → (n, sum of d).
    """
    parts = [_view(by_encoder[encoder.version], encoder, readers, languages) for encoder in readers.encoders]
    side_by_side = np.concatenate(parts, axis=1)
    lengths = np.linalg.norm(side_by_side, axis=1, keepdims=True)
    unit: NDArray[np.float32] = side_by_side / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit


def centred(vectors: NDArray[np.float32], languages: Sequence[str | None]) -> NDArray[np.float32]:
    """Unit vectors without what all texts of their language share, and zero where they are zero.

    What a company's customers all talk about says nothing of topics, and encoders differ in how near all texts are to
    each other. A language with few texts is left as it is. Shapes: (n, d); n languages → (n, d).
    """
    found = vectors.copy()
    spoken = np.array([language or "" for language in languages])
    for language in set(spoken.tolist()):
        rows = np.flatnonzero((spoken == language) & vectors.any(axis=1))
        if len(rows) >= FEWEST_TEXTS:
            moved = vectors[rows] - vectors[rows].mean(axis=0)
            lengths = np.linalg.norm(moved, axis=1, keepdims=True)
            found[rows] = moved / np.maximum(lengths, np.finfo(np.float32).tiny)
    return found


def _view(
    vectors: NDArray[np.float32], encoder: Encoder, readers: Readers, languages: Sequence[str | None]
) -> NDArray[np.float32]:
    view = np.zeros_like(vectors)
    for language in set(languages):
        rows = [row for row, spoken in enumerate(languages) if spoken == language]
        if role_of(encoder, language or ANY) or not _is_known(language, readers):
            view[rows] = readers.centred(vectors[rows], encoder, language)
    return view


def _is_known(language: str | None, readers: Readers) -> bool:
    """Whether any encoder knows a language; where none does all are asked."""
    return any(role_of(encoder, language or ANY) for encoder in readers.encoders)
