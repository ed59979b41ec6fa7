"""Whether a candidate may answer: non-inferiority to the version that does, on several sets of questions.

A candidate is refused when it is probably worse (its mean gain is negative, and P(gain < 0) ≥ .8 by the bootstrap), or
when it loses a question that must not break. To demand proof that it is better would starve learning: one night's
judgements move too few questions for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from weaver_core.intervals import Interval, gain

PROBABLY_WORSE = 0.8
# With fewer questions than these nothing can be said.
FEWEST_QUESTIONS = 30
SEED = 8


class Cause(StrEnum):
    """Why a candidate is refused."""

    WORSE = "worse"
    BROKEN = "broken"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A set of questions that both versions answered.

    Shapes: before, after (n,), right (1) or not (0), or an unbiased estimate of that, which may lie outside; weights
    (n,), how much a question counts. A set that must `hold` alone may not be probably worse by itself either.
    """

    name: str
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    weights: NDArray[np.float64]
    holds_alone: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What a set said: how many questions, the weighted shares of right ones, the gain with its interval."""

    name: str
    questions: int
    before: float
    after: float
    gain: Interval


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason against a candidate, and the set that it comes from (empty: all together)."""

    cause: Cause
    of: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found. A candidate without a refusal may answer."""

    overall: Measured | None
    sets: tuple[Measured, ...]
    refusals: tuple[Refusal, ...]

    @property
    def passed(self) -> bool:
        """Whether the candidate may answer."""
        return not self.refusals


def judge(sets: Sequence[Compared], broken: int) -> Verdict:
    """Compare two versions; `broken` is how many questions that must not break the candidate loses."""
    asked = [one for one in sets if one.weights.sum() > 0]
    measured = tuple(_measure(one) for one in asked)
    refusals = [Refusal(Cause.BROKEN)] if broken else []
    if sum(len(one.weights) for one in asked) < FEWEST_QUESTIONS:
        return Verdict(None, measured, (*refusals, Refusal(Cause.TOO_FEW)))
    overall = _measure(
        Compared(
            "",
            np.concatenate([one.before for one in asked]),
            np.concatenate([one.after for one in asked]),
            np.concatenate([one.weights for one in asked]),
        )
    )
    if is_probably_worse(overall.gain):
        refusals.append(Refusal(Cause.WORSE))
    alone = {one.name for one in asked if one.holds_alone}
    refusals += [
        Refusal(Cause.WORSE, one.name) for one in measured if one.name in alone and is_probably_worse(one.gain)
    ]
    return Verdict(overall, measured, tuple(refusals))


def is_probably_worse(found: Interval) -> bool:
    """Whether a mean gain is negative and most resamples agree."""
    return found.mean < 0 and found.negative >= PROBABLY_WORSE


def _measure(one: Compared) -> Measured:
    total = float(one.weights.sum())
    before, after = (float((one.weights * right).sum() / total) for right in (one.before, one.after))
    return Measured(one.name, len(one.weights), before, after, gain(one.before, one.after, SEED, one.weights))
