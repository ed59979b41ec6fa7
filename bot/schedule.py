"""When the model is updated by itself: every night that has enough new judgements, at given times, or after so many."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from apscheduler.triggers.cron import CronTrigger

NIGHTLY, OFF = "nightly", "off"
NIGHT = "0 3 * * *"
# What one night must bring so that an update is worth its while.
ENOUGH = 50
# While customers ask something new, one judgement in so many is enough.
HASTE = 5
_EVERY = re.compile(r"every (\d{1,6})")


@dataclass(frozen=True, slots=True)
class Schedule:
    """At the times of `cron` (None: at any time) if there are at least `judgements` new ones."""

    cron: str | None
    judgements: int

    @property
    def hastened(self) -> "Schedule":
        """The schedule while customers ask something new: at the same times, with fewer judgements."""
        return replace(self, judgements=-(-self.judgements // HASTE))

    def is_due(self, since: datetime, moment: datetime, judgements: int) -> bool:
        """Whether an update is due at a moment, with so many new judgements, when none was begun since another one."""
        if judgements < self.judgements:
            return False
        if self.cron is None:
            return True
        # The library ships without types.
        trigger: Any = _trigger(self.cron)
        following: datetime | None = trigger.get_next_fire_time(since, since)
        return following is not None and following <= moment


def parse(text: str) -> Schedule | None:
    """A schedule as it is set: nightly, off (None), "every 200" judgements, or a cron expression of five fields.

    Raises ValueError.
    """
    written = " ".join(text.split())
    if written == OFF:
        return None
    if written == NIGHTLY:
        return Schedule(NIGHT, ENOUGH)
    if every := _EVERY.fullmatch(written):
        return Schedule(None, max(1, int(every[1])))
    try:
        _trigger(written)
    except ValueError:
        raise ValueError(
            'say nightly, off, "every 200" (judgements), or a cron expression of five fields like "30 2 * * 1-5"'
        ) from None
    return Schedule(written, 1)


def _trigger(cron: str) -> CronTrigger:
    """The times of a cron expression, in this machine's time zone."""
    return CronTrigger.from_crontab(cron)
