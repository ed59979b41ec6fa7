"""Top-k positions for a query vector in any view: the keys of all answers, in partitions."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.partition import Partition
from knowledge_base.indexes.remembered import Held, Remembered
from knowledge_base.indexes.side_file import SideFile
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.memories import Memory
from knowledge_base.positions import Position

Group = tuple[str, str | None]
"""What a search can be narrowed to: an answer's collection and language."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer found, with the score of its best position."""

    answer_id: UUID
    score: float


class EmbeddedIndex:
    """A partition for every group; safe to search from any thread while it changes."""

    def __init__(self, dimensions: Mapping[str, int], side: SideFile) -> None:
        """An empty index of views with vectors of these lengths d; what is known of answers lies in the side file."""
        self._dimensions = dict(dimensions)
        self._lock = threading.Lock()
        self._partitions: dict[Group, Partition] = {}
        self._remembered = Remembered(side)
        self._answers = 0
        self._next = 0

    @classmethod
    def opened(cls, dimensions: Mapping[str, int], side: SideFile, snapshot: Snapshot) -> Self:
        """The index that was saved, with the side file that was saved beside it. Raises SnapshotUnusableError."""
        index = cls(dimensions, side)
        index._partitions = {
            (collection, language): Partition.opened(snapshot, str(number), dimensions)
            for number, (collection, language) in enumerate(snapshot.value("groups"))
        }
        index._answers, index._next = len(index._remembered), index._remembered.next_number
        return index

    def save(self, writer: SnapshotWriter) -> None:
        """Keep the index in a snapshot, but for the side file. Nobody may change it meanwhile."""
        kept = {group: partition for group, partition in self._partitions.items() if len(partition)}
        for number, partition in enumerate(kept.values()):
            partition.save(writer, str(number))
        writer.value("groups", list(kept))

    def __len__(self) -> int:
        """How many positions can be found."""
        with self._lock:
            return sum(map(len, self._partitions.values()))

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return self._answers

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
            group = _group(memory)
            if group not in self._partitions:
                self._partitions[group] = Partition(self._dimensions)
            rows = self._partitions[group].put(self._next, memory.vectors)
            self._remembered.put(Held(replace(memory, vectors={}), self._next, rows))
            self._next += 1
            self._answers += 1

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
            owned = self._remembered.owners(list(best))
            return [Hit(owned[owner], score) for owner, score in best.items()]

    def memories(self, answer_ids: Sequence[UUID], views: Sequence[str]) -> list[Memory]:
        """These answers' memories with their keys in these views, without those that are not known (any more)."""
        with self._lock:
            found = [self._remembered.get(answer_id) for answer_id in answer_ids]
            return [self._whole(held, views) for held in found if held is not None]

    def positions(self, answer_id: UUID) -> tuple[Position, ...]:
        """An answer's positions that can be found, none if it is not known."""
        with self._lock:
            held = self._remembered.get(answer_id)
            return held.memory.positions if held else ()

    def _drop(self, answer_id: UUID) -> None:
        held = self._remembered.get(answer_id)
        if held is not None:
            self._partitions[_group(held.memory)].remove(held.rows)
            self._remembered.remove(answer_id)
            self._answers -= 1

    def _whole(self, held: Held, views: Sequence[str]) -> Memory:
        partition = self._partitions[_group(held.memory)]
        return replace(held.memory, vectors={view: partition.vectors(view, held.rows) for view in views})


def _group(memory: Memory) -> Group:
    return memory.answer.collection, memory.answer.language
