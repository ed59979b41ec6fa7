"""Answers for the words of a query: BM25 over words, Chinese characters and bigrams (SQLite FTS5)."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from knowledge_base.indexes.remembered import Held
from knowledge_base.indexes.side_file import SideFile
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.indexes.vector_index import Group, group_of
from weaver_core.texts.terms import terms

_SCHEMA = """
CREATE VIRTUAL TABLE IF NOT EXISTS passage USING fts5 (terms, grp, content = "", tokenize = "ascii separators ' '");
"""
# The rows of an answer's positions are its number times so many, and on. It can have no more.
ROWS_AN_ANSWER = 1024
# The inner limit keeps SQLite from merging the two queries: bm25 cannot be called inside a group.
_SEARCH = f"""
SELECT memory.answer, max(score) AS best FROM (
    SELECT rowid / {ROWS_AN_ANSWER} AS number, -bm25(passage, 1.0, 0.0) AS score
    FROM passage WHERE passage MATCH ? AND rowid != ? LIMIT -1
) JOIN memory USING (number) GROUP BY number ORDER BY best DESC, number
"""  # noqa: S608 - a number of our own
# What FTS5 keeps of deleted passages goes when all of its segments are made one.
PURGE = "INSERT INTO passage (passage) VALUES ('optimize');"

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
    """All positions' terms in an FTS5 table of the side file; safe to search from any thread while it changes.

    The table holds no texts: what is deleted is told by the memory that was put.
    """

    def __init__(self, side: SideFile) -> None:
        """The index in this file, beside the memories that are remembered there (`Remembered`)."""
        self._side = side
        side.create(_SCHEMA)
        self._frequency: Counter[str] = Counter()
        self._count = 0

    def restore(self, snapshot: Snapshot) -> None:
        """Count as was counted when the side file was saved. Raises SnapshotUnusableError."""
        self._frequency = Counter(snapshot.value("term frequencies"))
        self._count = snapshot.value("passages")

    def save(self, writer: SnapshotWriter) -> None:
        """Keep the counts in a snapshot. Nobody may change the index meanwhile."""
        writer.value("term frequencies", {term: count for term, count in self._frequency.items() if count})
        writer.value("passages", self._count)

    def put(self, held: Held) -> None:
        """Keep the terms of an answer that is not known. Raises ValueError when it has more positions than fit."""
        if len(held.memory.positions) > ROWS_AN_ANSWER:
            raise ValueError(f"An answer has {len(held.memory.positions)} positions, of {ROWS_AN_ANSWER} at most.")
        insert = "INSERT INTO passage (rowid, terms, grp) VALUES (?, ?, ?)"
        group = _group_term(group_of(held.memory))
        with self._side.changing():
            for row, found in _passages(held):
                self._frequency.update(set(found))
                self._side.run(insert, (row, _encode(found), group))
            self._count += len(held.memory.positions)

    def remove(self, held: Held) -> None:
        """Forget the terms of an answer that was put so."""
        delete = "INSERT INTO passage (passage, rowid, terms, grp) VALUES ('delete', ?, ?, ?)"
        group = _group_term(group_of(held.memory))
        with self._side.changing():
            for row, found in _passages(held):
                self._frequency.subtract(set(found))
                self._side.run(delete, (row, _encode(found), group))
            self._count -= len(held.memory.positions)

    def search(self, text: str, groups: Collection[Group], without: tuple[int, int] | None = None) -> dict[UUID, float]:
        """The answers in these groups that share telling words with a text, best first.

        An answer's score is the BM25 of its best passage as a share of what a passage with all the words could have, in
        [0, 1]. The position `without`, by its answer's number and its place there, is not looked at.
        """
        wanted = sorted(set(terms(text)))
        with self._side.reading():
            sought, most = self._telling(wanted)
            if not sought or not groups:
                return {}
            any_term = " OR ".join(f'"{_encode([term])}"' for term in sought)
            any_group = " OR ".join(f'"{_group_term(group)}"' for group in groups)
            matching = f"terms : ({any_term}) AND grp : ({any_group})"
            rows = self._side.rows(_SEARCH, (matching, _row(*without) if without else -1))
        return {UUID(bytes=answer): min(1.0, score / most) for answer, score in rows}

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


def _passages(held: Held) -> Iterator[tuple[int, list[str]]]:
    """The row and the terms of each of an answer's positions."""
    for place, position in enumerate(held.memory.positions):
        yield _row(held.number, place), terms(position.text)


def _row(number: int, place: int) -> int:
    return number * ROWS_AN_ANSWER + place


def _encode(found: Iterable[str]) -> str:
    """Terms as FTS5's ascii tokenizer keeps them whole: in hexadecimal."""
    return " ".join("x" + term.encode().hex() for term in found)


def _group_term(group: Group) -> str:
    return _encode([f"{group[0]}\0{group[1] or ''}"])
