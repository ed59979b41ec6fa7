"""How good the answers were: hit@k, mean reciprocal rank, coverage, precision, abstention, calibration error."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 15


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question asked.

    `rank` is the first right answer's place from 1, None when it was not among those ranked; `answerable` is False when
    the right decision was to abstain.
    """

    answerable: bool
    rank: int | None
    answered: bool
    confidence: float
    latency_ms: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one evaluation. A figure that the questions cannot tell is None."""

    questions: int
    hit_at_1: float | None
    hit_at_3: float | None
    mrr: float | None
    coverage: float
    precision_when_answering: float | None
    abstain_auroc: float | None
    ece: float
    p50_ms: float
    p99_ms: float

    def to_json(self) -> dict[str, float | None]:
        """The figures under the names that the contract gives them."""
        named = asdict(self)
        return {name.replace("_at_", "@"): value for name, value in named.items()}


def evaluate(outcomes: Sequence[Outcome]) -> Evaluation:
    """Measure a list of outcomes, which must not be empty."""
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    answered = [outcome for outcome in outcomes if outcome.answered]
    right = np.array([outcome.rank == 1 for outcome in outcomes])
    confidences = np.array([outcome.confidence for outcome in outcomes])
    latencies = np.array([outcome.latency_ms for outcome in outcomes])
    return Evaluation(
        questions=len(outcomes),
        hit_at_1=_share([outcome.rank == 1 for outcome in answerable]),
        hit_at_3=_share([outcome.rank is not None and outcome.rank <= 3 for outcome in answerable]),  # noqa: PLR2004
        mrr=_mean([0.0 if outcome.rank is None else 1.0 / outcome.rank for outcome in answerable]),
        coverage=len(answered) / len(outcomes),
        precision_when_answering=_share([outcome.rank == 1 for outcome in answered]),
        abstain_auroc=auroc(1.0 - confidences, np.array([not outcome.answerable for outcome in outcomes])),
        ece=expected_calibration_error(confidences, right),
        p50_ms=float(np.percentile(latencies, 50)),
        p99_ms=float(np.percentile(latencies, 99)),
    )


def auroc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float | None:
    """The chance that a positive scores above a negative, ties counting half; None when one of them is missing."""
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    # Equal scores share the mean of the ranks that they take up.
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[places]
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / (positives * negatives))


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Questions of about one confidence: how many, their mean confidence, the share of them that was right."""

    questions: int
    confidence: float
    right: float


def reliability(
    confidences: NDArray[np.float64], right: NDArray[np.bool_] | NDArray[np.float64]
) -> list[ReliabilityBin]:
    """Fifteen bins of equal mass, the least confident first; fewer where there are fewer questions.

    `right` is whether, or an estimate of that whose mean is the share.
    """
    order = np.argsort(confidences, kind="stable")
    bins = [part for part in np.array_split(order, ECE_BINS) if len(part)]
    return [ReliabilityBin(len(part), float(confidences[part].mean()), float(right[part].mean())) for part in bins]


def expected_calibration_error(
    confidences: NDArray[np.float64], right: NDArray[np.bool_] | NDArray[np.float64]
) -> float:
    """The mean gap between confidence and share of right answers over the bins of `reliability`."""
    gaps = (found.questions * abs(found.confidence - found.right) for found in reliability(confidences, right))
    return float(sum(gaps) / len(confidences))


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
