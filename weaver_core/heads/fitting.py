"""Fits a head on labelled turns; its temperature on turns that were left out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weaver_core.errors import HeadDamagedError, WrongVectorsError
from weaver_core.heads.examples import Example, checked
from weaver_core.heads.head import Head, centre, softmax
from weaver_core.heads.labels import LABELS, Task

# What cross-validation on the shipped turns wants (docs/experiments.md).
RIDGE = 1e-3
FOLDS = 5
MOST_STEPS, CONVERGED = 2000, 1e-6
TEMPERATURES = np.geomspace(0.25, 4.0, 65)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A head with what it reached on turns that were left out: accuracy, and negative log-likelihood in nats."""

    head: Head
    accuracy: float
    loss: float


@dataclass(frozen=True, slots=True, eq=False)
class _Turns:
    """Shapes: vectors as the encoder gives them (n, d), labels as one-hot rows (n, k), weights (n,) summing to 1."""

    vectors: NDArray[np.float32]
    targets: NDArray[np.float64]
    weights: NDArray[np.float64]


def fit(task: Task, examples: Sequence[Example], vectors: NDArray[np.float32], seed: int) -> Fit:
    """The head for a task, fitted on examples and their unit vectors (n, d), in the same order.

    Each label counts alike, however many turns it has. Raises HeadDamagedError for a label that the head does not know
    or that no example has, WrongVectorsError for vectors that do not belong to the examples or are not finite.
    """
    if vectors.ndim != 2 or len(vectors) != len(examples):  # noqa: PLR2004 - n texts, d numbers each
        raise WrongVectorsError(f"There are {len(examples)} turns, but the vectors have shape {vectors.shape}.")
    if not np.isfinite(vectors).all():
        raise WrongVectorsError("A head cannot be fitted on vectors that are not finite.")
    labels = LABELS[task]
    targets = np.eye(len(labels))[[labels.index(example.label) for example in checked(examples, task)]]
    turns = _Turns(vectors, targets, _balanced(targets, np.array([example.weight for example in examples]), labels))
    scores = _left_out(turns, seed)
    losses = [_loss(scores / temperature, turns) for temperature in TEMPERATURES]
    right = scores.argmax(axis=1) == targets.argmax(axis=1)
    mean, weights, bias = _regress(turns)
    head = Head(labels, mean, weights, bias, float(TEMPERATURES[int(np.argmin(losses))]))
    return Fit(head, float(turns.weights @ right), min(losses))


def _balanced(targets: NDArray[np.float64], weights: NDArray[np.float64], labels: Sequence[str]) -> NDArray[np.float64]:
    totals = weights @ targets
    if (totals == 0).any():
        raise HeadDamagedError(f"No turn is labelled '{labels[int(totals.argmin())]}'.")
    return np.asarray(weights * (targets @ (1.0 / totals)) / len(labels), np.float64)


def _left_out(turns: _Turns, seed: int) -> NDArray[np.float64]:
    """The scores of all turns, each from a head that was fitted without it. Shape: (n, k)."""
    count = len(turns.weights)
    folds = np.random.default_rng(seed).permutation(count) % FOLDS
    scores = np.zeros_like(turns.targets)
    for fold in range(FOLDS):
        out = folds == fold
        mean, weights, bias = _regress(_Turns(turns.vectors[~out], turns.targets[~out], turns.weights[~out]))
        scores[out] = centre(turns.vectors[out], mean) @ weights + bias
    return scores


def _loss(scores: NDArray[np.float64], turns: _Turns) -> float:
    chances = (softmax(scores) * turns.targets).sum(axis=1)
    return float(-turns.weights @ np.log(np.maximum(chances, np.finfo(np.float64).tiny)))


def _regress(turns: _Turns) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean (d,), weights (d, k) and bias (k,) with the least penalised loss.

    The curvature is bounded by ½ XᵀX, whatever the weights, so that one factorisation serves all steps and every step
    descends. Source: Böhning, Multinomial logistic regression algorithm, 1992.
    """
    mean = np.average(turns.vectors.astype(np.float64), axis=0, weights=turns.weights)
    rows = np.hstack([centre(turns.vectors, mean), np.ones((len(turns.weights), 1))])
    # The bias (last column) is all but free.
    ridge = np.append(np.full(len(mean), RIDGE), np.finfo(np.float64).eps)
    bound = 0.5 * (rows.T * turns.weights) @ rows + np.diag(ridge)
    inverse = np.linalg.inv(bound)
    coefficients = np.zeros((rows.shape[1], turns.targets.shape[1]))
    for _ in range(MOST_STEPS):
        errors = (softmax(rows @ coefficients) - turns.targets) * turns.weights[:, None]
        step = inverse @ (rows.T @ errors + ridge[:, None] * coefficients)
        coefficients -= step
        if np.abs(step).max() < CONVERGED:
            break
    return mean, coefficients[:-1], coefficients[-1]
