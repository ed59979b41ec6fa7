"""One turn's latency and memory at 10k, 100k and 1M positions, on one thread: Weaver, its peers, and engines for it.

`python -m benchmarks.latency [SIZE …]` prints, for each size, a table of search engines and one of whole turns. Each
row is measured in a process of its own, over 200 questions of BANKING77 after ten to warm up. The memory is synthetic:
vectors of BANKING77's and CLINC150's train questions, moved at random (`benchmarks/corpus.py`), ten positions an
answer.

Times are the process's CPU milliseconds, median and 95th percentile: what one core takes, whoever else uses the
machine. RAM is what the process holds of its own (anonymous pages) more than before it was given the memory, for an
engine in bytes a position, for a turn with its encoders; `mapped` are the bytes a position that lie in a file, of which
only pages that are touched are cached.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import corpus as corpora
from benchmarks.corpus import Corpus

SIZES = (10_000, 100_000, 1_000_000)
WARM = 10
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
NO_THREADS = {"TOKENIZERS_PARALLELISM": "false"}


def own_memory() -> int:
    """The bytes of anonymous memory that this process holds (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) * 1024


def mapped_memory() -> int:
    """The bytes of files' pages that this process has mapped and that are in memory (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssFile")) * 1024


def timed(
    work: Callable[[Any], Any], given: list[Any], clock: Callable[[], int] = time.process_time_ns
) -> tuple[dict[str, float], list[Any]]:
    """CPU milliseconds of each call, after some to warm up: median and 95th percentile; and what the calls gave."""
    for item in given[:WARM]:
        work(item)
    taken, found = [], []
    for item in given:
        start = clock()
        found.append(work(item))
        taken.append((clock() - start) / 1e6)
    return {"median": float(np.median(taken)), "p95": float(np.percentile(taken, 95))}, found


def measure_engine(name: str, corpus: Corpus, tiny: Corpus) -> dict[str, float]:
    """Build one engine, search with all queries, and count how many of the exact nearest ten it found."""
    from benchmarks.engines import ENGINES  # noqa: PLC0415 - a process of a peer does without

    engine = ENGINES[name]
    engine.build(tiny)(tiny.queries[0])
    before, start = own_memory(), time.process_time()
    search = engine.build(corpus)
    built = time.process_time() - start
    held = (own_memory() - before) / len(corpus.vectors)
    times, found = timed(search, [np.array(query) for query in corpus.queries])
    pairs = zip((rows[: corpora.NEAREST] for rows in found), corpus.nearest, strict=True)
    recall = np.mean([len(set(rows) & set(right)) for rows, right in pairs])
    return {**times, "build": built, "ram": held, "recall": float(recall) / corpora.NEAREST}


def measure_turn(name: str, corpus: Corpus) -> dict[str, float]:
    """One subject's whole turns, from the text to the ranked answers."""
    from benchmarks.turns import SUBJECTS  # noqa: PLC0415 - a process of an engine does without

    before, start = own_memory(), time.process_time()
    turn = SUBJECTS[name].open(corpus)
    turn(corpus.asked[0])
    built = time.process_time() - start
    held = own_memory() - before
    return {**timed(turn, list(corpus.asked))[0], "build": built, "ram": held / 2**20}


def in_a_process(kind: str, name: str, folder: Path, tiny: Path) -> dict[str, float]:
    """Measure one row in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.latency", "--measure", kind, name, str(folder), str(tiny)]
    unset = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
    done = subprocess.run(
        command, env={**unset, **ONE_THREAD, **NO_THREADS}, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{name}: {done.stderr[-2000:]}"
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def print_engines(size: int, folder: Path, tiny: Path) -> None:
    """The table of engines for one size."""
    from benchmarks.engines import ENGINES  # noqa: PLC0415 - a process of a peer does without

    print(
        f"\n| search, {size:,} positions | median ms | p95 ms | recall@10 | build, CPU s | RAM, bytes each | mapped |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, engine in ENGINES.items():
        if size > engine.most:
            continue
        row = in_a_process("engine", name, folder, tiny)
        print(
            f"| {name} | {row['median']:.2f} | {row['p95']:.2f} | {row['recall']:.4f} | {row['build']:.1f} "
            f"| {row['ram']:.0f} | {engine.mapped or '–'} |",
            flush=True,
        )


def print_turns(size: int, folder: Path, tiny: Path) -> None:
    """The table of whole turns for one size."""
    from benchmarks.turns import SUBJECTS  # noqa: PLC0415 - a process of an engine does without

    print(f"\n| one turn, {size:,} positions | median ms | p95 ms | of its encoders alone | build, CPU s | RAM, MB |")
    print("|---|---|---|---|---|---|")
    floors: dict[str, float] = {}
    for name, subject in SUBJECTS.items():
        if size > subject.most:
            continue
        row = in_a_process("turn", name, folder, tiny)
        floors[name] = row["median"]
        share = f"{row['median'] / floors[subject.floor]:.2f} ×" if subject.floor else "–"
        print(
            f"| {name} | {row['median']:.1f} | {row['p95']:.1f} | {share} | {row['build']:.1f} | {row['ram']:,.0f} |",
            flush=True,
        )


def main() -> None:
    """Print all tables, or measure one row of them."""
    if sys.argv[1:2] == ["--measure"]:
        kind, name, *folders = sys.argv[2:]
        corpus, small = (corpora.load(Path(folder)) for folder in folders)
        print(json.dumps(measure_turn(name, corpus) if kind == "turn" else measure_engine(name, corpus, small)))
        return
    with tempfile.TemporaryDirectory() as root:
        tiny = Path(root) / "tiny"
        tiny.mkdir()
        corpora.make(tiny, 2000)
        for size in [int(argument) for argument in sys.argv[1:]] or SIZES:
            folder = Path(root) / str(size)
            folder.mkdir()
            corpora.make(folder, size)
            print_engines(size, folder, tiny)
            print_turns(size, folder, tiny)


if __name__ == "__main__":
    main()
