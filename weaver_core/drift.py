"""Drift: customers ask what the memory does not know, told from how many replies of late are probably wrong.

A CUSUM chart of x, the chance that a reply is wrong: 1 − confidence, moved by the votes on it. After each turn S =
max(0, S + log f(x)) with f(x) = x·p₁/p₀ + (1 − x)·(1 − p₁)/(1 − p₀), the likelihood ratio of a worse rate p₁ of wrong
replies to the usual p₀. There is an alarm when S passes h; it began where S last was 0. The mean of f is at most 1
while that of x is at most p₀, so false alarms are at least e^h turns apart on average however x is distributed, where
turns say nothing of each other. p₀ is learned from the turns that are not suspected (a self-starting chart), with its
standard error on top.

Sources: E. S. Page, Continuous Inspection Schemes, Biometrika 41, 1954; G. Lorden, Procedures for Reacting to a Change
in Distribution, Annals of Mathematical Statistics 42, 1971 (the bound); J. Shin, A. Ramdas and A. Rinaldo, E-detectors,
New England Journal of Statistics in Data Science 2, 2023 (the bound for bounded variables); D. M. Hawkins,
Self-Starting CUSUM Charts for Location and Scale, The Statistician 36, 1987. What these constants do was measured:
docs/experiments.md.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from weaver_core.sequential import Counted, usual_rate
from weaver_core.trust import believed

# h in nats: a false alarm in 100,000 turns at most; and for the end of one.
ALARM, OVER = math.log(1e5), math.log(1e2)
# p₁ is so much worse: twice the usual, and fifteen in a hundred at least.
WORSE_BY, LEAST_WORSE, MOST_RATE = 1.0, 0.15, 0.95
# So many turns tell what is usual; what came before the last so many fades.
FEWEST_TURNS, MEMORY = 200, 2000
# Where most replies are wrong, more can hardly be.
MOST_USUAL = 0.6
# An alarm is over below this part of the way from what is usual to what was wrong.
PART_WAY, LEAST_WAY = 1 / 3, 0.05
# So many votes may be wrong: one alone moves a sure reply's chance little.
NOISE = 0.2
NONE = Counted(0.0, 0)


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known after some turns: the usual wrong replies, those `since` the change that is suspected, S in nats.

    While `bad` is set there is an alarm: it is the rate of wrong replies under which that is over.
    """

    usual: Counted = NONE
    since: Counted = NONE
    evidence: float = 0.0
    bad: float | None = None


def follow(watch: Watch, wrong: Iterable[float]) -> Watch:
    """The watch after more turns, oldest first, each with the chance that its reply is wrong, in [0, 1]."""
    for chance in wrong:
        watch = step(watch, chance)
    return watch


def wrong_chance(confidence: float, votes: Iterable[bool]) -> float:
    """The chance that a reply is wrong, by its confidence and then by each vote on it, True for up."""
    right = confidence
    for up in votes:
        right = believed(right, NOISE if up else 1 - NOISE)
    return 1 - right


def step(watch: Watch, wrong: float) -> Watch:
    """The watch after one more turn."""
    usual = usual_rate(watch.usual)
    since = _sum(watch.since, Counted(wrong, 1))
    if watch.bad is not None:
        return _until_over(replace(watch, since=since), wrong, usual, watch.bad)
    if watch.usual.total < FEWEST_TURNS or usual >= MOST_USUAL:
        return Watch(_learned(watch.usual, since))
    evidence = watch.evidence + log_factor(wrong, usual, worse_rate(usual))
    if evidence <= 0:
        # What was suspected is ordinary: it is part of what is usual.
        return Watch(_learned(watch.usual, since))
    if evidence < ALARM:
        return replace(watch, since=since, evidence=evidence)
    rate = min(max(since.happened / since.total, usual + LEAST_WAY), worse_rate(usual))
    return Watch(watch.usual, since, 0.0, usual + PART_WAY * (rate - usual))


def rebased(watch: Watch, less_sure: float) -> Watch:
    """The watch when another version answers that is so much less sure of what it knows, in [−1, 1].

    Where it is surer nothing changes: what is usual follows.
    """
    if less_sure <= 0:
        return watch
    usual = Counted(min(watch.usual.happened + less_sure * watch.usual.total, watch.usual.total), watch.usual.total)
    return replace(watch, usual=usual, bad=None if watch.bad is None else min(watch.bad + less_sure, MOST_RATE))


def worse_rate(usual: float) -> float:
    """p₁: the rate that the chart is tuned to."""
    return min(usual + max(LEAST_WORSE, WORSE_BY * usual), MOST_RATE)


def log_factor(wrong: float, null: float, other: float) -> float:
    """The log-likelihood ratio, in nats, of another rate to the null for a reply that is wrong with a chance."""
    return math.log(wrong * other / null + (1 - wrong) * (1 - other) / (1 - null))


def _until_over(watch: Watch, wrong: float, usual: float, bad: float) -> Watch:
    """The same chart the other way round: the null is that the rate is still bad, the other that it is usual again."""
    evidence = max(0.0, watch.evidence + log_factor(wrong, bad, usual))
    # What is usual now is learned anew when it is over: it need not be what it was.
    return replace(watch, evidence=evidence) if evidence < OVER else Watch()


def _sum(one: Counted, other: Counted) -> Counted:
    return Counted(one.happened + other.happened, one.total + other.total)


def _learned(usual: Counted, seen: Counted) -> Counted:
    both = _sum(usual, seen)
    if both.total <= MEMORY:
        return both
    return Counted(both.happened * MEMORY / both.total, MEMORY)
