"""A little exploration: answers that are nearly equally likely change places now and then, with a known probability."""

from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from weaver_core.decision import MOST_SUGGESTIONS, Decision

# Answers whose chances to be right are no further apart than this are nearly equal: the calibration itself is out by
# .01 to .03 (README, ECE), so that which of them is the likelier one is hardly known.
NEAR = 0.05
# With one half, of two near-equals either is shown as often as the other; more would prefer the less likely one.
MOST_EXPLORATION = 0.5


@dataclass(frozen=True, slots=True)
class Showing:
    """What is shown, and how likely it was to be.

    `order[k]` is the rank, by chance, of what is shown at place k; `propensity` is the probability of the whole order,
    and `propensities[k]` that of showing at place k what is shown there, all given the turn.
    """

    order: tuple[int, ...]
    propensity: float
    propensities: tuple[float, ...]


def near_equals(chances: NDArray[np.float64], decision: Decision, threshold: float) -> tuple[int, ...]:
    """The sizes of the runs of near-equal answers among those that may be shown, best first.

    Of answers to send, the first and the second are such a run, if both reach the threshold; of suggestions, those
    whose chances are at most NEAR below the first of their run. A run of one has nothing to change places with; there
    is no run where a person is asked.

    Shape: chances (N,), best first.
    """
    if decision is Decision.HANDOFF:
        return ()
    if decision is Decision.ANSWER:
        exchanged = len(chances) > 1 and chances[1] >= threshold and chances[0] - chances[1] <= NEAR
        return (2,) if exchanged else (1,)
    runs: list[int] = []
    first = 0.0
    for chance in chances[:MOST_SUGGESTIONS].tolist():
        if runs and first - chance <= NEAR:
            runs[-1] += 1
        else:
            first = chance
            runs.append(1)
    return tuple(runs)


def show(runs: tuple[int, ...], share: float, random: np.random.Generator) -> Showing:
    """The order in which near-equals are shown, as ranks from 0.

    With probability 2·share every run is put in an order drawn evenly from all of its orders, so that two near-equals
    change places with probability `share`; else the order is the one by chance. Share 0 always leaves that order, with
    propensity 1. Logging the probability with which each was shown is what makes unbiased estimates possible: Bottou
    et al., Counterfactual Reasoning and Learning Systems, JMLR 14, 2013.
    """
    ranks = np.arange(sum(runs))
    if share <= 0 or max(runs, default=1) == 1:
        return Showing(tuple(ranks.tolist()), 1.0, (1.0,) * len(ranks))
    mixing = 2.0 * share
    order = ranks
    if random.random() < mixing:
        ends = np.cumsum(runs)
        order = np.concatenate(
            [random.permutation(ranks[end - size : end]) for size, end in zip(runs, ends, strict=True)]
        )
    sizes = np.repeat(runs, runs)
    kept = order == ranks
    propensities = np.where(kept, 1.0 - mixing, 0.0) + mixing / sizes
    whole = mixing / float(np.prod([factorial(size) for size in runs])) + (1.0 - mixing if kept.all() else 0.0)
    return Showing(tuple(order.tolist()), whole, tuple(propensities.tolist()))
