"""What finds answers by vector: the seam at which an engine takes the embedded index's place."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self
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
    """Keys of all answers' positions in every view. These calls come one at a time, from any thread."""

    def search(self, view: str, query: NDArray[np.float32], limit: int, groups: Collection[Group]) -> list[Hit]:
        """The answers of the `limit` nearest positions in these groups, nearest first. Shape: unit query (d,)."""
        ...

    def vectors(self, held: Sequence[Held], views: Sequence[str]) -> list[Mapping[str, NDArray[np.float32]]]:
        """These answers' keys. Shape of each view's: (L, d)."""
        ...

    def save(self, writer: SnapshotWriter) -> None:
        """Keep what a process must open in a snapshot."""
        ...

    def close(self) -> None:
        """Give back what was opened."""
        ...


@dataclass(frozen=True, slots=True)
class Followed:
    """The last change that a shared index holds: its number, and whose it is. Another history hardly has that there."""

    number: int
    subject_id: UUID | None

    def to_json(self) -> dict[str, Any]:
        """As the index keeps it."""
        return {"number": self.number, "subject_id": str(self.subject_id) if self.subject_id else None}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """As the index keeps it."""
        return cls(stored["number"], UUID(stored["subject_id"]) if stored["subject_id"] else None)


class SharedIndex(VectorIndex, Protocol):
    """An index outside of this process, which outlives it and which others use too."""

    writes: bool
    """False while memories are read that it holds already."""

    def replace(self, answer_ids: Sequence[UUID], memories: Sequence[Memory]) -> None:
        """Store the keys of these memories in the place of all that these answers had, by whichever process.

        An answer that is not among the memories has no keys any more. Others search meanwhile. Raises
        IndexUnavailableError.
        """
        ...

    def claim(self) -> None:
        """Be the one process that may fill it, if processes can wait for one another. Raises IndexUnavailableError."""
        ...

    def release(self) -> None:
        """Let the next process look whether it is to fill it."""
        ...

    def followed(self) -> Followed | None:
        """The last change that it holds, None when it is not complete. Raises IndexUnavailableError."""
        ...

    def note(self, followed: Followed) -> None:
        """Say that it holds the changes up to this one. Raises IndexUnavailableError."""
        ...

    def clear(self) -> None:
        """Make it empty and incomplete. Raises IndexUnavailableError."""
        ...

    def tidy(self) -> None:
        """Remove what no process has a use for: of other encoders or centres, or left behind by one that was killed."""
        ...


def name_of(group: Group) -> str:
    """A group as an engine spells it. Two that shared a name would only be looked at together."""
    return hashlib.blake2b(f"{group[0]}\0{group[1] or ''}".encode(), digest_size=4).hexdigest()


def group_of(memory: Memory) -> Group:
    """Where an answer is searched for."""
    return memory.answer.collection, memory.answer.language
