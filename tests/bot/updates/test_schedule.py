"""When updates are due."""

from datetime import datetime, timedelta

import pytest

from bot import schedule
from bot.schedule import ENOUGH, Schedule

MIDNIGHT = datetime(2026, 11, 26).astimezone()


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("nightly", Schedule("0 3 * * *", ENOUGH)),
        ("off", None),
        ("every 200", Schedule(None, 200)),
        (" every  1 ", Schedule(None, 1)),
        ("30 2 * * 1-5", Schedule("30 2 * * 1-5", 1)),
    ],
)
def test_a_schedule_is_a_word_a_number_of_judgements_or_a_cron_expression(text: str, parsed: Schedule | None) -> None:
    assert schedule.parse(text) == parsed


@pytest.mark.parametrize("text", ["", "weekly", "every", "every -1", "60 2 * * *", "0 3 * *", "0 3 * * * *"])
def test_what_is_no_schedule_is_refused_with_what_may_be_said(text: str) -> None:
    with pytest.raises(ValueError, match="say nightly, off"):
        schedule.parse(text)


def test_a_night_with_enough_judgements_is_due_once() -> None:
    nightly = schedule.parse("nightly")
    assert nightly is not None
    three = MIDNIGHT.replace(hour=3)
    assert not nightly.is_due(MIDNIGHT, three - timedelta(seconds=1), ENOUGH)
    assert nightly.is_due(MIDNIGHT, three + timedelta(minutes=1), ENOUGH)
    assert not nightly.is_due(MIDNIGHT, three + timedelta(minutes=1), ENOUGH - 1)
    assert not nightly.is_due(three + timedelta(minutes=1), three + timedelta(hours=20), 9000)
    assert nightly.is_due(three + timedelta(minutes=1), three + timedelta(hours=25), ENOUGH)


@pytest.mark.parametrize(
    ("text", "judgements"), [("nightly", 10), ("every 200", 40), ("every 3", 1), ("30 2 * * 1-5", 1)]
)
def test_while_customers_ask_something_new_a_fifth_of_the_judgements_is_enough(text: str, judgements: int) -> None:
    planned = schedule.parse(text)
    assert planned is not None
    assert planned.hastened == Schedule(planned.cron, judgements)


def test_so_many_judgements_are_due_at_any_hour() -> None:
    every = schedule.parse("every 200")
    assert every is not None
    assert every.is_due(MIDNIGHT, MIDNIGHT, 200)
    assert not every.is_due(MIDNIGHT, MIDNIGHT + timedelta(days=9), 199)
