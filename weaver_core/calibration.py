"""The chance that the top answer is right, from what the read saw: cosine, margin, I, number of positions."""

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

VECTORS, WORDS = "vectors", "words"
FEATURES = ("bias", "cosine", "margin", "retrieval", "log_positions")
# More of these is never less reason to be sure; fitted below zero, they would be on questions unlike those fitted on.
RISING = (1, 2, 3)
_DEFAULT = "default_calibrator.json"
HUNDRED = 100
RIDGE, MOST_STEPS, CONVERGED = 1e-2, 60, 1e-8


def features(cosines: NDArray[np.float32], probabilities: NDArray[np.float32], positions: int) -> NDArray[np.float64]:
    """What confidence is judged by.

    The retrieval's I alone is blind to questions that no answer fits, the cosine alone to close seconds
    (docs/experiments.md).

    Shapes: cosines and I of all candidates (N,), best first, and the number of the top one's positions → (5,).
    """
    runner_up = cosines[1] if len(cosines) > 1 else 0.0
    margin = cosines[0] - runner_up
    return np.array([1.0, cosines[0], margin, probabilities[0], np.log(max(positions, 1))], np.float64)


@dataclass(frozen=True, slots=True)
class ViewCalibration:
    """A logistic regression on the features of one view.

    `thresholds[w]` is the least confidence at which w answers in a hundred were wrong where it was fitted, w = 0 … 100.
    """

    coefficients: tuple[float, ...]
    thresholds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Calibrator:
    """What makes a confidence of the features, for each view (vectors, words)."""

    views: dict[str, ViewCalibration]

    @classmethod
    def default(cls) -> Self:
        """The calibrator that ships with Weaver, fitted on development sets by benchmarks/default_calibrator.py."""
        stored: dict[str, Any] = json.loads(resources.files("weaver_core").joinpath(_DEFAULT).read_text())
        return cls(
            {
                view: ViewCalibration(tuple(stored[view]["coefficients"]), tuple(stored[view]["thresholds"]))
                for view in (VECTORS, WORDS)
            }
        )

    def confidences(self, view: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The chance that the top answer is right, in [0, 1]. Shapes: features (…, 5) → (…,)."""
        return _logistic(values @ np.array(self.views[view].coefficients))

    def threshold(self, view: str, wrong_per_hundred: float) -> float:
        """The least confidence to answer with, when so many wrong answers in a hundred are accepted; 100: always."""
        if wrong_per_hundred >= HUNDRED:
            return 0.0
        found = float(np.interp(wrong_per_hundred, range(HUNDRED + 1), self.views[view].thresholds))
        # An answer that is itself wrong no more often than that may be given, however hard the view's others are.
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


def fit_view(values: NDArray[np.float64], right: NDArray[np.bool_]) -> ViewCalibration:
    """Fit one view's calibration. Shapes: features (n, 5), whether each top answer was right (n,)."""
    kept = list(range(values.shape[1]))
    fitted = _fit_logistic(values, right)
    while falling := [column for column in RISING if column in kept and fitted[kept.index(column)] < 0]:
        kept = [column for column in kept if column not in falling]
        fitted = _fit_logistic(values[:, kept], right)
    coefficients = np.zeros(values.shape[1])
    coefficients[kept] = fitted
    chances = _logistic(values @ coefficients)
    order = np.argsort(-chances, kind="stable")
    wrong = 100.0 * np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    # Answering fewer questions is never held to be more wrong, so that the thresholds fall as w rises.
    wrong = np.minimum.accumulate(wrong[::-1])[::-1]
    answered = np.searchsorted(wrong, np.arange(HUNDRED + 1), side="right")
    thresholds = [float(chances[order[count - 1]]) if count else 1.0 for count in answered]
    return ViewCalibration(tuple(coefficients.tolist()), tuple(thresholds))


def _logistic(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-scores))


def _fit_logistic(values: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The coefficients with the least penalised log-loss (Newton's method). Shapes: (n, 5), (n,) → (5,)."""
    coefficients = np.zeros(values.shape[1])
    # The bias (first column) is not penalised.
    ridge = np.diag([0.0] + [RIDGE] * (values.shape[1] - 1))
    for _ in range(MOST_STEPS):
        chances = _logistic(values @ coefficients)
        gradient = values.T @ (chances - right) + ridge @ coefficients
        curvature = (values.T * (chances * (1 - chances))) @ values + ridge + 1e-9 * np.eye(len(coefficients))
        step = np.linalg.solve(curvature, gradient)
        coefficients -= step
        if np.abs(step).max() < CONVERGED:
            break
    return coefficients
