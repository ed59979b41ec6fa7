"""A planned campaign is told from ordinary votes, on a first day, in a busy hour, and when everything is voted on."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from math import exp, factorial

import numpy as np
import pytest

from weaver_core import bursts
from weaver_core.bursts import FEWEST_RATERS, Usual, Window, is_burst

DAY = 24.0
NO_PAST = Usual(0, 0.0, 0)


@dataclass
class Answer:
    """One answer's showings and votes so far, by the hour at which they came."""

    shown: deque[float] = field(default_factory=deque)
    votes: deque[float] = field(default_factory=deque)
    past_shown: int = 0
    past_votes: int = 0

    def pass_to(self, moment: float) -> None:
        """What is older than the window is past."""
        while self.shown and self.shown[0] < moment - bursts.WINDOW_HOURS:
            self.shown.popleft()
            self.past_shown += 1
        while self.votes and self.votes[0] < moment - bursts.WINDOW_HOURS:
            self.votes.popleft()
            self.past_votes += 1


def flagged(showings: list[tuple[float, int, bool]]) -> dict[int, int]:
    """Of a stream of (hour, answer, voted on), at how many votes in the window each answer was first called a burst."""
    answers: defaultdict[int, Answer] = defaultdict(Answer)
    found: dict[int, int] = {}
    for moment, number, voted in sorted(showings):
        answer = answers[number]
        answer.shown.append(moment)
        if voted:
            answer.votes.append(moment)
            answer.pass_to(moment)
            window = Window(len(answer.votes), len(answer.shown))
            usual = Usual(answer.past_votes, max(0.0, moment - bursts.WINDOW_HOURS), answer.past_shown)
            if is_burst(window, usual):
                found.setdefault(number, len(answer.votes))
    return found


def ordinary(random: np.random.Generator, days: int, turns_a_day: float, share: float) -> list[tuple[float, int, bool]]:
    """Turns of some days with nights and busy afternoons, on a hundred answers of which few are asked for mostly."""
    count = random.poisson(days * turns_a_day)
    hours = random.uniform(0, days * DAY, 4 * count)
    busy = np.maximum(0.05, np.sin((hours % DAY - 6) / DAY * 2 * np.pi)) ** 2
    kept = hours[random.random(len(hours)) < busy][:count]
    popularity = 1.0 / np.arange(1, 101)
    answers = random.choice(100, len(kept), p=popularity / popularity.sum())
    voted = random.random(len(kept)) < share
    return list(zip(kept.tolist(), answers.tolist(), voted.tolist(), strict=True))


@pytest.mark.parametrize("share", [0.05, 0.15, 0.3])
@pytest.mark.parametrize("turns_a_day", [200, 5000])
def test_ordinary_votes_are_never_a_burst(turns_a_day: int, share: float) -> None:
    assert flagged(ordinary(np.random.default_rng(1), 20 if turns_a_day < 1000 else 6, turns_a_day, share)) == {}


def test_an_outage_that_brings_a_hundred_times_the_questions_is_no_burst() -> None:
    random = np.random.default_rng(2)
    stream = ordinary(random, 10, 400, 0.1)
    stream += [(float(hour), 3, bool(random.random() < 0.1)) for hour in random.uniform(200, 202, 1500)]
    assert flagged(stream) == {}


def test_a_campaign_of_five_hundred_votes_on_five_answers_is_found_before_it_is_half_done() -> None:
    random = np.random.default_rng(3)
    stream = ordinary(random, 10, 2000, 0.1)
    targets = [0, 7, 20, 60, 99]
    stream += [(float(hour), target, True) for target in targets for hour in random.uniform(200, 200.5, 100)]
    found = flagged(stream)
    assert sorted(found) == targets
    assert max(found.values()) <= 60


def test_a_campaign_on_the_first_day_is_found_as_soon_as_it_counts() -> None:
    assert is_burst(Window(FEWEST_RATERS, FEWEST_RATERS), NO_PAST)
    assert not is_burst(Window(FEWEST_RATERS - 1, FEWEST_RATERS - 1), NO_PAST)


def test_when_everything_is_voted_on_or_a_reviewer_said_so_it_is_no_burst() -> None:
    assert is_burst(Window(100, 100, others=4, others_raters=100.0), NO_PAST)
    assert not is_burst(Window(100, 100, others=76, others_raters=100.0), NO_PAST)
    assert not is_burst(Window(180, 180, others=76, others_raters=60.0), NO_PAST)
    assert is_burst(Window(100, 100, others=76, others_raters=8.0), NO_PAST)
    assert not is_burst(Window(100, 100, released=80), NO_PAST)


def test_the_tail_is_that_of_the_sum() -> None:
    for mean in (0.5, 4.0, 30.0):
        for count in (0, 1, 5, 25, 60):
            slow = 1.0 - sum(exp(-mean) * mean**k / factorial(k) for k in range(count))
            assert bursts.tail(count, mean) == pytest.approx(max(slow, 0.0), abs=1e-12)
    assert bursts.tail(3000, 2000.0) < 1e-9
    assert bursts.tail(2000, 2000.0) == pytest.approx(0.5, abs=0.02)
