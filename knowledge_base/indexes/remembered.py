"""Answers' memories without their keys, in the side file; those that were read last are held in memory too."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from knowledge_base.answers import Answer
from knowledge_base.indexes.side_file import SideFile
from knowledge_base.memories import Memory
from knowledge_base.positions import Position

_SCHEMA = """
CREATE TABLE IF NOT EXISTS memory (number INTEGER PRIMARY KEY, answer BLOB NOT NULL UNIQUE, value BLOB NOT NULL);
"""
# So many positions of the answers asked for last are held ready, about 0.7 kB each: to read one takes 50 µs.
MOST_READY = 100_000
# What the positions of an answer have in common compresses well at any level.
LEVEL = 1

_Value = tuple[Answer, tuple[Position, ...], list[int]]
_VALUE: TypeAdapter[_Value] = TypeAdapter(_Value)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """An answer's memory without its keys, its number, and the rows of an index where these lie. Shape: rows (L,)."""

    memory: Memory
    number: int
    rows: NDArray[np.int64]


class Remembered:
    """Memories by their answers' ids, and answers' ids by numbers. Not safe from threads."""

    def __init__(self, side: SideFile) -> None:
        """Those that lie in this file."""
        self._side = side
        self._ready: dict[UUID, Held] = {}
        self._ready_positions = 0
        side.create(_SCHEMA)
        self._next = int(side.rows("SELECT coalesce(max(number) + 1, 0) FROM memory")[0][0])

    def __len__(self) -> int:
        """How many memories there are."""
        return int(self._side.rows("SELECT count(*) FROM memory")[0][0])

    def new_number(self) -> int:
        """A number that no answer had since the file was opened."""
        self._next += 1
        return self._next - 1

    def put(self, held: Held) -> None:
        """Keep a memory that is not known."""
        answer = held.memory.answer
        value = _VALUE.dump_json((answer, held.memory.positions, held.rows.tolist()))
        row = (held.number, answer.id.bytes, zlib.compress(value, LEVEL))
        self._side.run("INSERT INTO memory VALUES (?, ?, ?)", row)
        self._hold(held)

    def get(self, answer_ids: Sequence[UUID]) -> list[Held | None]:
        """These answers' memories, None for one that is not known."""
        found = {answer_id: held for answer_id in answer_ids if (held := self._ready.pop(answer_id, None))}
        self._ready_positions -= sum(len(held.memory.positions) for held in found.values())
        missing = [answer_id.bytes for answer_id in answer_ids if answer_id not in found]
        if missing:
            query = f"SELECT number, hex(value) AS value FROM memory WHERE answer IN ({_places(missing)})"  # noqa: S608 - question marks
            for number, value in zip(*self._side.columns(query, ("number", "value"), missing), strict=True):
                answer, positions, rows = _VALUE.validate_json(zlib.decompress(bytes.fromhex(value)))
                found[answer.id] = Held(Memory(answer, positions), number, np.array(rows, np.int64))
        for held in found.values():
            self._hold(held)
        return [found.get(answer_id) for answer_id in answer_ids]

    def remove(self, answer_id: UUID) -> None:
        """Forget an answer's memory."""
        ready = self._ready.pop(answer_id, None)
        if ready is not None:
            self._ready_positions -= len(ready.memory.positions)
        self._side.run("DELETE FROM memory WHERE answer = ?", (answer_id.bytes,))

    def owners(self, numbers: Sequence[int]) -> dict[int, UUID]:
        """The ids of the answers with these numbers."""
        query = f"SELECT number, hex(answer) AS answer FROM memory WHERE number IN ({_places(numbers)})"  # noqa: S608 - question marks
        found = self._side.columns(query, ("number", "answer"), numbers)
        return {number: UUID(hex=answer) for number, answer in zip(*found, strict=True)}

    def _hold(self, held: Held) -> None:
        # In the dictionary's order the one that was asked for longest ago is first.
        self._ready[held.memory.answer.id] = held
        self._ready_positions += len(held.memory.positions)
        while self._ready_positions > MOST_READY and len(self._ready) > 1:
            self._ready_positions -= len(self._ready.pop(next(iter(self._ready))).memory.positions)


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
