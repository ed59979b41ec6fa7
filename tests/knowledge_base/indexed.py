"""All indexes of a few memories, as a process holds them, to be saved, opened and compared."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.identifiers import new_id
from knowledge_base.indexes import snapshot, snapshot_writer
from knowledge_base.indexes.embedded import EmbeddedIndex
from knowledge_base.indexes.lexical import PURGE, LexicalIndex
from knowledge_base.indexes.side_file import SideFile
from knowledge_base.indexes.snapshot import Stamp
from knowledge_base.indexes.verbatim import VerbatimIndex
from knowledge_base.memories import Memory
from tests.knowledge_base.test_indexes import memory as one_view

DIMENSION, VIEWS = 8, ("tiny@1", "tiny@2")
GROUPS = [("default", "en"), ("default", "zh")]
MOMENT = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Indexed:
    """The three indexes over one side file."""

    side: SideFile
    vectors: EmbeddedIndex
    words: LexicalIndex
    verbatim: VerbatimIndex

    def replace(self, memory: Memory) -> None:
        """Put a memory into all of them."""
        for index in (self.vectors, self.words, self.verbatim):
            index.replace(memory)

    def remove(self, answer_id: UUID) -> None:
        """Take an answer out of all of them."""
        for index in (self.vectors, self.words, self.verbatim):
            index.remove(answer_id)


def empty() -> Indexed:
    """Indexes without memories."""
    side = SideFile()
    vectors = EmbeddedIndex(dict.fromkeys(VIEWS, DIMENSION), side)
    return Indexed(side, vectors, LexicalIndex(side), VerbatimIndex(side))


def of(memories: Iterable[Memory]) -> Indexed:
    """Indexes made from these memories."""
    made = empty()
    for memory in memories:
        made.replace(memory)
    return made


def save(indexed: Indexed, root: Path, seen: int = 1) -> None:
    """Write a snapshot that holds the changes up to this one."""
    with snapshot_writer.writing(root) as writer:
        writer.begin()
        indexed.vectors.save(writer)
        indexed.words.save(writer)
        indexed.side.save(writer.side, PURGE)
        writer.finish(Stamp(seen, seen + 1, new_id(), "space", {"answer": 1}))


def opened(root: Path) -> Indexed:
    """The newest snapshot, opened."""
    found = snapshot.newest(root)
    assert found is not None
    side = SideFile(found.side)
    vectors = EmbeddedIndex.opened(dict.fromkeys(VIEWS, DIMENSION), side, found)
    return Indexed(side, vectors, LexicalIndex.opened(side, found), VerbatimIndex(side))


def memory(number: int, texts: list[str], group: tuple[str, str | None] = GROUPS[0]) -> Memory:
    """A memory in both views, all of which follows from its number and texts."""
    made = one_view(texts, seed=number, group=group, answer_id=UUID(int=number))
    answer = replace(made.answer, created_at=MOMENT, updated_at=MOMENT)
    positions = [
        replace(position, id=UUID(int=1000 * number + place), created_at=MOMENT)
        for place, position in enumerate(made.positions)
    ]
    first = next(iter(made.vectors.values()))
    return Memory(answer, tuple(positions), {VIEWS[0]: first, VIEWS[1]: first[:, ::-1]})


def told(indexed: Indexed, texts: Iterable[str]) -> list[Any]:
    """All that indexes say of some queries: what can be compared between two of them."""
    said: list[Any] = [len(indexed.vectors), indexed.vectors.answers, sorted(indexed.vectors.groups)]
    for seed, text in enumerate(texts):
        query = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
        query /= np.linalg.norm(query)
        for view in VIEWS:
            hits = indexed.vectors.search(view, query, 5, GROUPS)
            found = indexed.vectors.memories([hit.answer_id for hit in hits], VIEWS)
            said.append([(hit.answer_id, round(hit.score, 5)) for hit in hits])
            said += [
                (one.answer, one.positions, {v: k.round(5).tolist() for v, k in one.vectors.items()}) for one in found
            ]
        said += [sorted(indexed.words.search(text, GROUPS).items()), indexed.verbatim.search(text)]
    return said


def _rounded(vectors: NDArray[np.float32]) -> Any:  # noqa: ANN401 - lists in lists
    return vectors.round(5).tolist()
