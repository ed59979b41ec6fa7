"""Top-k positions for a query vector in any view: the keys of all answers, held in this process."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.partition import Partition
from knowledge_base.memories import Memory

Group = tuple[str, str | None]
"""What a search can be narrowed to: an answer's collection and language."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer found, with the score of its best position."""

    answer_id: UUID
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """An answer's memory without its keys, which lie in the rows of a partition."""

    memory: Memory
    partition: Partition
    rows: NDArray[np.int64]


class EmbeddedIndex:
    """A partition for every group; safe to search from any thread while it changes."""

    def __init__(self, dimensions: Mapping[str, int]) -> None:
        """An empty index of views with vectors of these lengths d."""
        self._dimensions = dict(dimensions)
        self._lock = threading.Lock()
        self._partitions: dict[Group, Partition] = {}
        self._numbers: dict[UUID, int] = {}
        self._held: dict[int, _Held] = {}
        self._next = 0

    def __len__(self) -> int:
        """How many positions can be found."""
        with self._lock:
            return sum(map(len, self._partitions.values()))

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return len(self._held)

    @property
    def groups(self) -> frozenset[Group]:
        """The (collection, language) pairs of the answers that can be found."""
        with self._lock:
            return frozenset(group for group, partition in self._partitions.items() if len(partition))

    def replace(self, memory: Memory) -> None:
        """Put an answer's memory in the place of what was known of it."""
        with self._lock:
            self._drop(memory.answer.id)
            if not memory.positions:
                return
            group = (memory.answer.collection, memory.answer.language)
            if group not in self._partitions:
                self._partitions[group] = Partition(self._dimensions)
            partition = self._partitions[group]
            number = self._numbers[memory.answer.id] = self._next
            self._next += 1
            rows = partition.put(number, memory.vectors)
            self._held[number] = _Held(replace(memory, vectors={}), partition, rows)

    def remove(self, answer_id: UUID) -> None:
        """Forget an answer."""
        with self._lock:
            self._drop(answer_id)

    def search(self, view: str, query: NDArray[np.float32], limit: int, groups: Collection[Group]) -> list[Hit]:
        """The answers of the `limit` nearest positions in these groups, nearest first. Shape: unit query (d,)."""
        with self._lock:
            partitions = [self._partitions[group] for group in groups if group in self._partitions]
            found = [partition.nearest(view, query, limit) for partition in partitions]
            if not found:
                return []
            owners = np.concatenate([nearest.owners for nearest in found])
            cosines = np.concatenate([nearest.cosines for nearest in found])
            order = np.argsort(-cosines, kind="stable")[:limit]
            best: dict[int, float] = {}
            for owner, cosine in zip(owners[order].tolist(), cosines[order].tolist(), strict=True):
                best.setdefault(owner, cosine)
            return [Hit(self._held[owner].memory.answer.id, score) for owner, score in best.items()]

    def memories(self, answer_ids: Sequence[UUID], views: Sequence[str]) -> list[Memory]:
        """These answers' memories with their keys in these views, without those that are not known (any more)."""
        with self._lock:
            numbers = [self._numbers[answer_id] for answer_id in answer_ids if answer_id in self._numbers]
            return [_whole(self._held[number], views) for number in numbers]

    def _drop(self, answer_id: UUID) -> None:
        number = self._numbers.pop(answer_id, None)
        if number is not None:
            held = self._held.pop(number)
            held.partition.remove(held.rows)


def _whole(held: _Held, views: Sequence[str]) -> Memory:
    return replace(held.memory, vectors={view: held.partition.vectors(view, held.rows) for view in views})
