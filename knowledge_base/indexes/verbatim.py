"""Answers for the very words of a question: what was stored, or decided by a person, for exactly this text."""

import hashlib
from uuid import UUID

from knowledge_base.indexes.side_file import SideFile
from knowledge_base.memories import Memory
from weaver_core.dialogue import PositionKind
from weaver_core.texts.normalization import comparable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS verbatim (text BLOB NOT NULL, answer BLOB NOT NULL, strength INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS verbatim_text ON verbatim (text);
CREATE INDEX IF NOT EXISTS verbatim_answer ON verbatim (answer);
"""
STORED, DECIDED = 1, 2
_STRENGTH = {PositionKind.QUESTION: STORED, PositionKind.CORRECTION: DECIDED}


class VerbatimIndex:
    """Comparable texts of questions and corrections, with the answers that own them; safe from any thread."""

    def __init__(self, side: SideFile) -> None:
        """An empty index in this file."""
        self._side = side
        side.create(_SCHEMA)

    def replace(self, memory: Memory) -> None:
        """Put an answer's memory in the place of what was known of it."""
        strengths: dict[bytes, int] = {}
        for position in memory.positions:
            if (strength := _STRENGTH.get(position.kind)) is not None:
                text = _digest(position.text)
                strengths[text] = max(strength, strengths.get(text, 0))
        with self._side.changing():
            self.remove(memory.answer.id)
            for text, strength in strengths.items():
                self._side.run("INSERT INTO verbatim VALUES (?, ?, ?)", (text, memory.answer.id.bytes, strength))

    def remove(self, answer_id: UUID) -> None:
        """Forget an answer."""
        self._side.run("DELETE FROM verbatim WHERE answer = ?", (answer_id.bytes,))

    def search(self, text: str) -> dict[UUID, int]:
        """The answers that own this question: DECIDED where a person said so, else STORED."""
        query = "SELECT answer, strength FROM verbatim WHERE text = ? ORDER BY rowid"
        return {UUID(bytes=answer): strength for answer, strength in self._side.rows(query, (_digest(text),))}


def _digest(text: str) -> bytes:
    return hashlib.blake2b(comparable(text).encode(), digest_size=16).digest()
