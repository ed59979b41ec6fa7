"""Confidence, decisions, and the figures that measure them."""

import numpy as np
import pytest

from tests.readings import CALIBRATION
from weaver_core import calibration, evaluation
from weaver_core.calibration import Calibration, Sample
from weaver_core.decision import Decision, decide
from weaver_core.evaluation import Outcome
from weaver_core.model import Reading
from weaver_core.retrieval import retrieve


def reading(scores: list[float]) -> Reading:
    """What a turn found, best first."""
    found = np.array(scores, np.float32)
    agreement = np.eye(len(found), dtype=np.float32)[0]
    return Reading(np.zeros(0, np.float32), found, retrieve(found, 28.0), agreement)


def test_the_features_are_those_of_the_first_in_order() -> None:
    read, order = reading([0.7, 0.9, 0.2]), np.array([1, 0, 2])
    values = calibration.features(read, order, 5)
    np.testing.assert_allclose(values, [1.0, 0.9, 0.2, read.probabilities[1], np.log(5), 0.0], atol=1e-6)
    alone = calibration.features(reading([0.4]), np.array([0]), 1)
    np.testing.assert_allclose(alone, [1.0, 0.4, 0.4, 1.0, 0.0, 1.0], atol=1e-6)


def test_fewer_wrong_answers_want_more_confidence_and_a_hundred_wants_none() -> None:
    thresholds = [CALIBRATION.threshold(wrong) for wrong in (0, 1, 5, 10, 30, 100)]
    assert thresholds == sorted(thresholds, reverse=True)
    assert thresholds[-1] == 0.0


def noise(seed: int = 4) -> Sample:
    """Readings whose score is the chance to be right; every fourth turn is one that nothing fits, and scores low."""
    random = np.random.default_rng(seed)
    values = np.zeros((4000, len(calibration.FEATURES)))
    fits = np.arange(4000) % 4 != 0
    values[:, 0], values[:, 1] = 1.0, np.where(fits, random.random(4000), 0.3 * random.random(4000))
    return Sample(values, fits & (random.random(4000) < values[:, 1]), fits, np.ones(4000))


def test_a_fitted_threshold_keeps_its_promise_where_it_was_fitted() -> None:
    sample = noise()
    fitted = calibration.fit(sample)
    answered = sample.fits & (fitted.confidences(sample.features) >= fitted.thresholds[10])
    assert answered.sum() > 200
    assert (~sample.right[answered]).mean() <= 0.101


def test_the_confidence_of_turns_that_something_fits_is_how_often_it_is_right() -> None:
    sample, other = noise(), noise(seed=5)
    chances = calibration.fit(sample).confidences(other.features[other.fits])
    assert evaluation.expected_calibration_error(chances, other.right[other.fits]) < 0.05


def test_turns_that_nothing_fits_do_not_lower_the_mean_confidence_of_the_others() -> None:
    sample = noise()
    chances = calibration.fit(sample).confidences(sample.features[sample.fits])
    assert chances.mean() == pytest.approx(sample.right[sample.fits].mean(), abs=1e-4)


def test_a_low_score_says_that_nothing_fits() -> None:
    sample = noise()
    fitted = calibration.fit(sample)
    assert fitted.scope[1] > 0
    assert fitted.confidences(sample.features[~sample.fits]).mean() < fitted.confidences(sample.features).mean()


def test_a_question_that_counts_for_nothing_changes_nothing() -> None:
    sample = noise()
    first = Sample(sample.features[:2000], sample.right[:2000], sample.fits[:2000], np.ones(2000))
    both = Sample(sample.features, sample.right, sample.fits, np.r_[np.ones(2000), np.zeros(2000)])
    np.testing.assert_allclose(calibration.fit(both).coefficients, calibration.fit(first).coefficients, atol=1e-6)


def test_a_calibration_comes_back_from_json_as_it_went() -> None:
    assert Calibration.from_json(CALIBRATION.to_json()) == CALIBRATION


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
