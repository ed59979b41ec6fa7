"""The example assistant in a real Rasa 3.6: trained, served, and talked to over its REST channel."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.bot.action_server import ROOT, free_port

EXAMPLE = ROOT / "examples" / "rasa"
# Rasa loads TensorFlow before it says anything.
START_SECONDS, STOP_SECONDS, REPLY_SECONDS, TRAIN_SECONDS = 300, 30, 60, 600
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
    # Of a library of Rasa's, about a later version of it.
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
}


def environment() -> Path:
    """The folder of Rasa's environment, named by WEAVER_RASA. Raises AssertionError when there is none."""
    named = Path(os.environ.get("WEAVER_RASA", ROOT / ".venv-rasa")).absolute()
    assert (named / "bin" / "rasa").is_file(), f"There is no Rasa in {named}: run these tests with `make rasa`."
    return named


def run_rasa(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `rasa` in a folder and return what it said."""
    return subprocess.run(
        [str(environment() / "bin" / "rasa"), *arguments],
        cwd=folder,
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        check=False,
        timeout=TRAIN_SECONDS,
    )


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who writes to the assistant."""

    url: str
    name: str

    def say(self, text: str, metadata: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """What the assistant sends back: texts, buttons, images and custom messages, in order."""
        body = {"sender": self.name, "message": text, "metadata": dict(metadata or {})}
        response = httpx2.post(f"{self.url}/webhooks/rest/webhook", json=body, timeout=REPLY_SECONDS)
        assert response.status_code == 200, response.text
        said: list[dict[str, Any]] = response.json()
        return said

    def slots(self) -> dict[str, Any]:
        """What Rasa remembers of the conversation."""
        tracker = httpx2.get(f"{self.url}/conversations/{self.name}/tracker", timeout=REPLY_SECONDS).json()
        slots: dict[str, Any] = tracker["slots"]
        return slots


@contextmanager
def serve_assistant(folder: Path, model: Path, action_url: str) -> Iterator[str]:
    """`rasa run` of a trained model with the example's files until the end of the context. Yields its address."""
    port = free_port()
    endpoints = (EXAMPLE / "endpoints.yml").read_text(encoding="utf-8")
    assert "http://127.0.0.1:5055" in endpoints
    (folder / "endpoints.yml").write_text(endpoints.replace("http://127.0.0.1:5055", action_url), encoding="utf-8")
    command = [str(environment() / "bin" / "rasa"), "run", "--enable-api", "--model", str(model)]
    where = ["--interface", "127.0.0.1", "--port", str(port)]
    files = ["--endpoints", "endpoints.yml", "--credentials", str(EXAMPLE / "credentials.yml")]
    log = folder / "rasa.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *where, *files],
            cwd=folder,
            env={**os.environ, **QUIET},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_loaded(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_loaded(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx2.get(f"{url}/status", timeout=5).json().get("model_id"):
                return
        except (httpx2.TransportError, ValueError):
            pass
        time.sleep(0.5)
    message = f"Rasa did not start:\n{log.read_text()}"
    raise AssertionError(message)
