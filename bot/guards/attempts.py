"""How often a password may be guessed, for each name and each address."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

SPAN_SECONDS = 15 * 60
MOST_PER_NAME, MOST_PER_ADDRESS = 10, 50
MOST_KEYS = 10_000

Key = tuple[str, str]
"""What is counted: the kind of thing and its name, such as ("address", "192.0.2.1")."""


@dataclass(slots=True)
class _Count:
    since: float
    attempts: int = 0


class Attempts:
    """Counts failed attempts in spans of time. One that is under way counts as failed until it succeeds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody has tried yet."""
        self._clock = clock
        self._counts: dict[Key, _Count] = {}

    def begin(self, limits: Mapping[Key, int]) -> float:
        """Count an attempt for each key, unless one has had its limit. Returns the seconds to wait, 0 to go on."""
        wait = max((self._wait(key, limit) for key, limit in limits.items()), default=0.0)
        if not wait:
            for key in limits:
                self._count(key).attempts += 1
        return wait

    def succeed(self, limits: Mapping[Key, int]) -> None:
        """The attempt was none to count."""
        for key in limits:
            self._count(key).attempts = max(0, self._count(key).attempts - 1)

    def _wait(self, key: Key, limit: int) -> float:
        count = self._count(key)
        return max(1.0, count.since + SPAN_SECONDS - self._clock()) if count.attempts >= limit else 0.0

    def _count(self, key: Key) -> _Count:
        moment = self._clock()
        count = self._counts.get(key)
        if count is None or moment - count.since >= SPAN_SECONDS:
            if len(self._counts) >= MOST_KEYS:
                self._forget(moment)
            count = self._counts[key] = _Count(moment)
        return count

    def _forget(self, moment: float) -> None:
        """Drop what is over; when guesses at ever new names fill the table all the same, drop the oldest half."""
        fresh = {key: count for key, count in self._counts.items() if moment - count.since < SPAN_SECONDS}
        newest = sorted(fresh.items(), key=lambda item: item[1].since)[-MOST_KEYS // 2 :]
        self._counts = dict(newest)
