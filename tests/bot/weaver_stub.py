"""A small HTTP server that speaks Weaver's REST contract, writes down what it was asked, and fails on demand."""

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

KEY = "wv_test"
CLOSED = {"title": "Conflict", "status": 409, "code": "conversation_closed", "detail": "This conversation is closed."}
ANSWER: dict[str, Any] = {
    "id": "m-1",
    "seq": 2,
    "role": "bot",
    "text": "Parcels take three days.",
    "answer_id": "shipping-time",
    "confidence": 0.93,
    "decision": "answer",
    "suggestions": [],
}


class Failure(Enum):
    """What may befall a request instead of its reply."""

    BUSY = auto()
    DROPPED = auto()
    SLOW = auto()
    GIBBERISH = auto()
    CRASH = auto()


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in."""

    path: str
    body: Mapping[str, Any]
    key: str | None
    connection: tuple[str, int]


@dataclass
class WeaverStub:
    """The stub's state.

    `replies` are what each message gets; the conversations of the senders in `closed` take none. `failures` befall the
    next requests, in order, and None lets one through.
    """

    url: str = ""
    replies: list[dict[str, Any]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    # A slow reply comes once this is set.
    late: threading.Event = field(default_factory=threading.Event)
    failures: deque[Failure | None] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    stored: dict[str, str] = field(default_factory=dict)

    def reset(self) -> None:
        """Forget all that came in, and reply with an answer again."""
        self.replies = [ANSWER]
        self.closed.clear()
        self.failures.clear()
        self.requests.clear()
        self.stored.clear()
        self.late.clear()

    def posted(self, ending: str) -> list[Mapping[str, Any]]:
        """The bodies of the requests whose path ends so."""
        return [request.body for request in self.requests if request.path.endswith(ending)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: ClassVar[WeaverStub]

    def do_POST(self) -> None:
        """Write the request down, then fail or reply."""
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = Request(self.path, content, self.headers["Authorization"], self.client_address)
        self.stub.requests.append(request)
        failure = self.stub.failures.popleft() if self.stub.failures else None
        if failure is Failure.DROPPED:
            self.close_connection = True
        elif failure is Failure.BUSY:
            self._send(503, {"title": "Busy", "status": 503, "detail": "The model is being swapped."})
        elif failure is Failure.CRASH:
            self.send_error(500, explain="a page of a proxy")
        elif failure is Failure.GIBBERISH:
            self._send(200, {"hello": "I am another program"})
        else:
            if failure is Failure.SLOW:
                self.stub.late.wait()
            self._send(*self._reply(request))

    def _reply(self, request: Request) -> tuple[int, dict[str, Any]]:
        if request.key != f"Bearer {KEY}":
            return 401, {"title": "Unauthorized", "status": 401, "detail": "This API key is not known."}
        if request.path == "/api/v1/conversations":
            return 201, {"id": _conversation_of(request.body["external_id"]), "token": "t"}
        if any(f"/{_conversation_of(external_id)}/" in request.path for external_id in self.stub.closed):
            return 409, CLOSED
        return self._reply_inside(request)

    def _reply_inside(self, request: Request) -> tuple[int, dict[str, Any]]:
        if request.path.endswith("/messages"):
            self.stub.stored.setdefault(request.body["client_id"], request.body["text"])
            return 200, {"seq": 1, "replies": self.stub.replies}
        if request.path.endswith("/handoff"):
            return 200, {"mode": "waiting"}
        if request.path.endswith("/feedback"):
            return 200, {"message_id": "m-1"}
        return 404, {"title": "Not found", "status": 404, "detail": f"There is no {request.path}."}

    def _send(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            # A client that no longer waits for a slow reply.
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the tests look at `requests`."""


def _conversation_of(external_id: str) -> str:
    return f"conversation-of-{external_id}".replace("#", "-")


@contextmanager
def serve_stub() -> Iterator[WeaverStub]:
    """Serve on a free port for as long as the context."""
    stub = WeaverStub()
    handler = type("Handler", (_Handler,), {"stub": stub})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        stub.url = f"http://127.0.0.1:{server.server_port}"
        stub.reset()
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield stub
        finally:
            server.shutdown()
            thread.join()
