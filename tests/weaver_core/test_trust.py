"""How wrong votes are is told without labels, and a like is believed as far as that allows."""

import numpy as np
import pytest

from weaver_core import trust


def voted(wrong: float, sureness: float = 0.95, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Answers that are right as often as their P says, and votes on them of which a share is wrong."""
    random = np.random.default_rng(3)
    probabilities = random.uniform(2 * sureness - 1, 1.0, count)
    right = random.random(count) < probabilities
    return probabilities, right == (random.random(count) < wrong)


@pytest.mark.parametrize("wrong", [0.05, 0.1, 0.2, 0.3])
def test_the_share_of_wrong_votes_is_found_without_knowing_which_answers_were_right(wrong: float) -> None:
    probabilities, down = voted(wrong)
    assert trust.noise(probabilities, down) == pytest.approx(wrong, abs=0.02)


def test_an_attack_ends_at_the_cap_and_votes_that_are_all_right_at_the_least() -> None:
    probabilities, down = voted(0.6)
    assert trust.noise(probabilities, down) == trust.MOST_NOISE
    assert trust.noise(np.ones(100), np.zeros(100, np.bool_)) == trust.LEAST_NOISE


def test_an_attack_makes_the_votes_of_its_time_doubtful_and_no_others() -> None:
    parts = [voted(wrong, count=1000) for wrong in (0.1, 0.6, 0.1)]
    probabilities, down = (np.concatenate(kind) for kind in zip(*parts, strict=True))
    found = trust.noises(probabilities, down)
    assert found[:1000].mean() == pytest.approx(0.1, abs=0.03)
    assert found[1000:2000].min() == found[1000:2000].max() == trust.MOST_NOISE
    assert found[2000:].mean() == pytest.approx(0.1, abs=0.03)
    assert trust.noises(np.empty(0), np.empty(0, np.bool_)).shape == (0,)


def test_too_few_votes_on_sure_answers_leave_the_prior() -> None:
    probabilities = np.concatenate([np.full(49, 0.95), np.full(500, 0.5)])
    assert trust.noise(probabilities, np.ones(549, np.bool_)) == trust.PRIOR_NOISE


def test_a_like_raises_the_chance_by_what_the_votes_are_worth() -> None:
    assert trust.believed(0.8, 0.1) == pytest.approx(0.72 / 0.74)
    assert trust.believed(0.8, 0.5) == pytest.approx(0.8)
    assert trust.believed(1.0, 0.4) == 1.0


def test_a_like_of_an_unlikely_answer_writes_nothing() -> None:
    assert trust.log_trust(0.3, 0.1) == pytest.approx(np.log(0.27 / 0.34))
    assert trust.log_trust(0.2, 0.1) is None
    assert trust.log_trust(0.5, 0.4) is None
    assert trust.log_trust(1.0, 0.4) == 0.0
