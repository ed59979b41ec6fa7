"""Confidence, decisions, and the figures that measure them."""

import numpy as np
import pytest

from weaver_core import calibration, evaluation
from weaver_core.calibration import VECTORS, WORDS, Calibrator
from weaver_core.decision import Decision, decide
from weaver_core.evaluation import Outcome


def test_the_shipped_calibrator_knows_both_views_and_is_surer_of_better_reads() -> None:
    calibrator = Calibrator.default()
    for view in (VECTORS, WORDS):
        poor = calibration.features(np.array([0.3, 0.29]), np.array([0.1, 0.09]), 2)
        good = calibration.features(np.array([0.95, 0.4]), np.array([0.95, 0.01]), 2)
        assert calibrator.confidences(view, good) > calibrator.confidences(view, poor)


def test_fewer_wrong_answers_want_more_confidence_and_a_hundred_wants_none() -> None:
    calibrator = Calibrator.default()
    thresholds = [calibrator.threshold(VECTORS, wrong) for wrong in (0, 1, 5, 10, 30, 100)]
    assert thresholds == sorted(thresholds, reverse=True)
    assert thresholds[-1] == 0.0


def test_a_fitted_threshold_keeps_its_promise_where_it_was_fitted() -> None:
    random = np.random.default_rng(4)
    values = np.stack([np.ones(4000), random.random(4000), *(np.zeros(4000) for _ in range(3))], axis=1)
    right = random.random(4000) < values[:, 1]
    view = calibration.fit_view(values, right)
    chances = Calibrator({VECTORS: view}).confidences(VECTORS, values)
    answered = chances >= view.thresholds[10]
    assert answered.sum() > 200
    assert (~right[answered]).mean() <= 0.101


def test_chances_never_pass_the_top_answers_and_sum_to_at_most_one() -> None:
    for confidence in (0.01, 0.4, 0.97):
        chances = calibration.spread(confidence, np.array([0.5, 0.3, 0.2], np.float32))
        assert chances[0] == pytest.approx(confidence)
        assert (chances[1:] <= confidence + 1e-12).all()
        assert chances.sum() <= 1.0 + 1e-9


def test_one_sure_answer_is_sent_several_likely_ones_are_offered_and_else_a_person_is_asked() -> None:
    assert decide(np.array([0.95, 0.01]), 0.9) is Decision.ANSWER
    assert decide(np.array([0.3, 0.25, 0.1, 0.1]), 0.9) is Decision.CLARIFY
    assert decide(np.array([0.2, 0.1, 0.1, 0.1]), 0.9) is Decision.HANDOFF
    assert decide(np.array([0.001]), 0.0) is Decision.ANSWER


def test_auroc_counts_pairs_and_ties_by_half() -> None:
    scores, positive = np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, True, False, True])
    pairs = [(p > n) + 0.5 * (p == n) for p in scores[positive] for n in scores[~positive]]
    assert evaluation.auroc(scores, positive) == pytest.approx(sum(pairs) / len(pairs))
    assert evaluation.auroc(scores, np.zeros(4, np.bool_)) is None


def test_the_calibration_error_of_a_liar_is_what_it_lies() -> None:
    right = np.arange(300) % 2 == 0
    assert evaluation.expected_calibration_error(np.full(300, 0.5), right) == pytest.approx(0.0, abs=0.02)
    assert evaluation.expected_calibration_error(np.full(300, 0.9), right) == pytest.approx(0.4, abs=0.02)


def test_figures_are_what_one_counts_by_hand() -> None:
    outcomes = [
        Outcome(answerable=True, rank=1, answered=True, confidence=0.9, latency_ms=1.0),
        Outcome(answerable=True, rank=2, answered=True, confidence=0.8, latency_ms=2.0),
        Outcome(answerable=True, rank=None, answered=False, confidence=0.3, latency_ms=3.0),
        Outcome(answerable=False, rank=None, answered=False, confidence=0.1, latency_ms=4.0),
    ]
    figures = evaluation.evaluate(outcomes).to_json()
    assert figures["questions"] == 4
    assert figures["hit@1"] == pytest.approx(1 / 3)
    assert figures["hit@3"] == pytest.approx(2 / 3)
    assert figures["mrr"] == pytest.approx(0.5)
    assert figures["coverage"] == pytest.approx(0.5)
    assert figures["precision_when_answering"] == pytest.approx(0.5)
    assert figures["abstain_auroc"] == pytest.approx(1.0)
    assert figures["p50_ms"] == pytest.approx(2.5)


def test_figures_that_the_questions_cannot_tell_are_none() -> None:
    abstained = Outcome(answerable=False, rank=None, answered=False, confidence=0.1, latency_ms=1.0)
    figures = evaluation.evaluate([abstained])
    assert figures.hit_at_1 is None
    assert figures.precision_when_answering is None
    assert figures.abstain_auroc is None
