"""Memory that a process has used for a moment, given back to the system; and what it holds for good, left alone."""

import ctypes
import ctypes.util
import gc
from contextlib import suppress

# glibc's malloc.h, and the size from which it maps a piece of memory by itself unless it has seen larger ones freed.
M_MMAP_THRESHOLD, MAPPED_FROM = -3, 128 * 1024
# How many objects more there are before the youngest are looked at, and how many times that before older ones are.
COLLECTED_AFTER = 10_000, 20, 20


def give_back() -> None:
    """Return freed memory to the system where the C library can (glibc); elsewhere nothing happens.

    Loading a memory reads every row once through objects that are gone afterwards; without this the process would keep
    their room for as long as it lives.
    """
    gc.collect()
    if gc.get_freeze_count():
        gc.freeze()
    with suppress(OSError, AttributeError):
        _c_library().malloc_trim(0)


def leave_alone() -> None:
    """From here on the garbage collector does not look at what is there now, nor so often at what comes.

    For a process that serves: to look at a memory of 100,000 positions for garbage stops every thread for a quarter of
    a second, and there is none in it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


def give_back_large_pieces_at_once() -> None:
    """From here on a piece of memory of 128 kB or more goes back to the system as soon as it is freed (glibc).

    For a process that holds one piece of a file after the other, for hours: their sizes differ, and the gaps that they
    leave grow with the file, 60 kB for each MB of it (docs/experiments.md).
    """
    with suppress(OSError, AttributeError):
        _c_library().mallopt(M_MMAP_THRESHOLD, MAPPED_FROM)


def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(ctypes.util.find_library("c"))
