"""Vector engines that keep their index on disk: built, searched, added to, and opened again in a new process."""

from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

FOUND = 10
PART = 50_000


class StoredEngine(Protocol):
    """An engine with an index in a folder."""

    most: int

    @classmethod
    def build(cls, folder: Path, vectors: NDArray[np.float32]) -> Self:
        """Make the index of unit vectors and keep it in the folder. Shape: (n, d)."""
        ...

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The index that was kept in the folder."""
        ...

    def search(self, query: NDArray[np.float32]) -> NDArray[np.int64]:
        """The nearest ten rows to a unit query (d,)."""
        ...

    def add(self, row: int, vector: NDArray[np.float32]) -> None:
        """One more row, found by the next search."""
        ...

    def close(self) -> None:
        """Stop what was started for it."""
        ...


class Faiss:
    """An index of faiss, written to a file whole."""

    most = 10_000_000
    description = "Flat"

    def __init__(self, index: Any) -> None:  # noqa: ANN401 - the library has no types
        self._index = index

    @classmethod
    def build(cls, folder: Path, vectors: NDArray[np.float32]) -> Self:
        """Train on a part, add all, write."""
        import faiss  # noqa: PLC0415 - the other engines do without

        faiss.omp_set_num_threads(1)
        index: Any = faiss.index_factory(vectors.shape[1], cls.description, faiss.METRIC_INNER_PRODUCT)
        index.train(np.array(vectors[:: max(1, len(vectors) // 100_000)]))
        for start in range(0, len(vectors), PART):
            index.add(np.array(vectors[start : start + PART]))
        faiss.write_index(index, str(folder / "index"))
        return cls(index)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read the whole file."""
        import faiss  # noqa: PLC0415 - the other engines do without

        faiss.omp_set_num_threads(1)
        return cls(faiss.read_index(str(folder / "index")))

    def search(self, query: NDArray[np.float32]) -> NDArray[np.int64]:
        """The nearest ten."""
        rows: NDArray[np.int64] = self._index.search(query[None], FOUND)[1][0]
        return rows

    def add(self, row: int, vector: NDArray[np.float32]) -> None:
        """Rows are numbered in their order. On disk nothing changes until the whole index is written again."""
        del row
        self._index.add(vector[None])

    def close(self) -> None:
        """Nothing was started."""


class FaissIvf(Faiss):
    """Inverted lists of eight-bit vectors, 64 of them probed."""

    description = "IVF1024,SQ8"

    def __init__(self, index: Any) -> None:  # noqa: ANN401 - the library has no types
        super().__init__(index)
        index.nprobe = 64


class FaissHnsw(Faiss):
    """A graph over float32 vectors, as it comes: 32 neighbours, 64 candidates a search."""

    description = "HNSW32"
    most = 200_000

    def __init__(self, index: Any) -> None:  # noqa: ANN401 - the library has no types
        super().__init__(index)
        index.hnsw.efSearch = 64


class Usearch:
    """The graph of usearch over eight-bit vectors, mapped when it is opened."""

    most = 1_000_000

    def __init__(self, index: Any) -> None:  # noqa: ANN401 - the library has no types
        self._index = index

    @classmethod
    def build(cls, folder: Path, vectors: NDArray[np.float32]) -> Self:
        """Add all with one thread, save."""
        import usearch.index  # noqa: PLC0415 - the other engines do without

        index: Any = usearch.index.Index(ndim=vectors.shape[1], metric="ip", dtype="i8", expansion_search=128)
        for start in range(0, len(vectors), PART):
            part = np.array(vectors[start : start + PART])
            index.add(np.arange(start, start + len(part)), part, threads=1)
        index.save(str(folder / "index"))
        return cls(index)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Load the file: a mapped one cannot be added to."""
        import usearch.index  # noqa: PLC0415 - the other engines do without

        return cls(usearch.index.Index.restore(str(folder / "index"), view=False))

    def search(self, query: NDArray[np.float32]) -> NDArray[np.int64]:
        """The nearest ten."""
        return np.asarray(self._index.search(query, FOUND, threads=1).keys, np.int64)

    def add(self, row: int, vector: NDArray[np.float32]) -> None:
        """On disk nothing changes until the whole index is saved again."""
        self._index.add(row, vector, threads=1)

    def close(self) -> None:
        """Nothing was started."""


class Pgvector:
    """PostgreSQL with pgvector: half-precision vectors and an HNSW graph over them, in a server of its own."""

    most = 1_000_000
    settings = ("hnsw.ef_search = 80", "max_parallel_workers_per_gather = 0")

    def __init__(self, folder: Path) -> None:
        import psycopg  # noqa: PLC0415 - the other engines do without

        from benchmarks import postgres  # noqa: PLC0415

        self._server = postgres.running(folder)
        self._connection = psycopg.connect(self._server.get_uri("postgres"), autocommit=True)
        for setting in self.settings:
            self._connection.execute(f"SET {setting}".encode())

    @classmethod
    def build(cls, folder: Path, vectors: NDArray[np.float32]) -> Self:
        """Copy all rows, then make the graph with one worker."""
        engine = cls(folder)
        run = engine._connection.execute
        run("CREATE EXTENSION vector")
        run(f"CREATE TABLE item (id bigint PRIMARY KEY, v halfvec({vectors.shape[1]}))".encode())
        with engine._connection.cursor() as cursor, cursor.copy("COPY item FROM STDIN") as copy:
            for row, vector in enumerate(vectors):
                copy.write_row((row, _text(vector)))
        run("SET maintenance_work_mem = '3GB'")
        run("SET max_parallel_maintenance_workers = 0")
        run("CREATE INDEX ON item USING hnsw (v halfvec_ip_ops)")
        run("VACUUM ANALYZE item")
        return engine

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Start the server."""
        return cls(folder)

    def search(self, query: NDArray[np.float32]) -> NDArray[np.int64]:
        """The nearest ten."""
        statement = "SELECT id FROM item ORDER BY v <#> %s::halfvec LIMIT 10"
        return np.array([row for (row,) in self._connection.execute(statement, (_text(query),))], np.int64)

    def add(self, row: int, vector: NDArray[np.float32]) -> None:
        """One transaction."""
        self._connection.execute("INSERT INTO item VALUES (%s, %s)", (row, _text(vector)))

    def close(self) -> None:
        """Stop the server."""
        self._connection.close()
        self._server.cleanup()


class LanceDb:
    """A table of LanceDB with its default index, inverted lists of product-quantised vectors, and rescoring."""

    most = 1_000_000
    probes, refined = 60, 30

    def __init__(self, folder: Path) -> None:
        import lancedb  # noqa: PLC0415 - the other engines do without

        self._database: Any = lancedb.connect(str(folder / "lance"))
        self._table: Any = None

    @classmethod
    def build(cls, folder: Path, vectors: NDArray[np.float32]) -> Self:
        """Write all rows, then make the index."""
        import pyarrow as pa  # noqa: PLC0415 - comes with the library

        engine = cls(folder)
        lib: Any = pa
        fields = [("id", lib.int64()), ("vector", lib.list_(lib.float32(), vectors.shape[1]))]
        schema = lib.schema(fields)

        def batches() -> Any:  # noqa: ANN401 - the library has no types
            for start in range(0, len(vectors), PART):
                part = np.array(vectors[start : start + PART])
                flat = lib.FixedSizeListArray.from_arrays(lib.array(part.ravel()), part.shape[1])
                yield lib.RecordBatch.from_arrays([lib.array(np.arange(start, start + len(part))), flat], schema=schema)

        engine._table = engine._database.create_table("item", batches(), schema=schema)
        engine._table.create_index(metric="dot", vector_column_name="vector")
        return engine

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the table."""
        engine = cls(folder)
        engine._table = engine._database.open_table("item")
        return engine

    def search(self, query: NDArray[np.float32]) -> NDArray[np.int64]:
        """The nearest ten."""
        asked = self._table.search(query).distance_type("dot").nprobes(self.probes).refine_factor(self.refined)
        return np.array(asked.select(["id"]).limit(FOUND).to_arrow()["id"], np.int64)

    def add(self, row: int, vector: NDArray[np.float32]) -> None:
        """Rows that are not indexed yet are compared one by one."""
        self._table.add([{"id": row, "vector": vector.tolist()}])

    def close(self) -> None:
        """Nothing was started."""


ENGINES: dict[str, type[StoredEngine]] = {
    "faiss Flat": Faiss,
    "faiss IVF1024,SQ8": FaissIvf,
    "faiss HNSW32": FaissHnsw,
    "usearch HNSW i8": Usearch,
    "pgvector halfvec HNSW": Pgvector,
    "LanceDB IVF_PQ": LanceDb,
}


def size_of(folder: Path) -> int:
    """The bytes that a folder takes on disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _text(vector: NDArray[np.float32]) -> str:
    return "[" + ",".join(f"{value:.5g}" for value in vector.tolist()) + "]"
