"""Bursts of votes: so many on one answer in so short a time that they were planned."""

from dataclasses import dataclass
from math import log

import numpy as np

WINDOW_HOURS = 1.0
# Fewer people than this teach so little that it is not worth a reviewer's look.
FEWEST_RATERS = 25
# How seldom ordinary votes may look like a burst: with a hundred answers that are judged every hour, once a year.
LEAST_LIKELY = 1e-6
# The busiest hour of a week holds some four times an average hour's.
PEAK = 4.0
# Before an answer has votes: one in so many hours, and of so many who see it one in ten votes.
PRIOR_HOURS, PRIOR_SHOWN, PRIOR_SHARE = 1.0, 50.0, 0.1
# On so many other answers there are votes when it is the day that is unusual, not the answer; and one answer may be so
# many times as much asked for as the others.
FEWEST_OTHERS, POPULAR = 20, 4.0


@dataclass(frozen=True, slots=True)
class Window:
    """The last hour of an answer: how many people voted on it, and to how many it was shown.

    `released` of its votes a reviewer has called ordinary; `others` is how many other answers were voted on, with
    `others_raters` votes on each on average.
    """

    raters: int
    shown: int
    released: int = 0
    others: int = 0
    others_raters: float = 0.0


@dataclass(frozen=True, slots=True)
class Usual:
    """An answer's past before the window: so many votes in so many hours, by people of whom so many saw it."""

    raters: int
    hours: float
    shown: int


def expected(window: Window, usual: Usual) -> float:
    """How many votes the hour may hold, the largest of what speaks for many.

    A busy hour of the answer's own past; the usual share of those who saw it, since an outage or a first day brings
    more of both; what a reviewer called ordinary in this very hour; and, where many other answers are voted on, four
    times what each of them gets.
    """
    hourly = PEAK * WINDOW_HOURS * (usual.raters + 1.0) / (usual.hours + PRIOR_HOURS)
    share = (usual.raters + PRIOR_SHARE * PRIOR_SHOWN) / (usual.shown + PRIOR_SHOWN)
    broad = POPULAR * window.others_raters if window.others >= FEWEST_OTHERS else 0.0
    return max(hourly, min(share, 1.0) * window.shown, float(window.released), broad)


def is_burst(window: Window, usual: Usual) -> bool:
    """Whether so many votes in an hour were planned: their Poisson tail is below one in a million.

    People who decide by themselves make a Poisson process, whose count has its mean alone as parameter; a campaign adds
    votes without adding what explains them.
    """
    if window.raters < FEWEST_RATERS:
        return False
    return tail(window.raters, expected(window, usual)) < LEAST_LIKELY


def tail(count: int, mean: float) -> float:
    """P(X ≥ count) of a Poisson variable, to an absolute error far below LEAST_LIKELY. Mean above 0."""
    if count <= 0:
        return 1.0
    below = np.arange(count, dtype=np.float64)
    # log k! for k = 0 … count − 1.
    factorials = np.concatenate([[0.0], np.cumsum(np.log(below[1:]))])
    return max(0.0, 1.0 - float(np.exp(below * log(mean) - mean - factorials).sum()))
