"""Votes judged again by the whole memory: which answer a voted turn belongs to, its own position left out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weaver_core.batch_read import cosines
from weaver_core.errors import ModelError
from weaver_core.memory import Memories
from weaver_core.model import ReadParameters
from weaver_core.retrieval import retrieve

# Probabilities held at once.
MOST_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class VotedTurns:
    """n turns that were voted on.

    Shapes: queries û by view, each (n, d); shown (n,), the answer voted on by number; up (n,), False for a thumb down;
    noise ε (n,), the share of wrong votes among those of the turn's source; own (n,), the turn's own position in the
    memories, −1 where it has none.
    """

    queries: Mapping[str, NDArray[np.float32]]
    shown: NDArray[np.int64]
    up: NDArray[np.bool_]
    noise: NDArray[np.float64]
    own: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Raises ModelError when there are not as many of one as of another."""
        lengths = {len(self.shown), len(self.up), len(self.noise), len(self.own)}
        lengths |= {len(vectors) for vectors in self.queries.values()}
        if len(lengths) != 1:
            raise ModelError(f"The parts of the voted turns are of different lengths: {sorted(lengths)}.")

    def __len__(self) -> int:
        """How many there are."""
        return len(self.shown)


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What the memory and the vote say together of n voted turns.

    Shapes: shown (n,), how likely the answer voted on is right; likeliest (n,), the answer that most likely is, and
    sureness (n,), how likely.
    """

    shown: NDArray[np.float64]
    likeliest: NDArray[np.int64]
    sureness: NDArray[np.float64]


def judge_again(turns: VotedTurns, memories: Mapping[str, Memories], parameters: ReadParameters) -> Verdicts:
    """Each voted turn read against the memory of all others, and Bayes' rule with its vote.

    The views' memories hold the same positions in the same order, centred and with trust as they are read; words are
    not read. A position that its neighbours contradict comes out unlikely: it is to leave the memory, or not to enter.
    """
    count = len(turns)
    shown, sureness = np.zeros(count), np.zeros(count)
    likeliest = np.zeros(count, np.int64)
    answers = len(next(iter(memories.values())).offsets) - 1
    size = max(1, MOST_AT_ONCE // answers)
    for start in range(0, count, size):
        rows = np.arange(start, min(start + size, count))
        likely = voted(chances(turns, rows, memories, parameters), turns.shown[rows], turns.up[rows], turns.noise[rows])
        shown[rows] = likely[np.arange(len(rows)), turns.shown[rows]]
        likeliest[rows] = likely.argmax(axis=1)
        sureness[rows] = likely.max(axis=1)
    return Verdicts(shown, likeliest, sureness)


def chances(
    turns: VotedTurns, rows: NDArray[np.int64], memories: Mapping[str, Memories], parameters: ReadParameters
) -> NDArray[np.float32]:
    """I of some voted turns, each without its own position: before its vote. Shape: rows (m,) → (m, N)."""
    total = sum(parameters.views[view].weight for view in memories)
    scores = np.zeros((len(rows), len(next(iter(memories.values())).offsets) - 1), np.float32)
    for view, held in memories.items():
        fitted = parameters.views[view]
        share = np.float32(fitted.weight / total)
        scores += share * cosines(turns.queries[view][rows], held, fitted.scale, turns.own[rows])
    return retrieve(scores, parameters.beta)


def voted(
    chances: NDArray[np.float32], shown: NDArray[np.int64], up: NDArray[np.bool_], noise: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How likely each answer is once the vote on the one shown is known: p' ∝ p·P(vote | answer).

    A vote is right with 1 − ε: in saying that the shown answer is right, or that it is wrong. Of a liked answer this is
    `weaver_core.trust.believed`. Shapes: chances (n, N), shown, up, noise (n,) → (n, N).
    """
    likelihood = np.repeat(np.where(up, noise, 1 - noise)[:, None], chances.shape[1], axis=1)
    likelihood[np.arange(len(shown)), shown] = np.where(up, 1 - noise, noise)
    together = chances * likelihood
    found: NDArray[np.float64] = together / np.maximum(together.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    return found
