"""Answers for the words of a query: BM25 over words, Chinese characters and bigrams (SQLite FTS5)."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from knowledge_base.indexes.embedded import Group, Hit
from knowledge_base.memories import Memory
from weaver_core.texts.terms import inverse_frequency, terms

_SCHEMA = """
CREATE VIRTUAL TABLE passage USING fts5 (terms, answer UNINDEXED, grp, tokenize = "ascii separators ' '");
CREATE TABLE owned (answer TEXT, passage INTEGER, PRIMARY KEY (answer, passage)) WITHOUT ROWID;
"""


class LexicalIndex:
    """All positions' terms in an FTS5 table in memory; safe to search from any thread while it changes."""

    def __init__(self) -> None:
        """An empty index."""
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.executescript(_SCHEMA)
        self._frequency: Counter[str] = Counter()
        self._terms: dict[UUID, list[list[str]]] = {}
        self._count = 0

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()

    def replace(self, memory: Memory) -> None:
        """Put an answer's memory in the place of what was known of it."""
        with self._lock:
            self._drop(memory.answer.id)
            group = _group_term((memory.answer.collection, memory.answer.language))
            found = self._terms[memory.answer.id] = [terms(position.text) for position in memory.positions]
            for position_terms in found:
                self._frequency.update(set(position_terms))
                row = (_encode(position_terms), str(memory.answer.id), group)
                cursor = self._connection.execute("INSERT INTO passage (terms, answer, grp) VALUES (?, ?, ?)", row)
                self._connection.execute("INSERT INTO owned VALUES (?, ?)", (str(memory.answer.id), cursor.lastrowid))
            self._count += len(memory.positions)

    def remove(self, answer_id: UUID) -> None:
        """Forget an answer."""
        with self._lock:
            self._drop(answer_id)

    def search(self, text: str, limit: int, groups: Collection[Group]) -> list[Hit]:
        """The answers of the `limit` best passages in these groups by BM25, best first."""
        wanted = sorted(set(terms(text)))
        if not wanted or not groups:
            return []
        any_term = " OR ".join(f'"{_encode([term])}"' for term in wanted)
        any_group = " OR ".join(f'"{_group_term(group)}"' for group in groups)
        matching = f"terms : ({any_term}) AND grp : ({any_group})"
        query = (
            "SELECT answer, -bm25(passage, 1.0, 0.0, 0.0) FROM passage WHERE passage MATCH ? ORDER BY 2 DESC LIMIT ?"
        )
        with self._lock:
            rows = self._connection.execute(query, (matching, limit)).fetchall()
        found: dict[str, float] = {}
        for answer, score in rows:
            found.setdefault(answer, score)
        return [Hit(UUID(answer), score) for answer, score in found.items()]

    def passages(self, answer_id: UUID) -> list[list[str]]:
        """The terms of an answer's positions, in their order."""
        with self._lock:
            return self._terms.get(answer_id, [])

    def term_weights(self, passages: Iterable[Sequence[str]]) -> dict[str, float]:
        """The inverse document frequency of every term of these passages that some position holds."""
        with self._lock:
            found = {term: self._frequency[term] for passage in passages for term in passage}
            return {term: inverse_frequency(holding, self._count) for term, holding in found.items() if holding}

    def _drop(self, answer_id: UUID) -> None:
        held = self._connection.execute("SELECT passage FROM owned WHERE answer = ?", (str(answer_id),)).fetchall()
        self._connection.executemany("DELETE FROM passage WHERE rowid = ?", held)
        self._connection.execute("DELETE FROM owned WHERE answer = ?", (str(answer_id),))
        for found in self._terms.pop(answer_id, []):
            self._frequency.subtract(set(found))
        self._count -= len(held)


def _encode(found: Iterable[str]) -> str:
    """Terms as FTS5's ascii tokenizer keeps them whole: in hexadecimal."""
    return " ".join("x" + term.encode().hex() for term in found)


def _group_term(group: Group) -> str:
    return _encode([f"{group[0]}\0{group[1] or ''}"])
