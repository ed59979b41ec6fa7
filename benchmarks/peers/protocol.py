"""What every peer does: it is given a memory, then ranks the memory's answers for questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RANKED = 10
# A ranking with fewer answers than that is filled up with this.
NOBODY = -1

Texts = Sequence[str]


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """What is remembered: texts, and the number of the answer that each belongs to. Shapes: P texts, owners (P,)."""

    texts: tuple[str, ...]
    owners: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The best answers for n questions, best first, with what they scored. Shapes: answers and scores (n, RANKED)."""

    answers: NDArray[np.int64]
    scores: NDArray[np.float64]


Ask = Callable[[Texts], Ranking]
# A peer is given a memory and gives what answers questions from it.
Peer = Callable[[Bank], Ask]
# What makes unit vectors of texts. Shape: n texts → (n, d).
Encode = Callable[[Texts], NDArray[np.float32]]


def of_positions(owners: NDArray[np.int64], rows: NDArray[np.int64], scores: NDArray[np.float32]) -> Ranking:
    """An answer scores what its best position does.

    Shapes: owners (P,), the positions found for n questions, best first, (n, k), −1 for none, and their scores (n, k).
    """
    answers = np.full((len(rows), RANKED), NOBODY, np.int64)
    best = np.full((len(rows), RANKED), -np.inf)
    for question, (found, scored) in enumerate(zip(rows, scores, strict=True)):
        kept = found >= 0
        named, first = np.unique(owners[found[kept]], return_index=True)
        order = np.argsort(first)[:RANKED]
        answers[question, : len(order)] = named[order]
        best[question, : len(order)] = scored[kept][first[order]]
    return Ranking(answers, best)


def of_answers(scores: NDArray[np.float32]) -> Ranking:
    """The best of all answers. Shape: scores (n, N)."""
    answers = np.argsort(-scores, axis=1, kind="stable")[:, :RANKED]
    best = np.take_along_axis(scores, answers, axis=1).astype(np.float64)
    missing = ((0, 0), (0, RANKED - answers.shape[1]))
    return Ranking(np.pad(answers, missing, constant_values=NOBODY), np.pad(best, missing, constant_values=-np.inf))
