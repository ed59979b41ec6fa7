"""Top-k positions for a query vector: exact search over the keys, held in this process."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.memories import Memory

FIRST_ROWS = 1024

Group = tuple[str, str | None]
"""What a search can be narrowed to: an answer's collection and language."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer found, with the cosine of its nearest position."""

    answer_id: UUID
    score: float


class EmbeddedIndex:
    """All positions' keys in one matrix; safe to search from any thread while it changes."""

    def __init__(self, dimension: int) -> None:
        """An empty index of vectors of this length d."""
        self._lock = threading.Lock()
        self._vectors = np.zeros((FIRST_ROWS, dimension), np.float32)
        self._owner = np.full(FIRST_ROWS, -1, np.int64)
        self._group = np.full(FIRST_ROWS, -1, np.int64)
        self._used = 0
        self._free: list[int] = []
        self._groups: dict[Group, int] = {}
        self._numbers: dict[UUID, int] = {}
        self._memories: dict[int, tuple[Memory, NDArray[np.int64]]] = {}
        self._next = 0

    def __len__(self) -> int:
        """How many positions can be found."""
        return sum(len(rows) for _, rows in self._memories.values())

    @property
    def answers(self) -> int:
        """How many answers can be found."""
        return len(self._memories)

    @property
    def groups(self) -> frozenset[Group]:
        """The (collection, language) pairs of the answers that can be found."""
        with self._lock:
            return frozenset(
                (memory.answer.collection, memory.answer.language) for memory, _ in self._memories.values()
            )

    def replace(self, memory: Memory) -> None:
        """Put an answer's memory in the place of what was known of it."""
        with self._lock:
            self._drop(memory.answer.id)
            if not memory.positions:
                return
            rows = self._take_rows(len(memory.positions))
            number = self._numbers[memory.answer.id] = self._next
            self._next += 1
            group = (memory.answer.collection, memory.answer.language)
            self._vectors[rows] = memory.vectors
            self._owner[rows] = number
            self._group[rows] = self._groups.setdefault(group, len(self._groups))
            self._memories[number] = (memory, rows)

    def remove(self, answer_id: UUID) -> None:
        """Forget an answer."""
        with self._lock:
            self._drop(answer_id)

    def search(self, query: NDArray[np.float32], limit: int, groups: Collection[Group]) -> list[Hit]:
        """The answers of the `limit` nearest positions in these groups, nearest first. Shape: unit query (d,)."""
        with self._lock:
            wanted = [self._groups[group] for group in groups if group in self._groups]
            allowed = np.flatnonzero(np.isin(self._group[: self._used], wanted))
            if not len(allowed):
                return []
            cosines = (
                self._vectors[allowed] @ query if len(allowed) < self._used else self._vectors[: self._used] @ query
            )
            count = min(limit, len(cosines))
            nearest = np.argpartition(-cosines, count - 1)[:count]
            nearest = nearest[np.argsort(-cosines[nearest], kind="stable")]
            found: dict[int, float] = {}
            for place in nearest:
                found.setdefault(int(self._owner[allowed[place]]), float(cosines[place]))
            return [Hit(self._memories[owner][0].answer.id, score) for owner, score in found.items()]

    def memories(self, answer_ids: Sequence[UUID]) -> list[Memory]:
        """These answers' memories, in this order, without those that are not known (any more)."""
        with self._lock:
            numbers = [self._numbers[answer_id] for answer_id in answer_ids if answer_id in self._numbers]
            return [self._memories[number][0] for number in numbers]

    def _drop(self, answer_id: UUID) -> None:
        number = self._numbers.pop(answer_id, None)
        if number is None:
            return
        _, rows = self._memories.pop(number)
        self._owner[rows] = -1
        self._group[rows] = -1
        self._free += rows.tolist()

    def _take_rows(self, count: int) -> NDArray[np.int64]:
        taken = [self._free.pop() for _ in range(min(count, len(self._free)))]
        fresh = count - len(taken)
        if self._used + fresh > len(self._vectors):
            self._grow(self._used + fresh)
        taken += range(self._used, self._used + fresh)
        self._used += fresh
        return np.array(taken, np.int64)

    def _grow(self, needed: int) -> None:
        more = max(needed, 2 * len(self._vectors)) - len(self._vectors)
        self._vectors = np.concatenate([self._vectors, np.zeros((more, self._vectors.shape[1]), np.float32)])
        self._owner = np.concatenate([self._owner, np.full(more, -1, np.int64)])
        self._group = np.concatenate([self._group, np.full(more, -1, np.int64)])
