"""An installation of its own for a test, used by the command line in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

from tests.patience import PATIENCE_SECONDS, wait_until

WEAVER = Path(sys.executable).parent / "weaver"


class Installation:
    """A data folder of its own, with the command line to use it."""

    def __init__(self, home: Path, encoder: Path, cache: Path) -> None:
        self.home = home
        # What the last server wrote to standard error after its address.
        self.said = ""
        self._environment = {
            **os.environ,
            "WEAVER_HOME": str(home),
            "WEAVER_ENCODERS": str(encoder),
            "XDG_CACHE_HOME": str(cache),
        }

    @contextmanager
    def serving(self, *arguments: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """`weaver serve` on a free port until the end of the context. Yields its process and its address."""
        command = [str(WEAVER), "serve", "--port", "0", *arguments]
        environment = {**self._environment, **variables}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield process, _told_address(process)
            finally:
                process.terminate()
                self.said = process.communicate(timeout=2 * PATIENCE_SECONDS)[1]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `weaver` and return what it said."""
        return subprocess.run(
            [str(WEAVER), *arguments],
            env={**self._environment, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=5 * PATIENCE_SECONDS,
        )


def until_ready(address: str) -> None:
    """Wait until a server that was just started answers."""

    def is_ready() -> bool:
        with suppress(httpx2.TransportError):
            return httpx2.get(f"{address}/readyz", timeout=PATIENCE_SECONDS).status_code == httpx2.codes.OK
        return False

    wait_until(is_ready, "the server is ready")


def _told_address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("Weaver serves on "):
            return line.split()[-1]
    raise AssertionError("".join(lines))
