"""A large installation on this machine, beside plain vector engines: import, indexes on disk, opening, search, RAM.

`python -m benchmarks.scale [SIZE]` prints two tables of one run: 100,000 positions without a size; a million takes
an hour, most of it the engines' own building. The memory is imported from a FAQ file, ten positions an answer. Its
keys are vectors of some 44,000 real texts, moved at random to a cosine of about .8 (`benchmarks/corpus.py`): random
vectors would make recall meaningless. Each engine is built on the English view's vectors with one thread, in a process
of its own, and opened in another. Engines run as they come, but for what a search may cost, which is set so
that they find most (`benchmarks/stored_engines.py`). `--only NAME …` takes these engines only.

Times are CPU seconds of the process unless said; PostgreSQL works in processes of its own, whose time is added. What
was added is found by the wall's clock. RAM is anonymous memory after 200 searches, beside what a process without the
index holds; pages of mapped files, which the system drops when it needs their room, are not in it.
"""

import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter, process_time, process_time_ns
from typing import TYPE_CHECKING, Any

import anyio
import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus as corpora
from benchmarks import large, postgres
from benchmarks.corpus import Corpus
from benchmarks.latency import NO_THREADS, ONE_THREAD, own_memory, timed
from benchmarks.stored_engines import ENGINES, FOUND, size_of

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 100_000
SOURCES = ("banking77/train", "clinc150/train", "clinc150/val", "clinc150/test", "airline_tweets/dev")
ADDED = 20
ENCODED_PAIRS = 2000
OURS, OURS_IN_POSTGRES = "Weaver", "Weaver, pgvector"
SERVED = ("pgvector halfvec HNSW", OURS_IN_POSTGRES)
Measured = dict[str, Any]


def found_share(found: list[NDArray[np.int64]], corpus: Corpus) -> float:
    """The share of the exact nearest ten that was found."""
    pairs = zip(found, corpus.nearest, strict=True)
    return float(np.mean([len(set(rows[:FOUND]) & set(right)) for rows, right in pairs])) / FOUND


def build_engine(name: str, corpus: Corpus, folder: Path) -> Measured:
    """Build one engine's index and keep it."""
    start = process_time_ns()
    engine = ENGINES[name].build(folder, corpus.vectors)
    took = (clock_of(name, folder)() - start) / 1e9
    engine.close()
    return {"build": took, "disk": size_of(folder) / len(corpus.vectors)}


def clock_of(name: str, folder: Path) -> "Callable[[], int]":
    """What tells the CPU time of an engine."""
    return postgres.clock_of(folder) if name in SERVED else process_time_ns


def open_engine(name: str, corpus: Corpus, folder: Path) -> Measured:
    """Open one engine's index, search it, and add to it."""
    queries = [np.array(query) for query in corpus.queries]
    before, start = own_memory(), perf_counter()
    engine = ENGINES[name].open(folder)
    engine.search(queries[0])
    opened = perf_counter() - start
    times, found = timed(engine.search, queries, clock_of(name, folder))
    held = (own_memory() - before) / len(corpus.vectors)
    added = [added_engine(engine, len(corpus.vectors) + number, query) for number, query in enumerate(queries[:ADDED])]
    engine.close()
    return {
        **times,
        "open": opened,
        "ram": held,
        "recall": found_share(found, corpus),
        "added": float(np.median(added)),
    }


def added_engine(engine: Any, row: int, query: NDArray[np.float32]) -> float:  # noqa: ANN401 - any of the engines
    """Milliseconds from a new row to the search that finds it."""
    start = perf_counter()
    engine.add(row, query)
    assert row in engine.search(query)
    return 1000 * (perf_counter() - start)


def import_weaver(corpus: Corpus, home: Path) -> Measured:
    """Import the memory, and give it its keys."""
    from benchmarks.weaver_at_scale import views  # noqa: PLC0415 - the engines do without

    took = anyio.run(large.import_pairs, home, corpus)
    start = process_time()
    anyio.run(large.store_keys, home, corpus, views())
    return {**took, "keys a CPU second": 2 * len(corpus.vectors) / (process_time() - start)}


def measure(kind: str, name: str, corpus: Corpus, folder: Path) -> Measured:
    """One step, in this process."""
    from benchmarks import weaver_at_scale  # noqa: PLC0415 - each process imports what it needs

    steps: dict[str, Callable[[], Measured]] = {
        "build": lambda: build_engine(name, corpus, folder),
        "open": lambda: open_engine(name, corpus, folder),
        "import": lambda: import_weaver(corpus, folder),
        "encode": lambda: anyio.run(weaver_at_scale.encode, folder, corpus, ENCODED_PAIRS),
        "index": lambda: anyio.run(weaver_at_scale.index, folder),
        "serve": lambda: anyio.run(partial(weaver_at_scale.serve, folder, corpus, ADDED)),
        "fill": lambda: anyio.run(weaver_at_scale.fill, folder.parent / "home", folder),
    }
    return steps[kind]()


def in_a_process(kind: str, name: str, corpus: Path, folder: Path) -> Measured:
    """One step, in a process of its own."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.scale", "--measure", kind, name, str(corpus), str(folder)]
    unset = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
    done = subprocess.run(
        command, env={**unset, **ONE_THREAD, **NO_THREADS}, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{kind} {name}: {done.stderr[-3000:]}"
    measured: Measured = json.loads(done.stdout.splitlines()[-1])
    return measured


def print_installation(size: int, imported: Measured, encoded: Measured, indexed: Measured, served: Measured) -> None:
    """The table of what is Weaver's own."""
    print(f"\n| an installation of {size:,} positions | |\n|---|---|")
    lines = {
        "import, encoding deferred, pairs a second": f"{imported['pairs a second']:,.0f}",
        "the same, a CPU second": f"{imported['pairs a CPU second']:,.0f}",
        "import and both encoders' keys, of the encoders' own time": f"{encoded['share']:.3f} ×",
        "both encoders alone, texts a CPU second": f"{encoded['texts a CPU second']:,.0f}",
        "keys stored a CPU second": f"{imported['keys a CPU second']:,.0f}",
        "indexes made from SQL, CPU s": f"{indexed['made']:.1f}",
        "indexes written, s": f"{indexed['saved']:.2f}",
        "indexes opened, s (CPU s)": f"{served['open']:.2f} ({served['open CPU']:.2f})",
        "RAM of its own, bytes a position (mapped pages)": f"{served['ram']:.0f} ({served['touched']:.0f})",
        "a turn but for its encoders, CPU ms, median (p95)": f"{served['turn']:.2f} ({served['turn p95']:.2f})",
        "stored in this process until found, ms": f"{served['added']:.1f}",
        "stored by another process until found, ms (longest)": f"{served['heard']:.1f} ({served['latest']:.1f})",
    }
    for name, value in lines.items():
        print(f"| {name} | {value} |")
    for name, value in indexed["disk"]:
        print(f"| disk, bytes a position: {name} | {value:.0f} |")


def print_in_postgres(filled: Measured, served: Measured) -> None:
    """The table of the same installation on PostgreSQL, which searches the vectors."""
    print("\n| the same with `WEAVER_INDEX=pgvector`, with the server's CPU time | |\n|---|---|")
    lines = {
        "index filled from SQL with both views, CPU s": f"{filled['made']:.1f}",
        "indexes opened, s (CPU s)": f"{served['open']:.2f} ({served['open CPU']:.2f})",
        "RAM of its own, bytes a position": f"{served['ram']:.0f}",
        "a turn but for its encoders, CPU ms, median (p95)": f"{served['turn']:.2f} ({served['turn p95']:.2f})",
        "stored in this process until found, ms": f"{served['added']:.1f}",
        "stored by another process until found, ms (longest)": f"{served['heard']:.1f} ({served['latest']:.1f})",
        "disk, bytes a position: rows with both views": f"{filled['rows']:.0f}",
        "disk, bytes a position: a view's graph": f"{filled['graph']:.0f}",
    }
    for name, value in lines.items():
        print(f"| {name} | {value} |")


def print_head(size: int) -> None:
    """The head of the table of engines."""
    print(
        f"\n| {size:,} positions, one view | search ms | p95 | recall@10 | build s | open s | RAM, bytes | disk, bytes "
        "| added until found, ms |\n|---|---|---|---|---|---|---|---|---|"
    )


def print_engine(name: str, row: Measured) -> None:
    """One engine's line."""
    ram = "–" if name in SERVED else f"{row['ram']:.0f}"
    shown = f"**{name}**" if name in (OURS, OURS_IN_POSTGRES) else name
    print(
        f"| {shown} | {row['median']:.2f} | {row['p95']:.2f} | {row['recall']:.4f} | {row['build']:.1f} "
        f"| {row['open']:.2f} | {ram} | {row['disk']:.0f} | {row['added']:.1f} |",
        flush=True,
    )


def main() -> None:
    """Print all tables, or measure one step."""
    if sys.argv[1:2] == ["--measure"]:
        kind, name, *folders = sys.argv[2:]
        print(json.dumps(measure(kind, name, corpora.load(Path(folders[0])), Path(folders[1]))))
        return
    size = next((int(argument) for argument in sys.argv[1:] if argument.isdigit()), SIZE)
    only = sys.argv[sys.argv.index("--only") + 1 :] if "--only" in sys.argv else [OURS_IN_POSTGRES, *ENGINES]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        corpus, home = root / "corpus", root / "home"
        corpus.mkdir()
        corpora.make(corpus, size, SOURCES)
        encoded = in_a_process("encode", "weaver", corpus, root / "encoded")
        imported = in_a_process("import", "weaver", corpus, home)
        indexed = in_a_process("index", "weaver", corpus, home)
        served = in_a_process("serve", "weaver", corpus, home)
        print_installation(size, imported, encoded, indexed, served)
        if OURS_IN_POSTGRES in only:
            filled = in_a_process("fill", "weaver", corpus, root / "postgres")
            searched = in_a_process("serve", "weaver", corpus, root / "postgres")
            print_in_postgres(filled, searched)
        print_head(size)
        print_engine(OURS, {**served, "build": indexed["vectors"], "disk": indexed["view"]})
        if OURS_IN_POSTGRES in only:
            disk = filled["rows"] / 2 + filled["graph"]
            print_engine(OURS_IN_POSTGRES, {**searched, "build": filled["made"], "disk": disk})
        for place, name in enumerate(only):
            if name in ENGINES and size <= ENGINES[name].most:
                engine = root / f"engine-{place}"
                print_engine(
                    name, in_a_process("build", name, corpus, engine) | in_a_process("open", name, corpus, engine)
                )


if __name__ == "__main__":
    main()
