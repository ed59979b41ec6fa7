"""How fast exports of other systems are read, and in how much memory: made files of every format, a process for each.

`python -m benchmarks.exports` (or with other sizes in MB behind it) prints a table: reading alone, without masking,
mining and storing. What the memory grew by is the process's peak over what it held before the file was opened. A second
table says how many samples of real Chinese texts are recognised when they are saved in GB18030.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from benchmarks import data
from knowledge_base.ingestion import encodings, files, formats

SIZES = (20, 200)
MB = 1024 * 1024
TURNS = 4
BEGAN = 1_770_000_000
WORDS = ("kettle", "order", "delivery", "return", "refund", "address", "invoice", "grinder", "citric", "acid", "parcel")
CHINESE = ("afqmc", "bq", "waimai_10k", "ecd", "crosswoz", "baoxianzhidao")
ROWS, SAMPLES = (1, 3, 10), 300


def said(rng: random.Random) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(40))


def tickets(rng: random.Random) -> Iterator[str]:
    yield '{"tickets": [\n'
    number = 0
    while True:
        comments = [
            {"author_id": turn % 2, "html_body": f"<div><p>{said(rng)}</p></div>", "public": True, "created_at": number}
            for turn in range(TURNS)
        ]
        yield json.dumps({"id": number, "requester_id": 0, "comments": comments}) + ",\n"
        number += 1


def conversations(rng: random.Random) -> Iterator[str]:
    number = 0
    while True:
        parts = [
            {"part_type": "comment", "body": f"<p>{said(rng)}</p>", "author": {"type": kind}, "created_at": number}
            for kind in ("user", "admin") * (TURNS // 2)
        ]
        yield json.dumps({"id": str(number), "conversation_parts": {"conversation_parts": parts}}) + "\n"
        number += 1


def pages(rng: random.Random) -> Iterator[str]:
    """Pages of messages whose conversations are scattered: each comes back in the page after the next."""
    number = 0
    while True:
        payload = [
            {
                "id": number * 20 + place,
                "conversation_id": (number // 3) * 20 + place,
                "inbox_id": 1,
                "content": said(rng),
            }
            | {"message_type": number % 2, "created_at": number, "private": False}
            for place in range(20)
        ]
        yield json.dumps({"payload": payload}) + "\n"
        number += 1


def table(rng: random.Random) -> Iterator[str]:
    yield "conversation,role,text,time\n"
    number = 0
    while True:
        conversation, role = number % 1000 + number // 4000 * 1000, "user" if number % 2 else "agent"
        yield f"{conversation},{role},{said(rng)},{BEGAN + number}\n"
        number += 1


MADE: dict[str, tuple[str, Callable[[random.Random], Iterator[str]]]] = {
    "zendesk": ("a document", tickets),
    "intercom": ("a conversation a line", conversations),
    "chatwoot": ("pages, scattered", pages),
    "messages": ("CSV, scattered", table),
}


def write(file: IO[str], name: str, size: int) -> None:
    written = 0
    for text in MADE[name][1](random.Random(0)):
        written += file.write(text)
        if written >= size:
            break
    if name == "zendesk":
        file.write("{}]}")


def read(path: Path) -> None:
    """What the process that is measured does: read one file and print what that took."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    source = files.examine(path)
    chosen = formats.choose(source, "auto")
    count = sum(record.fields is not None for record in chosen.read(source))
    seconds = time.process_time() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps({"format": chosen.name, "dialogues": count, "seconds": seconds, "grown": grown}))


def measure(name: str, size: int, folder: Path) -> None:
    path = folder / ("export.csv" if name == "messages" else "export.json")
    with path.open("w", encoding="utf-8") as file:
        write(file, name, size * MB)
    command = [sys.executable, "-m", "benchmarks.exports", "--read", str(path)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert found["format"] == name
    print(
        f"| {name}, {MADE[name][0]} | {size} | {found['dialogues']:,} | {found['seconds']:.1f} "
        f"| {size / found['seconds']:.0f} | {found['grown']:.0f} |"
    )


def recognised(name: str, rows: int) -> float:
    """The share of samples of so many rows that are taken for what they are."""
    largest = max((data.folder() / name).rglob("*.jsonl"), key=lambda path: path.stat().st_size)
    lines = [
        line for line in largest.read_text("utf-8").splitlines() if any("\u4e00" <= one <= "\u9fff" for one in line)
    ]
    rng = random.Random(0)
    samples = ["\n".join(rng.sample(lines, rows)).encode("gb18030", "ignore") for _ in range(SAMPLES)]
    return sum(encodings.is_chinese(sample[: encodings.SAMPLE]) for sample in samples) / SAMPLES


def main() -> None:
    if sys.argv[1:2] == ["--read"]:
        read(Path(sys.argv[2]))
        return
    print("| format | MB | dialogues | CPU s | MB/s | memory grown, MB |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in MADE:
            for size in [int(argument) for argument in sys.argv[1:]] or SIZES:
                measure(name, size, Path(folder))
    print(f"\n| GB18030, rows | {' | '.join(map(str, ROWS))} |\n|---|{'---|' * len(ROWS)}")
    for name in CHINESE:
        print(f"| {name} | {' | '.join(f'{recognised(name, rows):.3f}' for rows in ROWS)} |")


if __name__ == "__main__":
    main()
