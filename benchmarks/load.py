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

from benchmarks import data, postgres
from benchmarks.banking77 import faq_lines, few_an_intent
from benchmarks.crowd.customers import Crowd
from benchmarks.crowd.servers import Server, echo, weaver
from benchmarks.crowd.spread import draw
from benchmarks.data import ROOT
from benchmarks.peers import rasa
from benchmarks.peers.rasa_assistant import started
from benchmarks.residence import POSITIONS, fill
from knowledge_base import schema
from weaver_core.encoders import sources
from weaver_core.encoders.tokenizing import open_tokenizer

HEAD = """\
| customers | server | turns | ack, p50 ms | p99 | answer, p50 ms | p99 | CPU ms a turn | customers' CPU | MB | lost |
|---|---|---|---|---|---|---|---|---|---|---|"""
IDLE_HEAD = "| idle sockets | server | kB each | MB with all |\n|---|---|---|---|"
# How many views: what they are called, and the encoders.
VIEWS = {1: ("English view", "english"), 2: ("both views", "english,multilingual")}


@dataclass(frozen=True, slots=True)
class Measured:
    """What customers saw of a server, and what it took; of another's that is not looked at."""

    seen: dict[str, Any]
    cpu_ms: float | None = None
    megabytes: float | None = None
    unanswered: int = 0


def asked_by(server: Server, crowd: Crowd) -> Measured:
    """Let a crowd ask a server."""
    before = server.cpu_seconds()
    seen = seen_by(crowd)
    spent = server.cpu_seconds() - before
    unanswered = sum(_unanswered(server, *one) for one in seen["conversations"] if one[1])
    return Measured(seen, 1000 * spent / seen["sent"], server.resident(), unanswered)


def seen_by(crowd: Crowd) -> dict[str, Any]:
    """What a crowd saw, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.crowd.customers", json.dumps(asdict(crowd))]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return found


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
    times = [time for kind in ("acked", "answered") for time in _times(seen[kind])]
    share = f"{seen['cpu_seconds'] / seconds:.0%}"
    lost = f"{seen['lost']} + {measured.unanswered}"
    cpu = "–" if measured.cpu_ms is None else f"{measured.cpu_ms:.1f}"
    resident = "–" if measured.megabytes is None else f"{measured.megabytes:.0f}"
    cells = [customers, name, seen["sent"], *times, cpu, share, resident, lost]
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def _times(milliseconds: list[float]) -> list[str]:
    if not milliseconds:
        return ["–", "–"]
    return [f"{value:.1f}" for value in np.percentile(milliseconds, [50, 99])]


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


def told_lengths() -> str:
    """How long the customers' turns are, for the English encoder."""
    tokenizer = open_tokenizer(sources.find(sources.ENGLISH).weights.parent, 512)
    lengths = [len(turn.ids) for turn in tokenizer.tokenize([row["text"] for row in data.rows("banking77/test.jsonl")])]
    median, most = np.percentile(lengths, [50, 99])
    return f"A turn has {median:.0f} tokens, one in a hundred more than {most:.0f}."


def ten_an_intent() -> tuple[list[dict[str, str]], dict[str, int]]:
    """What Rasa learns: ten of BANKING77's questions an intent, and the intents' numbers."""
    train = data.rows("banking77/train.jsonl")
    numbers = {intent: number for number, intent in enumerate(sorted({row["intent"] for row in train}))}
    return few_an_intent(train, 0), numbers


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
    print(told_lengths(), HEAD, sep="\n\n", flush=True)
    idle: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        url = installed(home, on_postgres=asked.postgres)
        servers = {"the echo": echo()}
        for name, encoders in (VIEWS[views] for views in asked.views):
            servers[f"Weaver, {name}"] = weaver(home, url, encoders)
        for name, starting in servers.items():
            with starting as server:
                for customers in asked.customers:
                    measured = asked_by(server, Crowd(server.socket, customers, asked.seconds))
                    tell(customers, name, asked.seconds, measured)
                    spread[f"{name}, {customers}"] = measured.seen["answered"]
                idle.append(told_idle(name, server, asked.idle))
        if rasa.environment() is not None:
            faq = Path(folder, "faq.jsonl")
            faq.write_text("\n".join(map(json.dumps, faq_lines(*ten_an_intent()))), encoding="utf-8")
            with started(rasa.MODELS, [faq]) as address:
                for customers in asked.customers:
                    seen = seen_by(Crowd(f"{address}/webhooks/rest/webhook", customers, asked.seconds))
                    tell(customers, "Rasa 3.6, REST", asked.seconds, Measured(seen))
                    spread[f"Rasa, {customers}"] = seen["answered"]
        print("\n".join(["", IDLE_HEAD, *idle]))
    (ROOT / "docs" / "load.svg").write_text(draw(spread), encoding="utf-8")


if __name__ == "__main__":
    main()
