"""Answers for the very words of a question: what was stored, or decided by a person, for exactly this text."""

import threading
from uuid import UUID

from knowledge_base.memories import Memory
from weaver_core.dialogue import PositionKind
from weaver_core.texts.normalization import comparable

STORED, DECIDED = 1, 2
_STRENGTH = {PositionKind.QUESTION: STORED, PositionKind.CORRECTION: DECIDED}


class VerbatimIndex:
    """Comparable texts of questions and corrections, with the answers that own them; safe from any thread."""

    def __init__(self) -> None:
        """An empty index."""
        self._lock = threading.Lock()
        # Nearly every text has one owner: a tuple is a quarter of a dict's size.
        self._answers: dict[str, tuple[tuple[UUID, int], ...]] = {}
        self._texts: dict[UUID, tuple[str, ...]] = {}

    def replace(self, memory: Memory) -> None:
        """Put an answer's memory in the place of what was known of it."""
        with self._lock:
            self._drop(memory.answer.id)
            strengths: dict[str, int] = {}
            for position in memory.positions:
                if (strength := _STRENGTH.get(position.kind)) is not None:
                    text = comparable(position.text)
                    strengths[text] = max(strength, strengths.get(text, 0))
            owned = {strength: (memory.answer.id, strength) for strength in set(strengths.values())}
            for text, strength in strengths.items():
                self._answers[text] = (*self._answers.get(text, ()), owned[strength])
            if strengths:
                self._texts[memory.answer.id] = tuple(strengths)

    def remove(self, answer_id: UUID) -> None:
        """Forget an answer."""
        with self._lock:
            self._drop(answer_id)

    def search(self, text: str) -> dict[UUID, int]:
        """The answers that own this question: DECIDED where a person said so, else STORED."""
        with self._lock:
            return dict(self._answers.get(comparable(text), ()))

    def _drop(self, answer_id: UUID) -> None:
        for text in self._texts.pop(answer_id, []):
            others = tuple(owner for owner in self._answers.get(text, ()) if owner[0] != answer_id)
            if others:
                self._answers[text] = others
            else:
                self._answers.pop(text, None)
