"""What another policy would have earned, estimated from what was shown, how likely that was, and how it was judged."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weaver_core.errors import PropensityError
from weaver_core.intervals import Interval, bootstrap

# No logged turn counts more than this many. The bias that a clip brings is at most the reward of what lies above it,
# the variance without one is unbounded: Ionides, Truncated Importance Sampling, JCGS 17, 2008, proposes √n, which for
# the hundred to some hundred judged turns of an update is 10 to 20; Bottou et al., JMLR 14, 2013, section 4.4.
CLIP = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Logged:
    """Judged turns: what was shown was shown with `propensities`, and earned `rewards`.

    Shapes: each (n,). Propensities in (0, 1], rewards in [0, 1].
    """

    propensities: NDArray[np.float64]
    rewards: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Value:
    """A policy's mean reward a turn, with the 95 % interval of its resamples.

    `effective` is how many evenly weighted turns tell as much, `clipped` the share of turns whose weight was cut.
    """

    interval: Interval
    effective: float
    clipped: float


def weights(propensities: NDArray[np.float64], chances: NDArray[np.float64], clip: float = CLIP) -> NDArray[np.float64]:
    """min(π(shown) / p(shown), clip): how much each logged turn counts for π. Shapes: (n,), (n,) → (n,).

    `chances` are the probabilities with which π would have shown what was shown; ones give the weights of a training
    on what was logged. Raises PropensityError.
    """
    if (propensities <= 0).any():
        raise PropensityError("A turn was logged with a propensity that is not above 0.")
    return np.minimum(chances / propensities, clip)


def effective_size(weighing: NDArray[np.float64]) -> float:
    """(Σw)² / Σw²: how many evenly weighted turns tell as much; 0 where none has weight. Shape: (n,).

    Source: Kish, Survey Sampling, 1965.
    """
    squares = float((weighing**2).sum())
    return float(weighing.sum()) ** 2 / squares if squares > 0 else 0.0


def ips(logged: Logged, chances: NDArray[np.float64], seed: int, clip: float = CLIP) -> Value:
    """V = (1/n) Σ wᵢ rᵢ, clipped inverse-propensity scoring. Shape: chances (n,), n at least 1.

    Unbiased where nothing is clipped and everything that the policy shows could have been logged; else it is low,
    since rewards are not negative. Source: Horvitz and Thompson, JASA 47, 1952; Bottou et al., JMLR 14, 2013.
    """
    weighing = weights(logged.propensities, chances, clip)
    return _value(bootstrap(weighing * logged.rewards, seed), weighing, logged, chances)


def self_normalised(logged: Logged, chances: NDArray[np.float64], seed: int, clip: float = CLIP) -> Value:
    """V = Σ wᵢ rᵢ / Σ wᵢ: the same with the weights' own sum below. Shape: chances (n,), n at least 1.

    Its bias vanishes with n, it stays within the rewards, and it varies less where weights do. Where no turn has
    weight nothing is known, and the value is 0 with an effective size of 0.
    Source: Swaminathan and Joachims, The Self-Normalized Estimator for Counterfactual Learning, NeurIPS 2015.
    """
    weighing = weights(logged.propensities, chances, clip)
    if not weighing.any():
        return _value(Interval(0.0, 0.0, 1.0, 0.0), weighing, logged, chances)
    return _value(bootstrap(logged.rewards, seed, weighing), weighing, logged, chances)


def _value(interval: Interval, weighing: NDArray[np.float64], logged: Logged, chances: NDArray[np.float64]) -> Value:
    cut = float((chances / logged.propensities > weighing).mean())
    return Value(interval, effective_size(weighing), cut)
