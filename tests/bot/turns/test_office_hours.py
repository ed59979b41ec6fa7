"""When people are there, in the company's own time."""

from datetime import UTC, datetime

import pytest

from bot.office_hours import OfficeHours
from bot.reply import Decision, Reply
from bot.turns import texts

WEEK = OfficeHours.parse("mon-fri 9:00-17:30, Sat 10:00-14:00", "Europe/Berlin")


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-27T08:00", None),  # Friday, nine in Berlin
        ("2026-11-27T07:59", "Fri 09:00"),
        ("2026-11-27T16:30", "Sat 10:00"),
        ("2026-11-28T13:00", "Mon 09:00"),
        ("2026-07-03T07:00", None),  # the same clock in summer
        ("2026-07-03T15:30", "Sat 10:00"),
    ],
)
def test_the_next_opening_is_told_in_the_companys_time(moment: str, opening: str | None) -> None:
    found = WEEK.next_opening(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert (found and found.strftime("%a %H:%M")) == opening


def test_one_day_a_week_is_found_a_week_later() -> None:
    monday = OfficeHours.parse("mon 09:00-10:00", "UTC")
    found = monday.next_opening(datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert found == datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_without_a_plan_somebody_is_always_there() -> None:
    assert OfficeHours.parse("", "UTC").next_opening(datetime.now(UTC)) is None


def test_a_plan_may_go_over_the_weekend() -> None:
    assert {weekday for weekday, _, _ in OfficeHours.parse("sat-mon 09:00-10:00", "UTC").spans} == {5, 6, 0}


@pytest.mark.parametrize(
    ("plan", "zone", "sentence"),
    [
        ("weekdays", "UTC", "write it as mon-fri"),
        ("mon-xyz 09:00-10:00", "UTC", "write it as mon-fri"),
        ("mon 25:00-26:00", "UTC", "write it as mon-fri"),
        ("mon 17:00-09:00", "UTC", "ends before it begins"),
        ("", "Atlantis/City", "is no time zone"),
        ("", "../etc", "is no time zone"),
    ],
)
def test_a_plan_that_is_none_is_told_so(plan: str, zone: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        OfficeHours.parse(plan, zone)


@pytest.mark.parametrize(
    ("language", "ending"), [("en", "They are here again on Monday at 09:00."), ("zh", "同事将于周一 09:00 回来。")]
)
def test_who_is_handed_over_out_of_hours_is_told_when_somebody_is_there(language: str, ending: str) -> None:
    reply = Reply(Decision.HANDOFF, 0.1, (), language, "v1", None, "unsure")
    opening = datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert texts.message_text(reply, "en", opening).endswith(ending)
    assert not texts.message_text(reply, "en").endswith(ending)
