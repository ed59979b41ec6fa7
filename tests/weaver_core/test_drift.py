"""The drift chart: quiet while questions stay the same, soon heard when they change, over when they are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from weaver_core.drift import (
    ALARM,
    FEWEST_TURNS,
    MEMORY,
    Watch,
    follow,
    log_factor,
    rebased,
    step,
    worse_rate,
    wrong_chance,
)
from weaver_core.sequential import Counted, usual_rate


def chances(random: np.random.Generator, turns: int, wrong: float) -> NDArray[np.float64]:
    """Replies' chances to be wrong as calibrated confidences have them: mostly near 0, their mean `wrong`."""
    return random.beta(0.3, 0.3 * (1 - wrong) / wrong, turns)


def alarm(watch: Watch, turns: NDArray[np.float64]) -> int | None:
    """After how many of these turns an alarm is raised, None if never."""
    for number, chance in enumerate(turns, start=1):
        watch = step(watch, float(chance))
        if watch.bad is not None:
            return number
    return None


def test_the_same_questions_raise_no_alarm_in_a_year() -> None:
    random = np.random.default_rng(0)
    assert [alarm(Watch(), chances(random, 30_000, 0.15)) for _ in range(4)] == [None] * 4


def test_replies_that_are_right_or_wrong_for_certain_raise_no_alarm_either() -> None:
    random = np.random.default_rng(5)
    assert [alarm(Watch(), (random.random(10_000) < 0.15).astype(float)) for _ in range(8)] == [None] * 8


def test_a_change_of_half_of_the_questions_is_heard_within_a_hundred_turns_and_dated() -> None:
    random = np.random.default_rng(1)
    before = follow(Watch(), chances(random, 1000, 0.15))
    since = chances(random, 500, 0.35)
    found = alarm(before, since)
    assert found is not None
    assert found <= 100
    raised = follow(before, since[:found])
    assert abs(raised.since.total - found) <= 20


def test_questions_that_become_easier_are_no_alarm_and_the_new_usual() -> None:
    random = np.random.default_rng(2)
    turns = np.concatenate([chances(random, 2000, 0.3), chances(random, 2 * MEMORY, 0.1)])
    watch = follow(Watch(), turns)
    assert watch.bad is None
    assert watch.usual.happened / watch.usual.total < 0.15


def test_the_alarm_holds_while_nothing_is_learned_and_ends_when_the_new_questions_are_known() -> None:
    random = np.random.default_rng(3)
    watch = follow(Watch(), np.concatenate([chances(random, 1000, 0.1), chances(random, 3000, 0.35)]))
    assert watch.bad is not None
    assert watch.since.total > 2900
    # Twice as many answers are told apart a little worse than half of them were.
    watch = follow(watch, chances(random, 1500, 0.13))
    assert watch.bad is None
    assert alarm(watch, chances(random, 5000, 0.13)) is None


def test_nothing_is_said_before_there_is_a_usual_nor_where_nearly_all_is_wrong() -> None:
    assert alarm(Watch(), np.ones(FEWEST_TURNS)) is None
    assert alarm(Watch(), np.ones(5000)) is None


def test_another_version_that_is_less_sure_of_all_it_knows_is_no_drift() -> None:
    random = np.random.default_rng(6)
    before = follow(Watch(), chances(random, 2000, 0.1))
    turns = chances(random, 3000, 0.2)
    assert alarm(before, turns) is not None
    assert alarm(rebased(before, 0.1), turns) is None
    assert rebased(before, -0.05) == before


def test_an_alarm_outlives_another_version() -> None:
    random = np.random.default_rng(7)
    watch = follow(Watch(), np.concatenate([chances(random, 1000, 0.1), chances(random, 300, 0.4)]))
    assert watch.bad is not None
    assert follow(rebased(watch, 0.05), chances(random, 500, 0.45)).bad is not None
    assert follow(rebased(watch, 0.05), chances(random, 500, 0.15)).bad is None


def test_a_factors_mean_is_one_whatever_is_drawn_as_long_as_the_rate_is_the_usual() -> None:
    drawn = chances(np.random.default_rng(8), 100_000, 0.2)
    null = float(drawn.mean())
    factors = np.exp([log_factor(float(chance), null, worse_rate(null)) for chance in drawn])
    assert factors.mean() == pytest.approx(1)
    assert log_factor(1.0, 0.2, 0.4) == pytest.approx(np.log(2))


def test_the_evidence_is_the_largest_sum_of_log_factors_that_ends_now() -> None:
    random = np.random.default_rng(4)
    before = Watch(Counted(300.0, 2000))
    usual = usual_rate(before.usual)
    turns = chances(random, 40, 0.3)
    factors = [log_factor(float(chance), usual, worse_rate(usual)) for chance in turns]
    sums = [sum(factors[start:]) for start in range(len(factors))]
    assert 0 < max(sums) < ALARM
    # What is usual moves a little with the turns before the largest sum begins.
    assert follow(before, turns).evidence == pytest.approx(max(sums), rel=0.05)


@given(st.lists(st.floats(0, 1), max_size=600), st.integers(0, 600))
def test_whatever_is_seen_nothing_is_lost_and_it_does_not_matter_when_one_looks(turns: list[float], cut: int) -> None:
    watch = follow(follow(Watch(), turns[:cut]), turns[cut:])
    assert watch == follow(Watch(), turns)
    assert watch.evidence >= 0
    assert watch.usual.total + watch.since.total <= len(turns)


def test_votes_move_the_chance_that_a_reply_is_wrong_and_one_on_a_sure_reply_little() -> None:
    assert wrong_chance(0.7, []) == pytest.approx(0.3)
    assert wrong_chance(0.5, [False]) == pytest.approx(0.8)
    assert wrong_chance(0.5, [True, False]) == pytest.approx(0.5)
    assert wrong_chance(0.95, [False]) < 0.2
    assert [wrong_chance(sure, [False]) for sure in (0.0, 1.0)] == [1.0, 0.0]
