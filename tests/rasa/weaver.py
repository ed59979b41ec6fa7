"""A real Weaver with a part of the sample shop, that can be stopped and started again at one address."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.bot.action_server import ROOT
from tests.flows.demo_shop import STOP_SECONDS, WEAVER, environment

START_SECONDS = 120
TOPICS = (
    "delivery-times",
    "delivery-cost",
    "express-delivery",
    "track-order",
    "delivery-late",
    "missed-delivery",
    "change-address",
    "split-shipment",
)


@dataclass
class Weaver:
    """An installation, and its server while it runs."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str) -> str:
        """Run `weaver` on this installation, and return what it printed."""
        done = subprocess.run(
            [WEAVER, *arguments], env=environment(self.home), capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def load(self) -> None:
        """Make the installation: eight topics of the sample, in English and in Chinese."""
        self.home.mkdir()
        self.run("db", "upgrade")
        for language, ending in (("en", ""), ("zh", ".zh")):
            names = {f"{topic}{ending}" for topic in TOPICS}
            lines = (ROOT / "examples" / "shop" / f"faq.{language}.jsonl").read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if json.loads(line)["answer_id"] in names]
            file = self.home / f"faq.{language}.jsonl"
            file.write_text("\n".join(kept), encoding="utf-8")
            self.run("import", str(file))

    def key(self, role: str) -> str:
        """A key of this role."""
        if role not in self.keys:
            self.keys[role] = json.loads(self.run("key", "add", role, "--role", role, "--json"))["key"]
        return self.keys[role]

    def call(self, method: str, path: str, role: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What REST says to somebody of this role."""
        headers = {"Authorization": f"Bearer {self.key(role)}"}
        response = httpx2.request(method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=30)
        assert response.is_success, response.text
        content: dict[str, Any] = response.json()
        return content

    def start(self) -> None:
        """Serve."""
        log = (self.home / "serve.log").open("ab")
        command = [WEAVER, "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(command, env=environment(self.home), stdout=log, stderr=log, cwd=ROOT)
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx2.get(f"{self.url}/readyz", timeout=5).is_success:
                    return
            except httpx2.TransportError:
                time.sleep(0.2)
        self.stop()
        raise AssertionError((self.home / "serve.log").read_text())

    def stop(self) -> None:
        """Serve no more."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
