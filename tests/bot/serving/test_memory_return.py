"""What a serving process holds for good is not looked at by the garbage collector."""

import subprocess
import sys

HELD = """
import gc
from bot.serving.memory_return import give_back, leave_alone

class Ring:
    def __init__(self):
        self.itself = self

held = [[number] for number in range(50_000)]
leave_alone()
assert gc.get_freeze_count() > 50_000, gc.get_freeze_count()
assert len(gc.get_objects()) < 50_000
later = [[number] for number in range(60_000)]
give_back()
assert gc.get_freeze_count() > 110_000, gc.get_freeze_count()
rings = [Ring() for _ in range(1_000)]
del rings
assert gc.collect() >= 1_000
print("left alone")
"""


def test_what_is_there_when_a_process_serves_is_left_alone_and_later_garbage_is_not() -> None:
    told = subprocess.run([sys.executable, "-c", HELD], capture_output=True, text=True, check=True)
    assert told.stdout == "left alone\n"
