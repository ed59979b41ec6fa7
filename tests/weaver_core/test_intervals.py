"""The paired bootstrap against what it must say of plain cases."""

import numpy as np
import pytest

from weaver_core import intervals


def test_two_models_that_answer_alike_differ_by_nothing() -> None:
    right = (np.random.default_rng(0).random(200) < 0.7).astype(float)
    found = intervals.gain(right, right, seed=1)
    assert (found.mean, found.low, found.high, found.negative) == (0.0, 0.0, 0.0, 0.0)


def test_the_interval_is_that_of_the_normal_approximation() -> None:
    random = np.random.default_rng(3)
    before, after = ((random.random(2000) < share).astype(float) for share in (0.80, 0.82))
    found = intervals.gain(before, after, seed=1)
    differences = after - before
    error = 1.96 * differences.std() / np.sqrt(2000)
    assert found.mean == pytest.approx(differences.mean())
    assert found.low == pytest.approx(found.mean - error, abs=0.15 * error)
    assert found.high == pytest.approx(found.mean + error, abs=0.15 * error)


def test_pairing_makes_a_difference_sure_that_two_means_apart_would_not() -> None:
    before = (np.arange(1000) % 2 == 0).astype(float)
    after = before.copy()
    after[1:40:2] = 1.0
    found = intervals.gain(before, after, seed=1)
    assert found.mean == pytest.approx(0.02)
    assert found.negative == 0.0
    assert found.low > 0.0
    assert intervals.gain(after, before, seed=1).negative == 1.0


def test_weights_count_and_the_seed_decides() -> None:
    before, after = np.array([1.0, 0.0] * 50), np.array([0.0, 1.0] * 50)
    weights = np.linspace(1.0, 2.0, 100) * np.array([1.0, 3.0] * 50)
    found = intervals.gain(before, after, 7, weights)
    assert found.mean == pytest.approx(0.5, abs=0.01)
    assert found == intervals.gain(before, after, 7, weights)
    assert found != intervals.gain(before, after, 8, weights)
