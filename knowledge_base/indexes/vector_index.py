"""What finds answers by vector: the seam at which an engine takes the embedded index's place."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.remembered import Held
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.memories import Memory

Group = tuple[str, str | None]
"""What a search can be narrowed to: an answer's collection and language."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer found, with the score of its best position."""

    answer_id: UUID
    score: float


class VectorIndex(Protocol):
    """Keys of all answers' positions in every view. Calls come one at a time, from any thread."""

    def put(self, memories: Sequence[tuple[int, Memory]]) -> list[NDArray[np.int64]]:
        """Store the keys of answers that are not held, each with the answer's number. Returns the rows of each."""
        ...

    def remove(self, held: Sequence[Held]) -> None:
        """Forget these answers' keys."""
        ...

    def search(self, view: str, query: NDArray[np.float32], limit: int, groups: Collection[Group]) -> list[Hit]:
        """The answers of the `limit` nearest positions in these groups, nearest first. Shape: unit query (d,)."""
        ...

    def vectors(self, held: Sequence[Held], views: Sequence[str]) -> list[Mapping[str, NDArray[np.float32]]]:
        """These answers' keys. Shape of each view's: (L, d)."""
        ...

    def save(self, writer: SnapshotWriter) -> None:
        """Keep what a process must open in a snapshot."""
        ...


def group_of(memory: Memory) -> Group:
    """Where an answer is searched for."""
    return memory.answer.collection, memory.answer.language
