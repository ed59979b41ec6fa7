"""A real Rasa action server in a process of its own, and the webhook calls that Rasa makes to it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.patience import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, STOP_SECONDS = 2 * PATIENCE_SECONDS, PATIENCE_SECONDS
# So long the actions wait for Weaver: a customer would not, but a test of what a slow reply does has to.
WEAVER_SECONDS = "15"
# Sanic's main process hangs on a SIGTERM that comes before it has seen its worker's acknowledgement. It looks for that
# again and again, and rests in between: once it has rested so often, it has.
RESTS = 20


@dataclass(frozen=True, slots=True)
class UserEvent:
    """A user's message as Rasa's NLU leaves it."""

    text: str = "How long does shipping take?"
    message_id: str = "a1b2c3"
    intent: str = "nlu_fallback"
    entities: Sequence[Mapping[str, Any]] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def parse_data(self) -> dict[str, Any]:
        """The tracker's `latest_message`."""
        intent = {"name": self.intent, "confidence": 0.7}
        return {
            "intent": intent,
            "entities": list(self.entities),
            "text": self.text,
            "message_id": self.message_id,
            "metadata": dict(self.metadata),
            "text_tokens": [[0, len(self.text)]],
            "intent_ranking": [intent],
        }


NO_DOMAIN: Mapping[str, Any] = {"intents": [], "entities": [], "slots": {}, "responses": {}, "forms": {}}


def webhook_call(
    action: str,
    event: UserEvent,
    slots: Mapping[str, Any] | None = None,
    sender_id: str = "sender-1",
    domain: Mapping[str, Any] = NO_DOMAIN,
) -> dict[str, Any]:
    """The body that Rasa 3.6 posts to `/webhook` when its policies choose a custom action."""
    names = ("message_id", "answer_id", "confidence", "decision", "rating")
    slots = {f"weaver_{name}": None for name in names} | dict(slots or {})
    user = {
        "event": "user",
        "timestamp": 1763900000.5,
        "text": event.text,
        "parse_data": event.parse_data(),
        "input_channel": "rest",
        "message_id": event.message_id,
        "metadata": dict(event.metadata),
    }
    listen = {"event": "action", "timestamp": 1763900000.1, "name": "action_listen", "policy": None, "confidence": None}
    return {
        "next_action": action,
        "sender_id": sender_id,
        "tracker": {
            "sender_id": sender_id,
            "slots": slots,
            "latest_message": event.parse_data(),
            "latest_event_time": 1763900000.5,
            "followup_action": None,
            "paused": False,
            "events": [{"event": "session_started", "timestamp": 1763900000.0}, listen, user],
            "latest_input_channel": "rest",
            "active_loop": {},
            "latest_action": {"action_name": "action_listen"},
            "latest_action_name": "action_listen",
        },
        "domain": {"actions": [action], **domain},
        "version": "3.6.21",
    }


@dataclass(frozen=True, slots=True)
class Ran:
    """What the action server gave back: messages to utter and slots to set."""

    responses: list[dict[str, Any]]
    slots: dict[str, Any]
    followups: list[str]

    @property
    def texts(self) -> list[str]:
        """What the customer reads."""
        return [response["text"] for response in self.responses]


@dataclass(frozen=True, slots=True)
class ActionServer:
    """A running `python -m rasa_sdk --actions bot.rasa_actions`."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def run(self, call: Mapping[str, Any]) -> Ran:
        """Call the webhook as Rasa does."""
        response = httpx2.post(f"{self.url}/webhook", json=call, timeout=PATIENCE_SECONDS)
        assert response.status_code == 200, response.text
        content = response.json()
        slots = {event["name"]: event["value"] for event in content["events"] if event["event"] == "slot"}
        followups = [event["name"] for event in content["events"] if event["event"] == "followup"]
        return Ran(content["responses"], slots, followups)

    def stop(self) -> int:
        """Ask the server to stop, as a process manager does. Returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def reserved_port() -> Iterator[int]:
    """A free port that is given to nobody else until the server that is told of it listens there, and after."""
    with socket.socket() as holder:
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            holder.setsockopt(socket.SOL_SOCKET, option, 1)
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
        yield port


@contextmanager
def serve_actions(log: Path, actions: str = "bot.rasa_actions", **environment: str) -> Iterator[ActionServer]:
    """Start the action server with these variables, and stop it at the end."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("WEAVER_")}
    known |= {"SANIC_HOST": "127.0.0.1", "WEAVER_TIMEOUT_SECONDS": WEAVER_SECONDS}
    with reserved_port() as port:
        command = [sys.executable, "-m", "rasa_sdk", "--actions", actions, "--port", str(port)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=known | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        server = ActionServer(f"http://127.0.0.1:{port}", process, log)
        try:
            _wait_until_healthy(server)
            yield server
            if process.poll() is None:
                server.stop()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait_until_healthy(server: ActionServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx2.get(f"{server.url}/health", timeout=5).is_success:
                _wait_until_settled(server.process)
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    message = f"The action server did not start:\n{server.log.read_text()}"
    raise AssertionError(message)


def _wait_until_settled(process: subprocess.Popen[bytes]) -> None:
    rested = _rests(process)
    wait_until(lambda: _rests(process) >= rested + RESTS, "the main process goes round its loop")


def _rests(process: subprocess.Popen[bytes]) -> int:
    """How often a process has given up the processor by itself."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])
