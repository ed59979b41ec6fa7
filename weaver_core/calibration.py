"""The chance that the first answer is right, from what the read saw: score, margin, I, positions, agreement."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from weaver_core.model import Reading

FEATURES = ("bias", "score", "margin", "retrieval", "log_positions", "agreement")
# More of these is never less reason to be sure; fitted below zero, they would be on questions unlike those fitted on.
RISING = (1, 2, 3, 5)
HUNDRED = 100
# Of the turns that a service sees, so many in one are taken to be about something that its memory lacks.
OUT_OF_SCOPE = 0.02
RIDGE, MOST_STEPS, CONVERGED, TINY = 1e-2, 60, 1e-8, 1e-9
MOST_RAISED = 2.0


def features(reading: Reading, order: NDArray[np.int64], positions: int) -> NDArray[np.float64]:
    """What confidence in the first of `order` is judged by, when its memory has so many positions.

    The retrieval's I alone is blind to questions that no answer fits, the score alone to close seconds
    (docs/experiments.md).

    Shape: order (N,), best first → (6,).
    """
    top = order[0]
    runner_up = reading.scores[order[1]] if len(order) > 1 else 0.0
    score, log_positions = reading.scores[top], np.log(max(positions, 1))
    margin, agreement = score - runner_up, reading.agreement[top]
    return np.array([1.0, score, margin, reading.probabilities[top], log_positions, agreement], np.float64)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The chance that a reading's first answer is right: that any answer fits, times that it is this one if one does.

    Both are logistic regressions: `scope` on the score alone, since turns that nothing fits are unlike those that could
    be fitted on in everything else; `coefficients` on all features. `thresholds[w]` is the least confidence at which w
    answers in a hundred were wrong where it was fitted, w = 0 … 100.
    """

    coefficients: tuple[float, ...]
    scope: tuple[float, float]
    thresholds: tuple[float, ...]

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The calibration as a model version keeps it."""
        bias, score = map(float, stored["scope"])
        return cls(tuple(map(float, stored["coefficients"])), (bias, score), tuple(map(float, stored["thresholds"])))

    def to_json(self) -> dict[str, Any]:
        """The calibration as a model version keeps it."""
        return {
            "coefficients": list(self.coefficients),
            "scope": list(self.scope),
            "thresholds": list(self.thresholds),
        }

    def confidences(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The chance that the first answer is right, in [0, 1]. Shapes: features (…, 6) → (…,)."""
        return _logistic(values @ np.array(self.coefficients)) * _logistic(values[..., :2] @ np.array(self.scope))

    def threshold(self, wrong_per_hundred: float) -> float:
        """The least confidence to answer with, when so many wrong answers in a hundred are accepted; 100: always."""
        if wrong_per_hundred >= HUNDRED:
            return 0.0
        found = float(np.interp(wrong_per_hundred, range(HUNDRED + 1), self.thresholds))
        # An answer that is itself wrong no more often than that may be given, however hard the others are.
        return min(found, 1.0 - wrong_per_hundred / HUNDRED)


def spread(confidence: float, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """Each answer's own chance to be right, when the top one's is `confidence`. Shape: I (N,), best first → (N,).

    The others keep their proportions among themselves and never pass the top one; the sum stays below 1.
    """
    chances = np.asarray(probabilities, np.float64).copy()
    top = chances[0]
    factor = min(1.0, confidence / top, (1.0 - confidence) / max(1.0 - top, np.finfo(np.float64).tiny))
    chances *= factor
    chances[0] = confidence
    return chances


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What readings looked like, and how they came out.

    Shapes: features (n, 6); whether the first answer was right (n,); whether any answer fits (n,); weights (n,).
    """

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    fits: NDArray[np.bool_]
    weights: NDArray[np.float64]


def fit(sample: Sample) -> Calibration:
    """Fit a calibration on readings of turns that some answer fits, and of some that none does."""
    inside = sample.fits
    coefficients = _fit_rising(sample.features[inside], sample.right[inside], sample.weights[inside])
    # Turns that nothing fits are rarer in service than here.
    rarer = OUT_OF_SCOPE / (1 - OUT_OF_SCOPE) * sample.weights[inside].sum() / max(sample.weights[~inside].sum(), TINY)
    scope = _fit_logistic(sample.features[:, :2], inside, sample.weights)
    scope[0] -= np.log(rarer)
    coefficients[0] += _raised(coefficients, scope, sample)
    fitted = Calibration(tuple(coefficients.tolist()), (float(scope[0]), float(scope[1])), ())
    weights = np.where(inside, sample.weights, rarer * sample.weights)
    return replace(fitted, thresholds=_thresholds(fitted.confidences(sample.features), sample.right, weights))


def _fit_rising(
    values: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    kept = list(range(values.shape[1]))
    fitted = _fit_logistic(values, right, weights)
    while falling := [column for column in RISING if column in kept and fitted[kept.index(column)] < 0]:
        kept = [column for column in kept if column not in falling]
        fitted = _fit_logistic(values[:, kept], right, weights)
    coefficients = np.zeros(values.shape[1])
    coefficients[kept] = fitted
    return coefficients


def _raised(coefficients: NDArray[np.float64], scope: NDArray[np.float64], sample: Sample) -> float:
    """What the bias must rise by so that turns that some answer fits are taken to be right as often as they were.

    The assumed share of turns that nothing fits would lower every chance by itself otherwise; it is to set them apart.
    """
    values, right, weights = (each[sample.fits] for each in (sample.features, sample.right, sample.weights))
    fits, scores = _logistic(values[:, :2] @ scope), values @ coefficients
    low, high = 0.0, MOST_RAISED
    while high - low > CONVERGED:
        middle = (low + high) / 2
        if weights @ (_logistic(scores + middle) * fits) < weights @ right:
            low = middle
        else:
            high = middle
    return low


def _thresholds(
    chances: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[float, ...]:
    order = np.argsort(-chances, kind="stable")
    asked = np.maximum(np.cumsum(weights[order]), TINY)
    wrong = 100.0 * np.cumsum((weights * ~right)[order]) / asked
    # Answering fewer questions is never held to be more wrong, so that the thresholds fall as w rises.
    wrong = np.minimum.accumulate(wrong[::-1])[::-1]
    answered = np.searchsorted(wrong, np.arange(HUNDRED + 1), side="right")
    return tuple(float(chances[order[count - 1]]) if count else 1.0 for count in answered)


def _logistic(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-scores))


def _fit_logistic(
    values: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The coefficients with the least penalised log-loss (Newton's method). Shapes: (n, f), (n,), (n,) → (f,)."""
    coefficients = np.zeros(values.shape[1])
    # The bias (first column) is not penalised.
    ridge = np.diag([0.0] + [RIDGE] * (values.shape[1] - 1))
    for _ in range(MOST_STEPS):
        chances = _logistic(values @ coefficients)
        gradient = values.T @ (weights * (chances - right)) + ridge @ coefficients
        curvature = (values.T * (weights * chances * (1 - chances))) @ values + ridge + 1e-9 * np.eye(len(coefficients))
        step = np.linalg.solve(curvature, gradient)
        coefficients -= step
        if np.abs(step).max() < CONVERGED:
            break
    return coefficients
