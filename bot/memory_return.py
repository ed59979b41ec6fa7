"""Memory that a process has used for a moment, given back to the system."""

import ctypes
import ctypes.util
import gc
from contextlib import suppress


def give_back() -> None:
    """Return freed memory to the system where the C library can (glibc); elsewhere nothing happens.

    Loading a memory reads every row once through objects that are gone afterwards; without this the process would keep
    their room for as long as it lives.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(ctypes.util.find_library("c")).malloc_trim(0)
