"""Estimates of another policy's value against their formulae, and against a bandit whose value is known."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weaver_core import off_policy
from weaver_core.errors import PropensityError
from weaver_core.off_policy import Logged

# Three arms: how often each is shown by the logging policy and by the candidate, and how often each is right.
LOGGING = np.array([0.8, 0.15, 0.05])
CANDIDATE = np.array([0.2, 0.7, 0.1])
RIGHT = np.array([0.3, 0.6, 0.9])
VALUE = float(CANDIDATE @ RIGHT)


def bandit(seed: int, count: int) -> tuple[Logged, np.ndarray]:
    """Turns logged by one policy, and how likely the candidate would have shown the same."""
    random = np.random.default_rng(seed)
    arms = random.choice(3, count, p=LOGGING)
    rewards = (random.random(count) < RIGHT[arms]).astype(np.float64)
    return Logged(LOGGING[arms], rewards), CANDIDATE[arms]


rows = st.lists(st.tuples(st.floats(0.05, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0)), min_size=1, max_size=30)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(rows, st.floats(1.0, 20.0))
def test_both_estimates_are_their_formulae(turns: list[tuple[float, float, float]], clip: float) -> None:
    propensities, rewards, chances = (np.array(column) for column in zip(*turns, strict=True))
    total = above = squares = 0.0
    for propensity, reward, chance in turns:
        weight = min(chance / propensity, clip)
        above += weight * reward
        total += weight
        squares += weight * weight
    plain = off_policy.ips(Logged(propensities, rewards), chances, 1, clip)
    ours = off_policy.self_normalised(Logged(propensities, rewards), chances, 1, clip)
    assert plain.interval.mean == pytest.approx(above / len(turns), abs=1e-9)
    assert ours.interval.mean == pytest.approx(above / total if total else 0.0, abs=1e-9)
    assert ours.effective == pytest.approx(total * total / squares if squares else 0.0)
    assert plain.clipped == sum(chance / propensity > clip for propensity, _, chance in turns) / len(turns)


@pytest.mark.parametrize("estimate", [off_policy.ips, off_policy.self_normalised])
def test_the_known_value_of_a_bandit_is_within_its_interval_nearly_always(estimate: object) -> None:
    assert callable(estimate)
    held, errors = 0, []
    for seed in range(100):
        logged, chances = bandit(seed, 1000)
        found = estimate(logged, chances, seed)
        errors.append(found.interval.mean - VALUE)
        held += found.interval.low <= VALUE <= found.interval.high
        assert found.clipped == 0.0
    assert held >= 88
    assert abs(float(np.mean(errors))) <= 3 * float(np.std(errors)) / sqrt(100)


def test_the_mean_of_what_was_logged_is_the_logging_policys_value_and_not_the_candidates() -> None:
    logged, chances = bandit(7, 20_000)
    assert logged.rewards.mean() == pytest.approx(float(LOGGING @ RIGHT), abs=0.02)
    assert off_policy.ips(logged, logged.propensities, 1).interval.mean == pytest.approx(logged.rewards.mean())
    assert off_policy.ips(logged, chances, 1).interval.mean == pytest.approx(VALUE, abs=0.03)


def test_a_clip_costs_value_and_never_adds_any() -> None:
    logged, chances = bandit(3, 5000)
    found = [off_policy.ips(logged, chances, 1, clip) for clip in (0.5, 2.0, 4.0, 100.0)]
    means = [value.interval.mean for value in found]
    assert means == sorted(means)
    assert [value.clipped > 0 for value in found] == [True, True, True, False]
    assert found[-1].effective < found[0].effective < 5000


def test_a_policy_that_shows_nothing_of_what_was_logged_is_unknown() -> None:
    logged, _ = bandit(3, 50)
    found = off_policy.self_normalised(logged, np.zeros(50), 1)
    assert (found.effective, found.interval.low, found.interval.high) == (0.0, 0.0, 1.0)
    assert off_policy.ips(logged, np.zeros(50), 1).interval.mean == 0.0


def test_what_had_no_chance_to_be_shown_was_not_shown() -> None:
    with pytest.raises(PropensityError, match="above 0"):
        off_policy.weights(np.array([0.5, 0.0]), np.ones(2))
