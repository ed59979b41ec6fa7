"""The side file of the indexes: what a query finds, and how long that takes while others work."""

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from knowledge_base.indexes.side_file import SideFile

MANY = 3000
# A thread that wants the interpreter waits so long for one that never rests.
SWITCH_SECONDS = 0.05
MANY_NUMBERS = f"WITH RECURSIVE up (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM up WHERE n < {MANY}) SELECT n FROM up"  # noqa: S608


def test_columns_are_what_rows_are() -> None:
    side = SideFile()
    side.create("CREATE TABLE animal (name TEXT, legs INTEGER, weight REAL)")
    animals = [("“ant”", 6, 0.003), ("蜘蛛", 8, 1.5), ("snake", 0, 900.0)]
    for animal in animals:
        side.run("INSERT INTO animal VALUES (?, ?, ?)", animal)
    query = "SELECT name, legs, weight FROM animal WHERE legs < ? ORDER BY legs"
    names, legs, weights = side.columns(query, ("name", "legs", "weight"), (8,))
    assert list(zip(names, legs, weights, strict=True)) == side.rows(query, (8,)) == [animals[2], animals[0]]
    assert side.columns(query, ("legs", "name"), (-1,)) == [[], []]


@pytest.fixture
def _slow_switch() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_slow_switch")
def test_many_numbers_are_found_in_a_moment_though_another_thread_never_rests() -> None:
    side, resting = SideFile(), threading.Event()

    def work() -> None:
        while not resting.is_set():
            pass

    thread = threading.Thread(target=work)
    thread.start()
    try:
        began = time.perf_counter()
        [numbers] = side.columns(MANY_NUMBERS, ("n",))
        took = time.perf_counter() - began
    finally:
        resting.set()
        thread.join()
    assert numbers == list(range(1, MANY + 1))
    # Row by row it would wait for each of them: two and a half minutes, on a machine that does nothing else.
    assert took < MANY * SWITCH_SECONDS / 3
