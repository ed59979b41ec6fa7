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
        self._answers: dict[str, dict[UUID, int]] = {}
        self._texts: dict[UUID, list[str]] = {}

    def replace(self, memory: Memory) -> None:
        """Put an answer's memory in the place of what was known of it."""
        with self._lock:
            self._drop(memory.answer.id)
            for position in memory.positions:
                strength = _STRENGTH.get(position.kind)
                if strength is None:
                    continue
                text = comparable(position.text)
                owners = self._answers.setdefault(text, {})
                owners[memory.answer.id] = max(strength, owners.get(memory.answer.id, 0))
                self._texts.setdefault(memory.answer.id, []).append(text)

    def remove(self, answer_id: UUID) -> None:
        """Forget an answer."""
        with self._lock:
            self._drop(answer_id)

    def search(self, text: str) -> dict[UUID, int]:
        """The answers that own this question: DECIDED where a person said so, else STORED."""
        with self._lock:
            return dict(self._answers.get(comparable(text), {}))

    def _drop(self, answer_id: UUID) -> None:
        for text in self._texts.pop(answer_id, []):
            owners = self._answers.get(text, {})
            owners.pop(answer_id, None)
            if not owners:
                self._answers.pop(text, None)
