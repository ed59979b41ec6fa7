"""A text's words, and its Chinese as characters and character bigrams: the lexical view of a text."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from weaver_core.texts.normalization import fold

# A run of Chinese characters, or a word; a code such as "ppr-9087" or "e-17" stays whole.
_HAN_CHARACTERS = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_OTHERS = rf"[^\W_{_HAN_CHARACTERS}]+"
_RUN = re.compile(rf"[{_HAN_CHARACTERS}]+|{_OTHERS}(?:[-'’.]{_OTHERS})*")
_HAN = re.compile(rf"[{_HAN_CHARACTERS}]")


def terms(text: str) -> list[str]:
    """The terms of a text: folded words and codes, each Chinese character and each two neighbouring ones.

    Bigrams alone miss two thirds of what characters and bigrams together find in short questions
    (docs/experiments.md).
    """
    found: list[str] = []
    for run in _RUN.findall(fold(text)):
        if _HAN.match(run):
            found += [*run, *(run[start : start + 2] for start in range(len(run) - 1))]
        else:
            found.append(run)
    return found


def inverse_frequency(holding: int, positions: int) -> float:
    """How much a term tells: log(1 + N / n) for a term that n of N positions hold."""
    return float(np.log1p(positions / max(holding, 1)))


def vectors(passages: Sequence[Sequence[str]], weights: Mapping[str, float]) -> NDArray[np.float32]:
    """The terms of texts as unit vectors over the weighted terms, so that words are read as any other view is.

    A text without any of the terms is a zero vector. A term without a weight still counts towards its text's length, so
    that a long text with one known word is not mistaken for that word. Shape: n texts' terms, m weights → (n, m).
    """
    column = {term: index for index, term in enumerate(weights)}
    matrix = np.zeros((len(passages), len(column)), np.float32)
    lengths = np.zeros(len(passages), np.float32)
    for row, passage in enumerate(passages):
        for term in set(passage):
            weight = weights.get(term)
            if weight is not None:
                matrix[row, column[term]] = weight
            lengths[row] += (weight or 1.0) ** 2
    norms = np.sqrt(np.maximum(lengths, np.finfo(np.float32).tiny))
    return (matrix / norms[:, None]).astype(np.float32)
