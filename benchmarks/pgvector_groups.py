"""How pgvector finds the nearest of one group: one graph with a filter behind it, or a graph for each group.

`python -m benchmarks.pgvector_groups [SIZE]`, 100,000 positions without a size: the corpus of `benchmarks.scale`, one
view, half precision. A search asks for the 64 nearest of a group, as a turn does; its time is CPU time with the
server's. Of the exact nearest ten, and of the 64, the share that was found is said. The groups: half of all positions
and a fiftieth, drawn at random; and the tenth and the half that lie farthest from every question, so that all others
are nearer.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from benchmarks import corpus as corpora
from benchmarks import postgres
from benchmarks.corpus import Corpus
from benchmarks.latency import timed
from benchmarks.scale import SIZE, SOURCES
from knowledge_base.indexes.halfvec import pack, spell

FOUND, ASKED = 10, 64
PART = 10_000
MODES = {"no": "off", "strict": "strict_order", "relaxed": "relaxed_order"}
FILTERED = [("no", 100), ("strict", 100), ("strict", 400), ("relaxed", 100), ("relaxed", 400)]
OWN = [("strict", 100), ("strict", 200), ("strict", 400), ("strict", 800)]

Groups = dict[str, NDArray[np.int64]]
Line = tuple[str, str, str, int, float, float, float, float]


@contextmanager
def server(folder: Path) -> Iterator[psycopg.Connection[Any]]:
    """A PostgreSQL with pgvector, and a connection to it."""
    running = postgres.running(folder)
    with psycopg.connect(running.get_uri("postgres"), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION vector")
        for setting in (b"maintenance_work_mem = '2GB'", b"max_parallel_maintenance_workers = 0", b"jit = off"):
            connection.execute(b"SET " + setting)
        yield connection
    running.cleanup()


def fill(
    connection: psycopg.Connection[Any], vectors: NDArray[np.float32], numbers: NDArray[np.int64], groups: Groups
) -> None:
    """A table of these rows, each with whether it is in the groups, and its graph."""
    connection.execute("DROP TABLE IF EXISTS item")
    columns = "".join(f"g{place} bool, " for place in range(len(groups)))
    connection.execute(f"CREATE TABLE item (id int, {columns} v halfvec({vectors.shape[1]}))".encode())
    members = np.zeros((len(vectors), len(groups)), bool)
    for place, rows in enumerate(groups.values()):
        members[rows, place] = True
    with connection.cursor() as cursor, cursor.copy("COPY item FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int4", *["bool"] * len(groups), "bytea"])
        for start in range(0, len(numbers), PART):
            some = numbers[start : start + PART]
            for row, own, vector in zip(some.tolist(), members[some].tolist(), pack(vectors[some]), strict=True):
                copy.write_row((row, *own, vector))
    connection.execute("CREATE INDEX ON item USING hnsw (v halfvec_ip_ops)")
    for place in range(len(groups)):
        connection.execute(f"CREATE INDEX ON item (g{place})".encode())
    connection.execute("VACUUM ANALYZE item")


def ask(
    connection: psycopg.Connection[Any], queries: NDArray[np.float32], where: str, clock: Callable[[], int]
) -> tuple[dict[str, float], list[list[int]]]:
    """How long queries take, and what they find."""
    statement = f"SELECT id, v <#> %s::halfvec AS far FROM item {where} ORDER BY far LIMIT %s".encode()  # noqa: S608

    def found(query: NDArray[np.float32]) -> list[int]:
        return [row for row, _ in connection.execute(statement, (spell(query), ASKED), prepare=False)]

    return timed(found, list(queries), clock)


def share(found: list[list[int]], right: NDArray[np.int64], most: int) -> float:
    """The share of the nearest that was found."""
    pairs = zip(found, right, strict=True)
    return float(np.mean([len(set(rows[:most]) & set(own[:most].tolist())) / most for rows, own in pairs]))


def drawn(scores: NDArray[np.float32]) -> Groups:
    """The rows of each group. Shape: scores (q, P)."""
    dice, size = np.random.default_rng(1), scores.shape[1]
    farthest = np.argsort(scores.max(axis=0))
    return {
        "half": np.flatnonzero(dice.integers(2, size=size) == 0),
        "a fiftieth": np.flatnonzero(dice.integers(50, size=size) == 0),
        "the farthest tenth": np.sort(farthest[: size // 10]),
        "the farthest half": np.sort(farthest[: size // 2]),
    }


def measure(connection: psycopg.Connection[Any], corpus: Corpus, clock: Callable[[], int]) -> Iterator[Line]:
    """The lines of the table."""
    scores = corpus.queries @ corpus.vectors.T
    groups = drawn(scores)
    nearest = {name: rows[np.argsort(-scores[:, rows], axis=1)[:, :ASKED]] for name, rows in groups.items()}

    def line(name: str, graph: str, where: str, mode: str, candidates: int) -> Line:
        connection.execute(f"SET hnsw.iterative_scan = {MODES[mode]}".encode())
        connection.execute(f"SET hnsw.ef_search = {candidates}".encode())
        times, found = ask(connection, corpus.queries, where, clock)
        shares = share(found, nearest[name], FOUND), share(found, nearest[name], ASKED)
        return name, graph, mode, candidates, times["median"], times["p95"], *shares

    fill(connection, corpus.vectors, np.arange(len(corpus.vectors)), groups)
    for place, name in enumerate(groups):
        for mode, candidates in FILTERED:
            yield line(name, "of all, filtered", f"WHERE g{place}", mode, candidates)
    for name, rows in groups.items():
        fill(connection, corpus.vectors, rows, groups)
        for mode, candidates in OWN:
            yield line(name, "its own", "", mode, candidates)


def main() -> None:
    """Print the table."""
    size = next((int(argument) for argument in sys.argv[1:] if argument.isdigit()), SIZE)
    head = ("group", "graph", "iterative scan", "ef_search", "CPU ms", "p95", "found of 10", "of 64")
    print(f"| {' | '.join(head)} |\n{'|---' * len(head)}|")
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as connection:
        corpora.make(Path(folder), size, SOURCES)
        clock = postgres.clock_of(Path(folder))
        for *names, median, p95, ten, asked in measure(connection, corpora.load(Path(folder)), clock):
            said = [*map(str, names), f"{median:.2f}", f"{p95:.2f}", f"{ten:.3f}", f"{asked:.3f}"]
            print(f"| {' | '.join(said)} |", flush=True)


if __name__ == "__main__":
    main()
