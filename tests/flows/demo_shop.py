"""The sample shop, served by a real `weaver demo` in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.bot.action_server import free_port

WEAVER = str(Path(sys.executable).with_name("weaver"))
# The first run on a machine exports the encoder and loads the whole sample; on a busy one that takes minutes.
START_SECONDS, STOP_SECONDS = 540, 60


@dataclass(frozen=True, slots=True)
class DemoShop:
    """A running demo: its address, its data folder, and what it has printed."""

    url: str
    home: Path
    output: Path

    def key(self, role: str) -> str:
        """A new key of this role, made beside the running server."""
        command = [WEAVER, "key", "add", f"{role}-{time.monotonic_ns()}", "--role", role, "--json"]
        made = subprocess.run(command, env=environment(self.home), capture_output=True, check=True, text=True)
        key: str = json.loads(made.stdout)["key"]
        return key

    def call(self, method: str, path: str, role: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What REST says to somebody of this role."""
        headers = {"Authorization": f"Bearer {self.key(role)}"}
        response = httpx2.request(method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=30)
        assert response.is_success, response.text
        content: dict[str, Any] = response.json()
        return content


def environment(home: Path) -> dict[str, str]:
    """This process's variables, but Weaver's: its data is in this folder."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("WEAVER_")}
    return known | {"WEAVER_HOME": str(home)}


@contextmanager
def serve_demo(home: Path, output: Path) -> Iterator[DemoShop]:
    """Run the demo until the end of the context; its output is kept."""
    port = free_port()
    shop = DemoShop(f"http://127.0.0.1:{port}", home, output)
    with output.open("wb") as file:
        process = subprocess.Popen(
            [WEAVER, "demo", "--port", str(port)],
            env=environment(home),
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(shop, process)
        yield shop
        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_ready(shop: DemoShop, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"{shop.url}/readyz", timeout=5).is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    message = f"The demo did not start:\n{shop.output.read_text()}"
    raise AssertionError(message)
