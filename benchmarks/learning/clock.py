"""The simulation's clock: its turns are spread over thirty days, as the product's clock tells them."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine

from benchmarks.learning.world import TURNS

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 30
A_TURN = timedelta(days=DAYS) / TURNS


@contextmanager
def simulated(turn: int) -> Generator[Callable[[int], None]]:
    """From here on it is the time of a turn; what is given moves the clock to another one's. It ticks on between."""
    with time_machine.travel(_moment(turn)) as traveller:
        yield lambda number: traveller.move_to(_moment(number))


def _moment(turn: int) -> datetime:
    return BEGUN + turn * A_TURN
