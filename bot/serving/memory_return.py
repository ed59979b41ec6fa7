"""Memory that a process has used for a moment, given back to the system."""

import ctypes
import ctypes.util
import gc
from contextlib import suppress

# glibc's malloc.h, and the size from which it maps a piece of memory by itself unless it has seen larger ones freed.
M_MMAP_THRESHOLD, MAPPED_FROM = -3, 128 * 1024


def give_back() -> None:
    """Return freed memory to the system where the C library can (glibc); elsewhere nothing happens.

    Loading a memory reads every row once through objects that are gone afterwards; without this the process would keep
    their room for as long as it lives.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        _c_library().malloc_trim(0)


def give_back_large_pieces_at_once() -> None:
    """From here on a piece of memory of 128 kB or more goes back to the system as soon as it is freed (glibc).

    For a process that holds one piece of a file after the other, for hours: their sizes differ, and the gaps that they
    leave grow with the file, 60 kB for each MB of it (docs/experiments.md).
    """
    with suppress(OSError, AttributeError):
        _c_library().mallopt(M_MMAP_THRESHOLD, MAPPED_FROM)


def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(ctypes.util.find_library("c"))
