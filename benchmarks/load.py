"""Many customers at once: each sends a turn every ten seconds over a websocket; milliseconds from send to answer.

`python -m benchmarks.load [--customers 250 500] [--views 1 2] [--seconds 60] [--idle 2000] [--postgres]` fills an
installation with 100,000 positions (as `benchmarks.residence` does), starts a real `weaver serve` for each number of
views, and lets a process of its own be the customers; both share the machine's cores. Beside it, asked by the same
customers, the floor: a bare FastAPI echo on the same socket library. Where `WEAVER_RASA` names an environment with Rasa
3.6, its assistant is asked as many questions over REST. Printed are milliseconds to the acknowledgement and to the
answer, the server's CPU a turn and resident set, the customers' share of the cores, and what was lost: turns that got
no answer, and turns that the conversations' own event logs do not hold with a reply. Then sockets that say nothing, and
what each of them costs. docs/load.svg shows the spread.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import anyio
import numpy as np

from benchmarks import postgres
from benchmarks.crowd.customers import Crowd
from benchmarks.crowd.servers import Server, echo, weaver
from benchmarks.crowd.spread import draw
from benchmarks.data import ROOT
from benchmarks.residence import POSITIONS, fill
from knowledge_base import schema

HEAD = """\
| customers | server | turns | ack, p50 ms | p99 | answer, p50 ms | p99 | CPU ms a turn | customers' CPU | MB | lost |
|---|---|---|---|---|---|---|---|---|---|---|"""
IDLE_HEAD = "| idle sockets | server | kB each | MB with all |\n|---|---|---|---|"
VIEWS = {1: "english", 2: "english,multilingual"}


@dataclass(frozen=True, slots=True)
class Measured:
    """What customers saw of a server, and what it took."""

    seen: dict[str, Any]
    cpu_ms: float
    megabytes: float
    unanswered: int


def asked_by(server: Server, crowd: Crowd) -> Measured:
    """Let a crowd ask a server."""
    before = server.cpu_seconds()
    command = [sys.executable, "-m", "benchmarks.crowd.customers", json.dumps(asdict(crowd))]
    seen = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    spent = server.cpu_seconds() - before
    unanswered = sum(_unanswered(server, *one) for one in seen["conversations"] if one[1])
    return Measured(seen, 1000 * spent / seen["sent"], server.resident(), unanswered)


def _unanswered(server: Server, conversation: str, token: str) -> int:
    """Customer's messages of a conversation that nobody replied to, as its own log says; all if it has gaps."""
    address = f"{server.address}/api/v1/conversations/{conversation}/events?after=0"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - our own
    with urllib.request.urlopen(request, timeout=60) as answered:  # noqa: S310 - our own
        events = json.load(answered)["events"]
    said = [event["seq"] for event in events if event.get("role") == "customer"]
    if [event["seq"] for event in events] != list(range(1, len(events) + 1)):
        return len(said)
    return len(set(said) - {event.get("in_reply_to") for event in events})


def tell(customers: int, name: str, seconds: float, measured: Measured) -> None:
    """Print a line of the table."""
    seen = measured.seen
    times = [f"{value:.1f}" for kind in ("acked", "answered") for value in np.percentile(seen[kind], [50, 99])]
    share = f"{seen['cpu_seconds'] / seconds:.0%}"
    lost = f"{seen['lost']} + {measured.unanswered}"
    cells = [customers, name, seen["sent"], *times, f"{measured.cpu_ms:.1f}", share, f"{measured.megabytes:.0f}", lost]
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def told_idle(name: str, server: Server, count: int) -> str:
    """Open sockets that say nothing after their hello. Returns a line of the table: what they cost the server."""
    before = server.resident()
    command = [sys.executable, "-m", "benchmarks.crowd.idle", server.socket, str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sockets:
        assert sockets.stdin is not None
        assert sockets.stdout is not None
        opened = sockets.stdout.readline().strip()
        time.sleep(2)
        after = server.resident()
        sockets.stdin.close()
    if opened != "open":
        sys.exit("Not all sockets could be opened.")
    return f"| {count:,} | {name} | {1000 * (after - before) / count:.1f} | {after:.0f} |"


def installed(home: Path, *, on_postgres: bool) -> str:
    """An installation with its positions. Returns its database's address."""
    home.mkdir(parents=True)
    url = postgres.url_of(home) if on_postgres else f"sqlite:///{home / 'weaver.db'}"
    schema.upgrade(url)
    anyio.run(fill, url, POSITIONS)
    return url


def main() -> None:
    """Print the tables, draw the spread."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", nargs="*", type=int, default=[250, 500])
    parser.add_argument("--views", nargs="*", type=int, choices=VIEWS, default=[1, 2])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--idle", type=int, default=2000)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    asked = parser.parse_args()
    spread: dict[str, list[float]] = {}
    idle: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        url = installed(home, on_postgres=asked.postgres)
        servers = {"the echo": echo()}
        servers |= {f"Weaver, {VIEWS[views]}": weaver(home, url, VIEWS[views]) for views in asked.views}
        print(HEAD, flush=True)
        for name, starting in servers.items():
            with starting as server:
                for customers in asked.customers:
                    measured = asked_by(server, Crowd(server.socket, customers, asked.seconds))
                    tell(customers, name, asked.seconds, measured)
                    spread[f"{name}, {customers}"] = measured.seen["answered"]
                idle.append(told_idle(name, server, asked.idle))
        print("\n".join(["", IDLE_HEAD, *idle]))
    (ROOT / "docs" / "load.svg").write_text(draw(spread), encoding="utf-8")


if __name__ == "__main__":
    main()
