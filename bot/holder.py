"""Which process works on a run, and whether it still lives, as far as this host can tell."""

import os
import socket


def this_process() -> str:
    """The name of this process among all hosts."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_gone(holder: str | None) -> bool:
    """Whether a process of this host is no more; False where another host alone can tell."""
    host, _, number = (holder or "").rpartition(":")
    if host != socket.gethostname() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
