"""A sequential test: whether something happens more often than it did, looked at as often as one likes.

Wald's sequential probability ratio test of H₀: the rate is p₀ against H₁: it is p₁ > p₀. Looking again and again does
not raise the chance of a false alarm above α. Source: A. Wald, Sequential Tests of Statistical Hypotheses, 1945.
"""

import math
from dataclasses import dataclass

FALSE_ALARM, MISSED = 0.005, 0.05
# How much worse is worth an alarm: by half, and by five in a hundred at least.
WORSE_BY, LEAST_WORSE = 0.5, 0.05
# A rate that is told from fewer events than these is not known.
FEWEST_BEFORE = 50
MOST_RATE = 0.9


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something happened, of how many times that it could have; what happened by a chance counts as that."""

    happened: float
    total: int


def is_worse(before: Counted, since: Counted) -> bool:
    """Whether what happened at one rate before happens at a worse one since; False while nothing can be said."""
    found = evidence(before, since)
    return found is not None and found >= 1.0


def evidence(before: Counted, since: Counted) -> float | None:
    """How much of an alarm's proof there is: log P(seen | p₁)/P(seen | p₀) as a share of the test's limit.

    1 and more is an alarm, less than 0 speaks against one; None while nothing can be said. p₀ is the rate before and
    one standard error of it, so that a rate from little raises no false alarm.
    """
    if before.total < FEWEST_BEFORE or since.total == 0:
        return None
    usual = usual_rate(before)
    if usual >= MOST_RATE:
        # What happens nearly always can hardly happen more often.
        return None
    worse = min(usual + max(LEAST_WORSE, WORSE_BY * usual), MOST_RATE + LEAST_WORSE)
    return log_ratio(since, usual, worse) / math.log((1 - MISSED) / FALSE_ALARM)


def usual_rate(before: Counted) -> float:
    """p₀: the rate so far with one standard error, by Jeffreys' prior, at most .99."""
    mean = (before.happened + 0.5) / (before.total + 1)
    return min(mean + math.sqrt(mean * (1 - mean) / (before.total + 2)), 0.99)


def log_ratio(since: Counted, usual: float, worse: float) -> float:
    """Log P(seen | p₁) − log P(seen | p₀), in nats."""
    missed = since.total - since.happened
    return since.happened * math.log(worse / usual) + missed * math.log((1 - worse) / (1 - usual))
