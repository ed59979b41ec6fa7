"""What an update costs those who ask meanwhile: five turns a second of a real `weaver serve`, without and during one.

`python -m benchmarks.update_latency` prints the milliseconds from question to answer over REST, and the ratio of the
medians, in one run: BANKING77 at twenty an intent, both encoders. Turns are asked at fixed moments whether earlier ones
are answered or not; the update trains in a process of its own, with the lowest priority.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.banking77 import faq_lines
from benchmarks.residence import ask, key_of, serve

A_SECOND, SECONDS = 5, 60
EACH, VOTES = 20, 300


def timed_turns(port: int, key: str, texts: list[str], until: Callable[[float], bool]) -> list[float]:
    """Ask at a steady pace until it is over; milliseconds a turn."""
    took: list[float] = []
    threads: list[threading.Thread] = []

    def turn(text: str) -> None:
        start = time.perf_counter()
        ask(port, key, text)
        took.append(1000 * (time.perf_counter() - start))

    began = time.perf_counter()
    for number, text in enumerate(cycle(texts)):
        if until(time.perf_counter() - began):
            break
        time.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        threads.append(threading.Thread(target=turn, args=(text,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return took


def call(port: int, key: str, path: str, body: dict[str, str] | None = None, *, method: str = "POST") -> dict[str, Any]:
    """A request to the API."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/{path}", sent, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answered:  # noqa: S310 - our own
        found: dict[str, Any] = json.load(answered)
        return found


def vote(port: int, key: str, texts: list[str]) -> None:
    """Let a visitor ask each text and like what comes: without judgements an update trains no encoder."""
    for number, text in enumerate(texts):
        opened = call(port, key, "conversations", {"external_id": f"visitor-{number}"})
        said = call(port, opened["token"], f"conversations/{opened['id']}/messages", {"client_id": "1", "text": text})
        call(port, opened["token"], f"messages/{said['reply']['id']}/feedback", {"rating": "up"})


def row(name: str, took: list[float]) -> str:
    """A line of the table."""
    p50, p95, p99 = np.percentile(took, [50, 95, 99])
    return f"| {name} | {len(took)} | {p50:.1f} | {p95:.1f} | {p99:.1f} |"


def main() -> None:
    """Print the table."""
    train, test = (data.rows(f"banking77/{part}.jsonl") for part in ("train", "test"))
    numbers = {intent: number for number, intent in enumerate(sorted({one["intent"] for one in train}))}
    kept = [one for intent in numbers for one in [each for each in train if each["intent"] == intent][:EACH]]
    with tempfile.TemporaryDirectory() as folder:
        home, faq = Path(folder, "home"), Path(folder, "faq.jsonl")
        faq.write_text("\n".join(map(json.dumps, faq_lines(kept, numbers))), encoding="utf-8")
        environment = {**os.environ, "WEAVER_HOME": str(home), "WEAVER_DATABASE_URL": ""}
        for arguments in (["db", "upgrade"], ["import", str(faq)]):
            command = [str(Path(sys.executable).parent / "weaver"), *arguments]
            subprocess.run(command, env=environment, check=True, capture_output=True)
        key, reviewer = key_of(home), key_of(home, "reviewer")
        process, port = serve(home)
        texts = [one["text"] for one in test]
        vote(port, reviewer, texts[:: len(texts) // VOTES])
        alone = timed_turns(port, key, texts, lambda seconds: seconds > SECONDS)
        run = f"admin/updates/{call(port, reviewer, 'admin/updates')['id']}"
        during = timed_turns(port, key, texts, lambda _: call(port, reviewer, run, method="GET")["state"] in ENDED)
        ended = call(port, reviewer, run, method="GET")
        process.terminate()
        process.wait(60)
    print("| five turns a second | turns | p50 ms | p95 | p99 |\n|---|---|---|---|---|")
    print(row("alone", alone))
    print(row("during an update", during))
    ratio = np.median(during) / np.median(alone)
    print(f"\nratio of the medians {ratio:.2f}; the update: {ended['state']}\n{ended['log']}")


ENDED = ("done", "failed", "cancelled")

if __name__ == "__main__":
    main()
