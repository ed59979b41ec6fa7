"""Votes on what was shown, some of them wrong: what they say of a version that shows something else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weaver_core.errors import ModelError
from weaver_core.noisy_votes import answered_right, found_elsewhere, shown_right

TURNS = 200_000


def voted(noise: float, accuracy: float, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Whether what was shown is right, and how it was voted on."""
    right = random.random(TURNS) < accuracy
    return right, right ^ (random.random(TURNS) < noise)


@given(st.floats(0.0, 0.35), st.floats(0.5, 0.95))
def test_the_mean_is_the_share_that_is_right_however_many_votes_are_wrong(noise: float, accuracy: float) -> None:
    right, up = voted(noise, accuracy, np.random.default_rng(1))
    assert shown_right(up, np.full(TURNS, noise)).mean() == pytest.approx(right.mean(), abs=0.01)


@pytest.mark.parametrize("noise", [0.0, 0.1, 0.3])
def test_a_version_that_is_as_good_is_found_as_good_although_another_chose_what_was_shown(noise: float) -> None:
    random = np.random.default_rng(2)
    right, up = voted(noise, 0.85, random)
    # Another version with other faults: it is right where the first is not, and the other way round.
    other_right = random.random(TURNS) < 0.85
    elsewhere = other_right[~right].mean()
    same = right & other_right | ~right & ~other_right & (random.random(TURNS) < 0.5)
    left_wrong = ~right & ~same
    values = answered_right(same, up, np.full(TURNS, noise), float((left_wrong & other_right).sum() / left_wrong.sum()))
    assert values.mean() == pytest.approx(other_right.mean(), abs=0.01)
    # By the liked turns alone it would seem worse than it is.
    assert same[up].mean() < right.mean()
    assert 0 < elsewhere < 1


def test_votes_that_are_wrong_nearly_half_of_the_time_are_refused() -> None:
    with pytest.raises(ModelError, match=r"more than 0\.4 are wrong"):
        shown_right(np.array([True]), np.array([0.45]))


def test_what_is_found_elsewhere_is_one_in_two_until_something_is_known() -> None:
    assert found_elsewhere(0, 0) == 0.5
    assert found_elsewhere(9, 10) == pytest.approx(10 / 12)
