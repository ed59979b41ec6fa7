"""Near-equals change places as often as is said, and nothing else does."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weaver_core.decision import MOST_SUGGESTIONS, Decision
from weaver_core.exploration import MOST_EXPLORATION, NEAR, Showing, near_equals, show

DRAWS = 4000
RUNS = st.sampled_from([(1,), (2,), (3,), (1, 1), (1, 2), (2, 1), (1, 1, 1)])
SHARES = st.floats(0.0, MOST_EXPLORATION)


def runs_of(chances: list[float], decision: Decision, threshold: float = 0.3) -> tuple[int, ...]:
    return near_equals(np.array(chances), decision, threshold)


@settings(max_examples=25, derandomize=True, deadline=None)
@given(RUNS, SHARES, st.integers(0, 1000))
def test_over_many_draws_each_order_is_shown_as_often_as_is_logged(
    runs: tuple[int, ...], share: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    shown = [show(runs, share, random) for _ in range(DRAWS)]
    counted = Counter(shown)
    assert sum(one.propensity for one in counted) <= 1 + 1e-9
    for showing, count in counted.items():
        expected = DRAWS * showing.propensity
        assert abs(count - expected) <= 5.5 * np.sqrt(max(expected * (1 - showing.propensity), 1.0))
    for place in range(sum(runs)):
        for rank, propensity in {(one.order[place], one.propensities[place]) for one in counted}:
            count = sum(counted[one] for one in counted if one.order[place] == rank)
            spread = np.sqrt(max(DRAWS * propensity * (1 - propensity), 1.0))
            assert abs(count - DRAWS * propensity) <= 5.5 * spread


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_orders_of_a_run_of_three_have_propensities_that_sum_to_one(share: float) -> None:
    random = np.random.default_rng(0)
    by_order: dict[tuple[int, ...], Showing] = {}
    while len(by_order) < 6:
        showing = show((3,), share, random)
        by_order[showing.order] = showing
    assert set(by_order) == set(permutations(range(3)))
    assert sum(showing.propensity for showing in by_order.values()) == pytest.approx(1.0)
    assert by_order[0, 1, 2].propensity == pytest.approx(1 - 2 * share + share / 3)


@settings(derandomize=True, deadline=None)
@given(RUNS, st.integers(0, 1000))
def test_without_exploration_the_order_is_the_one_by_chance_with_propensity_one(
    runs: tuple[int, ...], seed: int
) -> None:
    showing = show(runs, 0.0, np.random.default_rng(seed))
    assert showing == Showing(tuple(range(sum(runs))), 1.0, (1.0,) * sum(runs))


def test_of_two_near_equals_the_other_is_shown_with_the_share_that_was_set() -> None:
    random = np.random.default_rng(1)
    exchanged = [showing for showing in (show((2,), 0.2, random) for _ in range(100)) if showing.order == (1, 0)]
    assert {(showing.propensity, showing.propensities) for showing in exchanged} == {(0.2, (0.2, 0.2))}


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6), st.floats(0.0, 1.0))
def test_an_answer_is_exchanged_only_for_a_near_one_that_could_be_sent_itself(
    drawn: list[float], threshold: float
) -> None:
    chances = sorted(drawn, reverse=True)
    runs = runs_of(chances, Decision.ANSWER, threshold)
    near = len(chances) > 1 and chances[0] - chances[1] <= NEAR
    assert runs == ((2,) if near and chances[1] >= threshold else (1,))


@settings(derandomize=True, deadline=None)
@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6))
def test_all_suggestions_are_in_runs_that_are_no_wider_than_the_bound(drawn: list[float]) -> None:
    chances = sorted(drawn, reverse=True)
    runs = runs_of(chances, Decision.CLARIFY)
    assert sum(runs) == min(len(chances), MOST_SUGGESTIONS)
    ends = np.cumsum(runs)
    for size, end in zip(runs, ends, strict=True):
        assert chances[end - size] - chances[end - 1] <= NEAR


def test_suggestions_far_apart_and_hand_offs_have_nothing_to_exchange() -> None:
    assert runs_of([0.4, 0.3, 0.1], Decision.CLARIFY) == (1, 1, 1)
    assert runs_of([0.3, 0.28, 0.1], Decision.CLARIFY) == (2, 1)
    assert runs_of([0.2, 0.2, 0.2], Decision.HANDOFF) == ()
