"""Answers for the very words of a question: what was stored, or decided by a person, for exactly this text."""

import hashlib
from uuid import UUID

from knowledge_base.indexes.side_file import SideFile
from knowledge_base.memories import Memory
from weaver_core.dialogue import PositionKind
from weaver_core.texts.normalization import comparable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS verbatim
    (text INTEGER, number INTEGER, strength INTEGER NOT NULL, PRIMARY KEY (text, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS verbatim_number ON verbatim (number);
"""
_SEARCH = """
SELECT memory.answer, strength FROM verbatim JOIN memory USING (number) WHERE verbatim.text = ? ORDER BY number
"""
STORED, DECIDED = 1, 2
_STRENGTH = {PositionKind.QUESTION: STORED, PositionKind.CORRECTION: DECIDED}


class VerbatimIndex:
    """Comparable texts of questions and corrections, with the answers that own them; safe from any thread."""

    def __init__(self, side: SideFile) -> None:
        """The index in this file, beside the memories that are remembered there (`Remembered`)."""
        self._side = side
        side.create(_SCHEMA)

    def put(self, number: int, memory: Memory) -> None:
        """Keep the questions of an answer that is not known, under its number."""
        strengths: dict[int, int] = {}
        for position in memory.positions:
            if (strength := _STRENGTH.get(position.kind)) is not None:
                text = _digest(position.text)
                strengths[text] = max(strength, strengths.get(text, 0))
        with self._side.changing():
            for text, strength in strengths.items():
                self._side.run("INSERT INTO verbatim VALUES (?, ?, ?)", (text, number, strength))

    def remove(self, number: int) -> None:
        """Forget an answer's questions."""
        self._side.run("DELETE FROM verbatim WHERE number = ?", (number,))

    def search(self, text: str) -> dict[UUID, int]:
        """The answers that own this question: DECIDED where a person said so, else STORED."""
        return {UUID(bytes=answer): strength for answer, strength in self._side.rows(_SEARCH, (_digest(text),))}


def _digest(text: str) -> int:
    # Of a hundred million texts two share one of these with a chance of one in four thousand.
    return int.from_bytes(hashlib.blake2b(comparable(text).encode(), digest_size=8).digest(), signed=True)
