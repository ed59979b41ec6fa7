"""The sequential test: it hears what is worse soon, and hardly ever what is not, however often it looks."""

import numpy as np
import pytest

from weaver_core.sequential import FALSE_ALARM, FEWEST_BEFORE, Counted, is_worse, log_ratio, usual_rate


def first_alarm(rate: float, before: Counted, events: int, random: np.random.Generator) -> int | None:
    """After how many events an alarm is raised, looked at after each; None if never."""
    happened = np.cumsum(random.random(events) < rate)
    for total in range(1, events + 1):
        if is_worse(before, Counted(int(happened[total - 1]), total)):
            return total
    return None


def test_the_same_rate_raises_hardly_any_alarm_however_often_it_is_looked_at() -> None:
    random = np.random.default_rng(0)
    alarms = [first_alarm(0.1, Counted(200, 2000), 1000, random) for _ in range(300)]
    assert sum(alarm is not None for alarm in alarms) <= 3 * FALSE_ALARM * len(alarms)


def test_twice_the_rate_is_heard_within_some_hundred_events() -> None:
    random = np.random.default_rng(1)
    alarms = [first_alarm(0.2, Counted(200, 2000), 1000, random) for _ in range(50)]
    assert None not in alarms
    assert np.median([alarm for alarm in alarms if alarm]) < 200


@pytest.mark.parametrize("before", [Counted(0, 0), Counted(5, FEWEST_BEFORE - 1)])
def test_a_rate_that_nobody_knows_is_not_worse(before: Counted) -> None:
    assert not is_worse(before, Counted(900, 1000))
    assert not is_worse(Counted(5, 100), Counted(0, 0))


def test_the_ratio_is_that_of_the_two_probabilities() -> None:
    slow = sum(np.log(0.3 / 0.1) if happened else np.log(0.7 / 0.9) for happened in [True] * 3 + [False] * 7)
    assert log_ratio(Counted(3, 10), 0.1, 0.3) == pytest.approx(slow)


def test_a_rate_from_little_is_taken_for_higher_than_it_was() -> None:
    assert usual_rate(Counted(5, 50)) > usual_rate(Counted(200, 2000)) > 0.1
    assert is_worse(Counted(1000, 1000), Counted(1000, 1000)) is False
