"""When people of the company are there: a weekly plan in the company's own time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import chain
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = len(DAYS)
_SPAN = re.compile(r"([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})", re.IGNORECASE)
_FORM = "write it as mon-fri 09:00-17:30, sat 10:00-14:00"


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Spans of days of the week, Monday being 0, in a time zone. Without spans somebody is always there."""

    spans: tuple[tuple[int, time, time], ...] = ()
    zone: tzinfo = UTC

    @classmethod
    def parse(cls, written: str, zone: str) -> Self:
        """Such as `mon-fri 09:00-17:30, sat 10:00-14:00`, and a zone such as `Europe/Berlin`. Raises ValueError."""
        try:
            known = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{zone[:60]!r} is no time zone; Europe/Berlin is one") from None
        parts = [part.strip() for part in written.split(",") if part.strip()]
        return cls(tuple(chain.from_iterable(map(_spans, parts))), known)

    def next_opening(self, moment: datetime) -> datetime | None:
        """When somebody will be there again, in the company's time; None when somebody is now."""
        local = moment.astimezone(self.zone)
        if not self.spans or any(self._holds(span, local) for span in self.spans):
            return None
        days = [(local + timedelta(days=ahead)).date() for ahead in range(WEEK + 1)]
        openings = [
            datetime.combine(day, begins, self.zone)
            for day in days
            for weekday, begins, _ in self.spans
            if weekday == day.weekday()
        ]
        return min(opening for opening in openings if opening > local)

    def _holds(self, span: tuple[int, time, time], local: datetime) -> bool:
        weekday, begins, ends = span
        return local.weekday() == weekday and begins <= local.time() < ends


ALWAYS = OfficeHours()


def _spans(part: str) -> list[tuple[int, time, time]]:
    """The days of one part of the plan. Raises ValueError."""
    found = _SPAN.fullmatch(part)
    if found is None:
        raise ValueError(_FORM)
    first, last = found[1].lower(), (found[2] or found[1]).lower()
    if first not in DAYS or last not in DAYS:
        raise ValueError(_FORM)
    try:
        begins, ends = (time.fromisoformat(clock.zfill(5)) for clock in (found[3], found[4]))
    except ValueError:
        raise ValueError(_FORM) from None
    if begins >= ends:
        raise ValueError(f"{part!r} ends before it begins")
    count = (DAYS.index(last) - DAYS.index(first)) % WEEK + 1
    return [((DAYS.index(first) + ahead) % WEEK, begins, ends) for ahead in range(count)]
