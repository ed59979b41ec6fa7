"""All that one process knows of memories, changed as one: found by vector, by words, by their very words."""

import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.embedded import EmbeddedIndex
from knowledge_base.indexes.lexical import PURGE, LexicalIndex, Place, WordScores
from knowledge_base.indexes.remembered import Held, Remembered
from knowledge_base.indexes.side_file import SideFile
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.indexes.vector_index import Group, Hit, SharedIndex, VectorIndex, group_of
from knowledge_base.indexes.verbatim import VerbatimIndex
from knowledge_base.memories import Memory
from knowledge_base.positions import Position

NOWHERE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """An answer's memory as it is indexed: the whole, and of it what is read, with its keys as they are compared."""

    whole: Memory
    read: Memory


class MemoryIndex:
    """The indexes over one side file; safe to search from any thread while they change."""

    def __init__(
        self, dimensions: Mapping[str, int], snapshot: Snapshot | None = None, shared: SharedIndex | None = None
    ) -> None:
        """Indexes of views with vectors of these lengths d: empty, or as they were saved.

        With a shared index, that one holds the vectors. Raises SnapshotUnusableError.
        """
        self.shared = shared
        self._lock, self._changing = threading.Lock(), threading.Lock()
        self._side = SideFile(snapshot.side if snapshot else None)
        self._remembered = Remembered(self._side)
        self._answers = len(self._remembered)
        self._words = LexicalIndex(self._side)
        self._verbatim = VerbatimIndex(self._side)
        self._positions: Counter[Group] = Counter()
        self._embedded = EmbeddedIndex(dimensions, self._remembered, None if shared else snapshot)
        self._vectors: VectorIndex = shared or self._embedded
        if snapshot:
            self._words.restore(snapshot)
            self._positions.update({(group[0], group[1]): count for *group, count in snapshot.value("groups")})
            snapshot.release()

    def save(self, writer: SnapshotWriter, *, purged: bool) -> None:
        """Keep the indexes in a snapshot; nobody may change them meanwhile, all may search.

        Purged, it holds nothing of what was removed.
        """
        self._vectors.save(writer)
        self._words.save(writer)
        writer.value("groups", [(*group, count) for group, count in self._positions.items() if count])
        self._side.save(writer.side, PURGE if purged else "")

    def close(self) -> None:
        """Give back what was opened."""
        self._side.close()
        self._vectors.close()

    def __len__(self) -> int:
        """How many positions can be found by vector."""
        return self._positions.total()

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return self._answers

    @property
    def groups(self) -> frozenset[Group]:
        """The (collection, language) pairs of the answers that can be found."""
        with self._lock:
            return frozenset(group for group, count in self._positions.items() if count)

    def replace(self, memories: Sequence[Read]) -> None:
        """Put answers' memories in the place of what was known of them; one without positions is not found."""
        kept = [memory for memory in memories if memory.read.positions]
        self._change([memory.whole.answer.id for memory in memories], kept)

    def remove(self, answer_ids: Sequence[UUID]) -> None:
        """Find these answers no more; those that are not held are passed over."""
        self._change(answer_ids, [])

    def by_vector(self, view: str, query: NDArray[np.float32], limit: int, groups: Collection[Group]) -> list[Hit]:
        """The answers of the `limit` nearest positions in these groups, nearest first. Shape: unit query (d,)."""
        with self._lock:
            return self._vectors.search(view, query, limit, groups)

    def by_words(
        self, text: str, groups: Collection[Group], limit: int, without: Place | None = None
    ) -> tuple[list[UUID], WordScores]:
        """The `limit` answers in these groups that share most telling words with a text, best first, and all scores."""
        with self._lock:
            held = None if without is None else self._remembered.get([without.answer_id])[0]
        left_out = None if held is None or without is None else (held.number, without.position)
        scores = self._words.search(text, groups, left_out)
        best = scores.best(limit)
        with self._lock:
            owners = self._remembered.owners(best)
        return [owners[number] for number in best if number in owners], scores

    def scores(self, answer_ids: Sequence[UUID], by_words: WordScores) -> NDArray[np.float32]:
        """What each answer has by words, in [0, 1]. Shape: (N,)."""
        with self._lock:
            numbers = [held.number if held else -1 for held in self._remembered.get(answer_ids)]
        return by_words.of(numbers)

    def verbatim(self, text: str) -> dict[UUID, int]:
        """The answers that own this very question (`VerbatimIndex`)."""
        return self._verbatim.search(text)

    def memories(self, answer_ids: Sequence[UUID], views: Sequence[str]) -> list[Memory]:
        """These answers' memories with their keys in these views, without those that are not known (any more)."""
        with self._lock:
            found = [held for held in self._remembered.get(answer_ids) if held is not None]
            vectors = self._vectors.vectors(found, views)
        return [replace(held.memory, vectors=own) for held, own in zip(found, vectors, strict=True)]

    def positions(self, answer_id: UUID) -> tuple[Position, ...]:
        """An answer's positions that can be found, none if it is not known."""
        with self._lock:
            (held,) = self._remembered.get([answer_id])
            return held.memory.positions if held else ()

    def _change(self, answer_ids: Sequence[UUID], memories: Sequence[Read]) -> None:
        """Put these memories in the place of what was known of the answers."""
        with self._changing:
            if self.shared:
                # Other processes write to it at any time too: nobody here waits until it is done.
                self.shared.replace(answer_ids, [memory.read for memory in memories])
            with self._lock, self._side.changing():
                found = [held for held in self._remembered.get(answer_ids) if held is not None]
                numbered = [(self._remembered.new_number(), memory) for memory in memories]
                rows = self._rows(found, [(number, memory.read) for number, memory in numbered])
                for held in found:
                    self._drop(held)
                for (number, memory), own in zip(numbered, rows, strict=True):
                    self._keep(Held(replace(memory.read, vectors={}), number, own), memory.whole)

    def _rows(self, found: Sequence[Held], memories: Sequence[tuple[int, Memory]]) -> list[NDArray[np.int64]]:
        """Where the vectors lie in this process, none of them when they do not."""
        return [NOWHERE] * len(memories) if self.shared else self._embedded.replace(found, memories)

    def _drop(self, held: Held) -> None:
        self._words.remove(held)
        self._verbatim.remove(held.number)
        self._remembered.remove(held.memory.answer.id)
        self._positions[group_of(held.memory)] -= len(held.memory.positions)
        self._answers -= 1

    def _keep(self, held: Held, whole: Memory) -> None:
        self._remembered.put(held)
        self._words.put(held)
        self._verbatim.put(held.number, whole)
        self._positions[group_of(held.memory)] += len(held.memory.positions)
        self._answers += 1
