"""All indexes of a few memories, as a process holds them, to be saved, opened and compared."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.identifiers import new_id
from knowledge_base.indexes import snapshot, snapshot_writer
from knowledge_base.indexes.memory_index import MemoryIndex, Read
from knowledge_base.indexes.snapshot import Stamp
from knowledge_base.memories import Memory
from knowledge_base.quantization import rounded
from tests.knowledge_base.test_indexes import memory as one_view

DIMENSION, VIEWS = 8, ("tiny@1", "tiny@2")
GROUPS = [("default", "en"), ("default", "zh")]
MOMENT = datetime(2025, 1, 1, tzinfo=UTC)


def empty() -> MemoryIndex:
    """Indexes without memories."""
    return MemoryIndex(dict.fromkeys(VIEWS, DIMENSION))


def put(index: MemoryIndex, *memories: Memory) -> None:
    """Put memories into an index as they are."""
    index.replace([Read(memory, memory) for memory in memories])


def of(memories: Iterable[Memory]) -> MemoryIndex:
    """Indexes made from these memories."""
    made = empty()
    put(made, *memories)
    return made


def save(index: MemoryIndex, root: Path, seen: int = 1) -> None:
    """Write a snapshot that holds the changes up to this one."""
    with snapshot_writer.writing(root) as writer:
        writer.begin()
        index.save(writer, purged=True)
        writer.finish(Stamp(seen, seen + 1, new_id(), "space", {"answer": 1}))


def opened(root: Path) -> MemoryIndex:
    """The newest snapshot, opened."""
    found = snapshot.newest(root)
    assert found is not None
    return MemoryIndex(dict.fromkeys(VIEWS, DIMENSION), found)


def memory(
    number: int,
    texts: list[str],
    group: tuple[str, str | None] = GROUPS[0],
    vectors: NDArray[np.float32] | None = None,
) -> Memory:
    """A memory in both views, all of which follows from its number and texts, if not its vectors are given."""
    made = one_view(texts, seed=number, group=group, answer_id=UUID(int=number))
    answer = replace(made.answer, created_at=MOMENT, updated_at=MOMENT)
    positions = [
        replace(position, id=UUID(int=1000 * number + place), created_at=MOMENT)
        for place, position in enumerate(made.positions)
    ]
    first = next(iter(made.vectors.values())) if vectors is None else rounded(vectors)
    return Memory(answer, tuple(positions), {VIEWS[0]: first, VIEWS[1]: first[:, ::-1]})


def told(index: MemoryIndex, texts: Iterable[str]) -> list[Any]:
    """All that indexes say of some queries: what can be compared between two of them."""
    said: list[Any] = [len(index), index.answers, sorted(index.groups)]
    for seed, text in enumerate(texts):
        query = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
        query /= np.linalg.norm(query)
        for view in VIEWS:
            hits = index.by_vector(view, query, 5, GROUPS)
            found = index.memories([hit.answer_id for hit in hits], VIEWS)
            said.append([(hit.answer_id, round(hit.score, 5)) for hit in hits])
            said += [
                (one.answer, one.positions, {v: k.round(5).tolist() for v, k in one.vectors.items()}) for one in found
            ]
        best, scores = index.by_words(text, GROUPS, 9)
        weighed = zip(best, index.scores(best, scores).round(5).tolist(), strict=True)
        said += [sorted(weighed), index.verbatim(text)]
    return said


def _rounded(vectors: NDArray[np.float32]) -> Any:  # noqa: ANN401 - lists in lists
    return vectors.round(5).tolist()
