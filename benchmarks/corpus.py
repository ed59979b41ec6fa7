"""A large memory for timing: vectors of real questions, moved a little at random, in files that processes map."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import data, vectors
from benchmarks.reading import centred

QUERIES = 200
NEAREST = 10
# A moved copy has a cosine of about .8 with its origin, as two wordings of one question have.
NOISE = 0.75
PART = 100_000
ANSWER_POSITIONS = 10
SOURCES = ("banking77/train", "clinc150/train")


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """The files' arrays, and the texts that were asked and that the positions come from.

    Shapes: vectors (P, d), the same in eight bits (P, d) with scales (P,), the second view's likewise; queries (q, d),
    the exact nearest rows of each query (q, 10); origins (P,): the text that each position comes from.
    """

    vectors: NDArray[np.float32]
    bytes: NDArray[np.int8]
    scales: NDArray[np.float32]
    second_bytes: NDArray[np.int8]
    second_scales: NDArray[np.float32]
    queries: NDArray[np.float32]
    nearest: NDArray[np.int64]
    origins: NDArray[np.int64]
    asked: tuple[str, ...]
    texts: tuple[str, ...]


def make(folder: Path, size: int, sources: Sequence[str] = SOURCES) -> None:
    """Write a memory of so many positions, whose texts are those of these files."""
    parts = [[row["text"] for row in data.rows(f"{name}.jsonl")] for name in sources]
    texts = [text for part in parts for text in part]
    asked = [row["text"] for row in data.rows("banking77/test.jsonl")]
    english, multilingual = vectors.english(), vectors.multilingual()
    first = np.concatenate([vectors.of(english, part) for part in parts])
    second = np.concatenate([vectors.of(multilingual, part) for part in parts])
    second = centred(second, second.mean(axis=0))
    random = np.random.default_rng(0)
    chosen = random.choice(len(asked), QUERIES, replace=False)
    queries = vectors.of(english, asked)[chosen]
    origins = random.integers(len(texts), size=size)
    np.save(folder / "origins.npy", origins)
    np.save(folder / "queries.npy", queries)
    names = ("vectors", "bytes", "scales", "second_bytes", "second_scales")
    kinds = (np.float32, np.int8, np.float32, np.int8, np.float32)
    files = {
        name: np.lib.format.open_memmap(
            folder / f"{name}.npy", "w+", kind, (size,) if "scales" in name else (size, first.shape[1])
        )
        for name, kind in zip(names, kinds, strict=True)
    }
    scores, rows = np.full((QUERIES, NEAREST), -np.inf, np.float32), np.full((QUERIES, NEAREST), -1, np.int64)
    for start in range(0, size, PART):
        own = slice(start, min(start + PART, size))
        moved = _moved(first[origins[own]], random)
        files["vectors"][own] = moved
        files["bytes"][own], files["scales"][own] = eight_bits(moved)
        files["second_bytes"][own], files["second_scales"][own] = eight_bits(_moved(second[origins[own]], random))
        scores, rows = _merged(scores, rows, queries @ moved.T, start)
    np.save(folder / "nearest.npy", rows)
    for file in files.values():
        file.flush()
    (folder / "texts.json").write_text(json.dumps({"asked": [asked[row] for row in chosen], "texts": texts}))


def load(folder: Path) -> Corpus:
    """Map the files of a memory."""
    arrays = {path.stem: np.load(path, mmap_mode="r") for path in folder.glob("*.npy")}
    stored = json.loads((folder / "texts.json").read_text())
    return Corpus(**arrays, asked=tuple(stored["asked"]), texts=tuple(stored["texts"]))


def eight_bits(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Vectors as whole numbers up to ±127 with a scale for each. Shapes: (n, d) → (n, d), (n,)."""
    scales = np.abs(vectors).max(axis=1) / 127
    return np.rint(vectors / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def _moved(vectors: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    noise = random.standard_normal(vectors.shape, np.float32) * np.float32(NOISE / np.sqrt(vectors.shape[1]))
    moved = vectors + noise
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def _merged(
    scores: NDArray[np.float32], rows: NDArray[np.int64], more: NDArray[np.float32], start: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The best of what was found before and of one more part."""
    joined = np.concatenate([scores, more], axis=1)
    numbered = np.concatenate([rows, np.tile(np.arange(start, start + more.shape[1]), (len(rows), 1))], axis=1)
    kept = np.argpartition(-joined, NEAREST, axis=1)[:, :NEAREST]
    return np.take_along_axis(joined, kept, axis=1), np.take_along_axis(numbered, kept, axis=1)
