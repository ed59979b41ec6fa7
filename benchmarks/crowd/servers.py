"""The servers that a crowd asks, each a process of its own: Weaver, and the floor under it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN = 600.0
TICKS = os.sysconf("SC_CLK_TCK")
WEAVER = str(Path(sys.executable).parent / "weaver")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    port: int
    process: int

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket(self) -> str:
        """Where its chat is."""
        return f"ws://127.0.0.1:{self.port}/ws/chat"

    def cpu_seconds(self) -> float:
        """What it has spent of the cores, with its threads."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident(self) -> float:
        """Its resident set, in MB."""
        return resident(self.process)


def resident(pid: int) -> float:
    """A process's resident set, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def echo() -> Iterator[Server]:
    """The floor: a bare FastAPI on the same socket library."""
    with _running([sys.executable, "-m", "benchmarks.crowd.echo"], {}) as server:
        yield server


@contextmanager
def weaver(home: Path, url: str, encoders: str) -> Iterator[Server]:
    """`weaver serve` on an installation; every turn is answered, as a well-filled memory answers."""
    settings = {
        "WEAVER_HOME": str(home),
        "WEAVER_DATABASE_URL": url,
        "WEAVER_ENCODERS": encoders,
        "WEAVER_WRONG_PER_HUNDRED": "100",
        "WEAVER_UPDATE_SCHEDULE": "off",
    }
    with _running([WEAVER, "serve", "--port"], settings) as server:
        yield server


@contextmanager
def _running(command: Sequence[str], settings: dict[str, str]) -> Iterator[Server]:
    process, port = started(command, settings)
    try:
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(60)


def started(command: Sequence[str], settings: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    """A server that a command starts on the port behind it, ready to answer; and its port."""
    port = _free_port()
    process = subprocess.Popen([*command, str(port)], env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return process, port
        except OSError:
            time.sleep(0.5)
    process.kill()
    sys.exit("The server did not become ready.")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
