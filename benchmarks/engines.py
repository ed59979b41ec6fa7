"""Candidates for the search over all positions' keys: each builds on unit vectors and finds a query's nearest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import faiss
import numba
import numpy as np
import usearch.index
from numpy.typing import NDArray

from benchmarks.corpus import Corpus
from knowledge_base.indexes.partition import Partition

FOUND = 64
RESCORED = 1000
FIRST_PASS = 8000
HALF = 3

Search = Callable[[NDArray[np.float32]], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Engine:
    """A candidate: what builds it, and how many bytes a position lie in a mapped file instead of in memory.

    `most` is the largest memory that it is built for here: a graph of a million takes minutes.
    """

    build: Callable[[Corpus], Search]
    mapped: int = 0
    most: int = 10_000_000


def numpy_exact(corpus: Corpus) -> Search:
    """Every inner product, in float32."""
    vectors = np.array(corpus.vectors)

    def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
        return best(vectors @ query)

    return search


def best(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """The rows of the highest scores, best first. Shape: (n,) → (FOUND,)."""
    kept = min(FOUND, len(scores))
    rows = np.argpartition(-scores, kept - 1)[:kept]
    return np.asarray(rows[np.argsort(-scores[rows], kind="stable")], np.int64)


def faiss_index(description: str) -> Callable[[Corpus], Search]:
    """One of faiss's indexes by its description, with one thread."""

    def build(corpus: Corpus) -> Search:
        faiss.omp_set_num_threads(1)
        index: Any = faiss.index_factory(corpus.vectors.shape[1], description, faiss.METRIC_INNER_PRODUCT)
        index.train(np.array(corpus.vectors[:100_000]))
        for start in range(0, len(corpus.vectors), 100_000):
            index.add(np.array(corpus.vectors[start : start + 100_000]))

        def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
            rows: NDArray[np.int64] = index.search(query[None], FOUND)[1][0]
            return rows

        return search

    return build


def signs(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """One bit a dimension: whether it is positive. Shape: (n, 384) → (n, 6)."""
    return np.packbits(vectors > 0, axis=1).view(np.uint64)


def all_signs(corpus: Corpus) -> NDArray[np.uint64]:
    """The signs of all positions, made in parts. Shape: (P, 6)."""
    starts = range(0, len(corpus.vectors), 100_000)
    return np.concatenate([signs(np.asarray(corpus.vectors[start : start + 100_000])) for start in starts])


def rescored(rows: NDArray[np.int64], query: NDArray[np.float32], corpus: Corpus) -> NDArray[np.int64]:
    """The best of these rows by their eight-bit vectors, which are read from the mapped file."""
    rows = np.sort(rows)
    return rows[best((corpus.bytes[rows].astype(np.float32) @ query) * corpus.scales[rows])]


def faiss_bits(corpus: Corpus) -> Search:
    """The nearest 1,000 by Hamming distance (faiss), rescored."""
    faiss.omp_set_num_threads(1)
    index: Any = faiss.IndexBinaryFlat(corpus.vectors.shape[1])
    index.add(all_signs(corpus).view(np.uint8))

    def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
        rows = index.search(signs(query[None]).view(np.uint8), min(RESCORED, len(corpus.vectors)))[1][0]
        return rescored(rows, query, corpus)

    return search


def numpy_bits(corpus: Corpus) -> Search:
    """The nearest 1,000 by Hamming distance (NumPy's bit counts, a word of all positions at a time), rescored."""
    columns = np.ascontiguousarray(all_signs(corpus).T)

    def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
        apart = np.zeros(columns.shape[1], np.uint16)
        for column, word in zip(columns, signs(query[None])[0], strict=True):
            apart += np.bitwise_count(column ^ word)
        return rescored(nearest_by_distance(apart), query, corpus)

    return search


def numpy_two_passes(corpus: Corpus) -> Search:
    """The nearest 8,000 by the first half of the signs, of these the nearest 1,000 by all of them, rescored."""
    columns = np.ascontiguousarray(all_signs(corpus).T)

    def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
        words = signs(query[None])[0]
        # At most 192 bits differ: eight bits hold the sum, sixteen are what NumPy partitions fast.
        apart = np.bitwise_count(columns[0] ^ words[0])
        for column, word in zip(columns[1:HALF], words[1:HALF], strict=True):
            apart += np.bitwise_count(column ^ word)
        rows = nearest_by_distance(apart.astype(np.uint16), FIRST_PASS)
        distances = apart[rows].astype(np.uint16)
        for column, word in zip(columns[HALF:], words[HALF:], strict=True):
            distances += np.bitwise_count(column[rows] ^ word)
        return rescored(rows[nearest_by_distance(distances)], query, corpus)

    return search


def nearest_by_distance(apart: NDArray[np.uint16], wanted: int = RESCORED) -> NDArray[np.int64]:
    """The rows of the least distances, at least `wanted` and all that tie with the last, up to twice as many.

    Ten times faster than argpartition, which NumPy does not vectorise.
    """
    wanted = min(wanted, len(apart))
    limit = np.partition(apart, wanted - 1)[wanted - 1]
    return np.flatnonzero(apart <= limit)[: 2 * wanted]


def product(corpus: Corpus) -> Search:
    """The product's own index with one view: signs by NumPy, rescored with keys of nine bits in memory."""
    index = Partition({"view": corpus.vectors.shape[1]})
    for start in range(0, len(corpus.vectors), 100_000):
        vectors = np.asarray(corpus.vectors[start : start + 100_000])
        index.put(np.arange(start, start + len(vectors)), {"view": vectors})

    def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
        return index.nearest("view", query, FOUND).owners

    return search


def _count_apart(bits: NDArray[np.uint64], query: NDArray[np.uint64], apart: NDArray[np.uint16]) -> None:
    """Hamming distances; LLVM makes vector population counts of these shifts. Shapes: (n, 6), (6,), out (n,)."""
    for row in range(bits.shape[0]):
        total = np.uint64(0)
        for word in range(6):
            x = bits[row, word] ^ query[word]
            x -= (x >> np.uint64(1)) & np.uint64(0x5555555555555555)
            x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
            x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
            total += (x * np.uint64(0x0101010101010101)) >> np.uint64(56)
        apart[row] = total


def _keep_nearest(apart: NDArray[np.uint16], wanted: int) -> NDArray[np.int64]:
    """The rows of the least distances, at least `wanted` and all that tie with the last, up to twice as many."""
    counts = np.zeros(385, np.int64)
    for row in range(len(apart)):
        counts[apart[row]] += 1
    limit, seen = 0, counts[0]
    while seen < wanted and limit < 384:  # noqa: PLR2004 - the dimensions
        limit += 1
        seen += counts[limit]
    rows = np.empty(min(seen, 2 * wanted), np.int64)
    place = 0
    for row in range(len(apart)):
        if apart[row] <= limit and place < len(rows):
            rows[place] = row
            place += 1
    return rows


# The library's decorator has no types where it is not installed.
_compile: Any = numba.njit(cache=False, nogil=True)
_distances: Any = _compile(_count_apart)
_within: Any = _compile(_keep_nearest)


def numba_bits(corpus: Corpus) -> Search:
    """The nearest 1,000 by Hamming distance (a kernel compiled by numba), rescored."""
    bits = all_signs(corpus)
    apart = np.empty(len(bits), np.uint16)

    def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
        _distances(bits, signs(query[None])[0], apart)
        return rescored(_within(apart, min(RESCORED, len(bits))), query, corpus)

    return search


def usearch_graph(corpus: Corpus) -> Search:
    """The HNSW graph of usearch over eight-bit vectors."""
    index: Any = usearch.index.Index(ndim=corpus.vectors.shape[1], metric="ip", dtype="i8")
    index.add(np.arange(len(corpus.vectors)), np.array(corpus.vectors), threads=1)

    def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
        return np.asarray(index.search(query, FOUND, threads=1).keys, np.int64)

    return search


def usearch_bits(corpus: Corpus) -> Search:
    """The nearest 1,000 by Hamming distance (usearch, exhaustive), rescored."""
    bits = all_signs(corpus).view(np.uint8)
    library: Any = usearch.index
    metric: Any = library.MetricKind.Hamming

    def search(query: NDArray[np.float32]) -> NDArray[np.int64]:
        asked = signs(query[None]).view(np.uint8)
        wanted = min(RESCORED, len(bits))
        found: Any = usearch.index.search(bits, asked, wanted, metric, exact=True, threads=1)
        return rescored(np.asarray(found.keys, np.int64).ravel(), query, corpus)

    return search


ENGINES = {
    "numpy f32, exact": Engine(numpy_exact),
    "faiss Flat, exact": Engine(faiss_index("Flat")),
    "faiss SQfp16": Engine(faiss_index("SQfp16")),
    "faiss SQ8": Engine(faiss_index("SQ8")),
    "faiss bits, rescored": Engine(faiss_bits, mapped=388),
    "numpy bits, rescored": Engine(numpy_bits, mapped=388),
    "numpy bits in two passes, rescored": Engine(numpy_two_passes, mapped=388),
    "Weaver's index": Engine(product),
    "numba bits, rescored": Engine(numba_bits, mapped=388),
    "usearch bits, rescored": Engine(usearch_bits, mapped=388, most=100_000),
    "usearch HNSW i8": Engine(usearch_graph, most=100_000),
}
