"""Answers for the words of a query: BM25 over words, Chinese characters and bigrams (SQLite FTS5)."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from knowledge_base.indexes.embedded import Group
from knowledge_base.indexes.side_file import SideFile
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.memories import Memory
from weaver_core.texts.terms import terms

_SCHEMA = """
CREATE VIRTUAL TABLE IF NOT EXISTS passage
    USING fts5 (terms, answer UNINDEXED, grp, tokenize = "ascii separators ' '");
CREATE TABLE IF NOT EXISTS owned
    (answer TEXT, place INTEGER, passage INTEGER, PRIMARY KEY (answer, place)) WITHOUT ROWID;
"""
# The inner limit keeps SQLite from merging the two queries: bm25 cannot be called inside a group.
# What FTS5 keeps of deleted passages goes when all of its segments are made one.
PURGE = "INSERT INTO passage (passage) VALUES ('optimize');"
_SEARCH = """
SELECT answer, max(score) AS best FROM (
    SELECT answer, -bm25(passage, 1.0, 0.0, 0.0) AS score FROM passage WHERE passage MATCH ? AND rowid != ? LIMIT -1
) GROUP BY answer ORDER BY best DESC
"""


# Terms are looked up from the rarest on, until so many passages hold them: commoner ones tell nothing and cost most.
MOST_PASSAGES = 2000
# FTS5's own constants of BM25.
K1 = 1.2
LEAST_WEIGHT = 1e-6


@dataclass(frozen=True, slots=True)
class Place:
    """One position: the answer that owns it, and which of its positions it is."""

    answer_id: UUID
    position: int


class LexicalIndex:
    """All positions' terms in an FTS5 table of the side file; safe to search from any thread while it changes."""

    def __init__(self, side: SideFile) -> None:
        """An empty index in this file."""
        self._side = side
        side.create(_SCHEMA)
        self._frequency: Counter[str] = Counter()
        self._count = 0

    @classmethod
    def opened(cls, side: SideFile, snapshot: Snapshot) -> Self:
        """The index that was saved, with the side file that was saved beside it. Raises SnapshotUnusableError."""
        index = cls(side)
        index._frequency = Counter(snapshot.value("term frequencies"))
        index._count = snapshot.value("passages")
        return index

    def save(self, writer: SnapshotWriter) -> None:
        """Keep the index in a snapshot, but for the side file. Nobody may change it meanwhile."""
        writer.value("term frequencies", {term: count for term, count in self._frequency.items() if count})
        writer.value("passages", self._count)

    def replace(self, memory: Memory) -> None:
        """Put an answer's memory in the place of what was known of it."""
        with self._side.changing():
            self.remove(memory.answer.id)
            group = _group_term((memory.answer.collection, memory.answer.language))
            for place, position in enumerate(memory.positions):
                found = terms(position.text)
                self._frequency.update(set(found))
                row = (_encode(found), str(memory.answer.id), group)
                passage = self._side.run("INSERT INTO passage (terms, answer, grp) VALUES (?, ?, ?)", row)
                self._side.run("INSERT INTO owned VALUES (?, ?, ?)", (str(memory.answer.id), place, passage))
            self._count += len(memory.positions)

    def remove(self, answer_id: UUID) -> None:
        """Forget an answer."""
        query = "SELECT rowid, terms FROM passage WHERE rowid IN (SELECT passage FROM owned WHERE answer = ?)"
        with self._side.changing():
            held = self._side.rows(query, (str(answer_id),))
            for row, encoded in held:
                self._frequency.subtract(set(_decode(encoded)))
                self._side.run("DELETE FROM passage WHERE rowid = ?", (row,))
            self._side.run("DELETE FROM owned WHERE answer = ?", (str(answer_id),))
            self._count -= len(held)

    def search(self, text: str, groups: Collection[Group], without: Place | None = None) -> dict[UUID, float]:
        """The answers in these groups that share telling words with a text, best first.

        An answer's score is the BM25 of its best passage as a share of what a passage with all the words could have, in
        [0, 1]. The place `without` is not looked at.
        """
        wanted = sorted(set(terms(text)))
        with self._side.reading():
            sought, most = self._telling(wanted)
            if not sought or not groups:
                return {}
            any_term = " OR ".join(f'"{_encode([term])}"' for term in sought)
            any_group = " OR ".join(f'"{_group_term(group)}"' for group in groups)
            matching = f"terms : ({any_term}) AND grp : ({any_group})"
            rows = self._side.rows(_SEARCH, (matching, self._row(without)))
        return {UUID(answer): min(1.0, score / most) for answer, score in rows}

    def _telling(self, wanted: Sequence[str]) -> tuple[list[str], float]:
        """The terms to look up, and the BM25 that a passage with all the telling ones could have."""
        sought: list[str] = []
        most, passages = 0.0, 0
        for term in sorted(wanted, key=lambda term: self._frequency[term]):
            holding = self._frequency[term]
            passages += holding
            if passages > MOST_PASSAGES and sought:
                break
            weight = math.log((self._count - holding + 0.5) / (holding + 0.5))
            most += (K1 + 1) * max(weight, LEAST_WEIGHT)
            if holding:
                sought.append(term)
        return sought, most

    def _row(self, place: Place | None) -> int:
        if place is None:
            return -1
        query = "SELECT passage FROM owned WHERE answer = ? AND place = ?"
        found = self._side.rows(query, (str(place.answer_id), place.position))
        return int(found[0][0]) if found else -1


def _encode(found: Iterable[str]) -> str:
    """Terms as FTS5's ascii tokenizer keeps them whole: in hexadecimal."""
    return " ".join("x" + term.encode().hex() for term in found)


def _decode(encoded: str) -> list[str]:
    return [bytes.fromhex(word[1:]).decode() for word in encoded.split()]


def _group_term(group: Group) -> str:
    return _encode([f"{group[0]}\0{group[1] or ''}"])
