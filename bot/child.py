"""A `weaver` command in a process of its own, with the settings of the service that starts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from bot.settings import Settings

# How long a process may take to put away what it has, once it is told to end.
GRACE_SECONDS = 20.0
# What a process of its own needs to know of the settings.
PASSED = ("database_url", "encoders", "context", "index", "company_contacts", "wrong_per_hundred", "update_memory_mb")


def start(settings: Settings, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start a command. What it prints on standard error goes where the service's own does."""
    passed = {f"WEAVER_{name.upper()}": _spelled(getattr(settings, name)) for name in PASSED}
    environment = {**os.environ, **passed, "WEAVER_HOME": str(Path(settings.home).absolute())}
    environment |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "bot.commands", *arguments]
    # The interpreter is ours, and what follows are arguments, not a shell's words.
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603


def interrupt(process: "subprocess.Popen[bytes] | None") -> None:
    """Tell a process to put away what it has and end, and end it if it does not."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _spelled(value: object) -> str:
    """A setting as a variable says it."""
    return ",".join(map(str, cast("tuple[object, ...]", value))) if isinstance(value, tuple) else str(value)
