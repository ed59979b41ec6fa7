"""The gate's rule: what is probably worse is refused, what is only not proven better is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weaver_core.gate import Cause, Compared, Refusal, is_probably_worse, judge
from weaver_core.intervals import Interval


def compared(name: str, lost: int, won: int, same: int = 200, *, holds_alone: bool = False) -> Compared:
    """A set in which so many questions were lost, won, and answered alike."""
    before = np.array([1.0] * lost + [0.0] * won + [1.0] * same)
    after = np.array([0.0] * lost + [1.0] * won + [1.0] * same)
    return Compared(name, before, after, np.ones(len(before)), holds_alone)


@pytest.mark.parametrize(
    ("lost", "won", "passed"), [(0, 0, True), (3, 5, True), (5, 5, True), (6, 5, True), (20, 5, False), (9, 0, False)]
)
def test_a_candidate_is_refused_when_it_is_probably_worse(lost: int, won: int, passed: bool) -> None:  # noqa: FBT001
    verdict = judge([compared("memory", lost, won)], broken=0)
    assert verdict.passed is passed
    assert verdict.refusals == (() if passed else (Refusal(Cause.WORSE),))


def test_a_set_that_holds_alone_is_not_outvoted_by_a_larger_one() -> None:
    frozen, memory = compared("frozen", 8, 0, 30, holds_alone=True), compared("memory", 0, 40, 800)
    verdict = judge([frozen, memory], broken=0)
    assert verdict.overall is not None
    assert verdict.overall.gain.mean > 0
    assert verdict.refusals == (Refusal(Cause.WORSE, "frozen"),)
    assert judge([compared("frozen", 8, 0, 30), memory], broken=0).passed


def test_a_question_that_must_not_break_outweighs_every_gain() -> None:
    assert judge([compared("memory", 0, 100)], broken=1).refusals == (Refusal(Cause.BROKEN),)


def test_too_few_questions_let_nobody_pass() -> None:
    assert judge([], broken=0).refusals == (Refusal(Cause.TOO_FEW),)
    assert judge([compared("memory", 0, 5, 20)], broken=0).refusals == (Refusal(Cause.TOO_FEW),)


def test_weights_say_how_much_a_question_counts() -> None:
    one = compared("judged", 10, 10, 100)
    weights = np.where(one.before > one.after, 0.01, 1.0)
    verdict = judge([Compared("judged", one.before, one.after, weights)], broken=0)
    assert verdict.overall is not None
    assert verdict.overall.gain.mean > 0.08


@given(st.integers(0, 30), st.integers(0, 30))
def test_what_is_lost_counts_as_much_as_what_is_won(lost: int, won: int) -> None:
    there = judge([compared("memory", lost, won)], broken=0).overall
    back = judge([compared("memory", won, lost)], broken=0).overall
    assert there is not None
    assert back is not None
    assert there.gain.mean == pytest.approx(-back.gain.mean)


def test_the_rule_wants_a_negative_mean_and_most_resamples() -> None:
    assert is_probably_worse(Interval(-0.01, -0.02, 0.0, 0.8))
    assert not is_probably_worse(Interval(-0.01, -0.02, 0.01, 0.79))
    assert not is_probably_worse(Interval(0.0, -0.02, 0.01, 0.9))
