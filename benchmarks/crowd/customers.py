"""The customers, in a process of their own: each sends a turn every ten seconds and waits for its answer.

`python -m benchmarks.crowd.customers '{"url": …, "customers": 250, "seconds": 60}'` prints what they saw as JSON.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle

import anyio
import httpx2
from websockets.asyncio.client import ClientConnection, connect

from benchmarks import data

EVERY = 10.0
# An answer that takes longer than this is counted as lost.
PATIENCE = 30.0
# The first turns of a service find its caches empty; they are sent and not counted.
WARM = 10.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many customers ask for how long: a chat's socket (`ws://…`), or Rasa's REST channel (`http://…`)."""

    url: str
    customers: int
    seconds: float


@dataclass(slots=True)
class Seen:
    """Milliseconds to each acknowledgement and answer, turns without one, the conversations and their tokens."""

    acked: list[float] = field(default_factory=list[float])
    answered: list[float] = field(default_factory=list[float])
    sent: int = 0
    lost: int = 0
    conversations: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    cpu_seconds: float = 0.0


async def crowd(asked: Crowd) -> Seen:
    """All customers at once; each begins at a moment of its own within the first ten seconds."""
    seen, texts = Seen(), _texts()
    dice = random.Random(0)
    began = time.perf_counter()
    limits = httpx2.Limits(max_connections=asked.customers, max_keepalive_connections=asked.customers)
    async with httpx2.AsyncClient(timeout=PATIENCE, limits=limits) as rest, anyio.create_task_group() as group:
        for number in range(asked.customers):
            first = began + dice.uniform(0, EVERY)
            if asked.url.startswith("http"):
                group.start_soon(_caller, asked, first, texts, seen, rest, f"customer-{number}")
            else:
                group.start_soon(_customer, asked, first, texts, seen)
    seen.cpu_seconds = time.process_time()
    return seen


def _texts() -> Iterator[str]:
    return cycle(row["text"] for row in data.rows("banking77/test.jsonl"))


async def _customer(asked: Crowd, first: float, texts: Iterator[str], seen: Seen) -> None:
    end = first - first % 1 + asked.seconds
    socket = await _opened(asked.url, seen)
    turn = first
    while turn < end:
        await anyio.sleep(max(0.0, turn - time.perf_counter()))
        handed_off = await _turn(socket, next(texts), seen, counted=turn > first + WARM - EVERY)
        if handed_off:
            # Who waits for a person is answered by nobody: another customer comes.
            await socket.close()
            socket = await _opened(asked.url, seen)
        turn += EVERY
    await socket.close()


async def _caller(
    asked: Crowd, first: float, texts: Iterator[str], seen: Seen, rest: httpx2.AsyncClient, name: str
) -> None:
    end = first - first % 1 + asked.seconds
    turn = first
    while turn < end:
        await anyio.sleep(max(0.0, turn - time.perf_counter()))
        seen.sent += 1
        start = time.perf_counter()
        try:
            replies = (await rest.post(asked.url, json={"sender": name, "message": next(texts)})).json()
        except httpx2.TransportError:
            replies = []
        if not replies:
            seen.lost += 1
        elif turn > first + WARM - EVERY:
            seen.answered.append(1000 * (time.perf_counter() - start))
        turn += EVERY


async def _opened(url: str, seen: Seen) -> ClientConnection:
    socket = await connect(url, compression=None, open_timeout=PATIENCE)
    await socket.send(json.dumps({"type": "hello"}))
    welcome = json.loads(await socket.recv())
    seen.conversations.append((welcome["conversation_id"], welcome["token"]))
    return socket


async def _turn(socket: ClientConnection, text: str, seen: Seen, *, counted: bool) -> bool:
    """Send a turn, and read until it is answered. Returns whether a person is to take the conversation."""
    handed_off = False
    seen.sent += 1
    start = time.perf_counter()
    await socket.send(json.dumps({"type": "message", "client_id": f"{seen.sent}", "text": text}))
    with anyio.move_on_after(PATIENCE):
        while True:
            frame = json.loads(await socket.recv())
            took = 1000 * (time.perf_counter() - start)
            if frame["type"] == "ack" and counted:
                seen.acked.append(took)
            if frame["type"] == "status":
                handed_off = True
            if frame["type"] == "message":
                if counted:
                    seen.answered.append(took)
                return handed_off or frame.get("decision") == "handoff"
    seen.lost += 1
    return True


def main() -> None:
    """Ask, and print what was seen."""
    print(json.dumps(asdict(anyio.run(crowd, Crowd(**json.loads(sys.argv[1]))))))


if __name__ == "__main__":
    main()
