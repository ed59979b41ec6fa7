"""How sure a difference is: the paired bootstrap over the questions that two models were asked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
_BLOCK = 100


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the 95 % interval of its resamples, and the share of them below zero: P(gain < 0)."""

    mean: float
    low: float
    high: float
    negative: float


def gain(
    before: NDArray[np.float64], after: NDArray[np.float64], seed: int, weights: NDArray[np.float64] | None = None
) -> Interval:
    """How much more often `after` is right than `before`, asked the same questions.

    Shapes: (n,), right (1) or not (0), or an estimate of that, question by question; weights (n,), how much a question
    counts.
    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993 (percentile interval).
    """
    return bootstrap(after - before, seed, weights)


def bootstrap(values: NDArray[np.float64], seed: int, weights: NDArray[np.float64] | None = None) -> Interval:
    """The weighted mean of values (n,), which must not be empty, with the interval of its resamples."""
    weighing = np.ones(len(values)) if weights is None else weights
    random = np.random.default_rng(seed)
    means = np.concatenate([_resampled(values, weighing, random) for _ in range(RESAMPLES // _BLOCK)])
    low, high = np.percentile(means, [2.5, 97.5])
    mean = float((weighing * values).sum() / weighing.sum())
    return Interval(mean, float(low), float(high), float((means < 0).mean()))


def _resampled(
    values: NDArray[np.float64], weights: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    """The means of some resamples. Shape: (_BLOCK,)."""
    drawn = random.integers(len(values), size=(_BLOCK, len(values)))
    totals = weights[drawn].sum(axis=1)
    # A resample may draw nothing but questions of no weight.
    means: NDArray[np.float64] = (weights * values)[drawn].sum(axis=1) / np.where(totals == 0, 1.0, totals)
    return means
