"""Answers for the words of a query: BM25 over words, Chinese characters and bigrams (SQLite FTS5)."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from knowledge_base.indexes.remembered import Held
from knowledge_base.indexes.side_file import SideFile
from knowledge_base.indexes.snapshot import Snapshot
from knowledge_base.indexes.snapshot_writer import SnapshotWriter
from knowledge_base.indexes.vector_index import Group, group_of, name_of
from weaver_core.texts.terms import terms

# Terms are spelled with their group: one search narrows to a group at no cost.
_SCHEMA = """
CREATE VIRTUAL TABLE IF NOT EXISTS passage USING fts5 (terms, content = "", tokenize = "ascii separators ' '");
"""
# The rows of an answer's positions are its number times so many, and on. It can have no more.
ROWS_AN_ANSWER = 1024
# Scores are whole numbers of so small a part, since decimals take long to be written and read.
STEP = 1e-9
_SEARCH = f"""
SELECT rowid AS place, CAST(bm25(passage) / -{STEP} AS INTEGER) AS score FROM passage WHERE passage MATCH ?
"""  # noqa: S608 - a constant
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


@dataclass(frozen=True, slots=True)
class WordScores:
    """The BM25 of answers' best passages by the answers' numbers, and what a passage with all the words could have.

    `weights` are those of the words that were looked up.
    """

    by_number: Mapping[int, float]
    most: float
    weights: Mapping[str, float] = field(default_factory=dict[str, float])

    def of(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Answers' scores as a share of the most, in [0, 1]. Shape: (N,)."""
        scores = np.array([self.by_number.get(number, 0.0) for number in numbers], np.float32)
        return np.asarray(np.minimum(scores / self.most, 1), np.float32)

    def of_text(self, text: str) -> float:
        """What a passage that is in no index would have, were it of a mean length and each word in it once."""
        return sum(self.weights.get(term, 0.0) for term in set(terms(text))) / self.most

    def best(self, limit: int) -> list[int]:
        """The numbers with the highest scores, highest first, the lower number first where they tie."""
        numbers = np.fromiter(self.by_number, np.int64, len(self.by_number))
        scores = np.fromiter(self.by_number.values(), np.float64, len(self.by_number))
        if len(numbers) > limit:
            enough = np.partition(scores, len(scores) - limit)[len(scores) - limit]
            numbers, scores = numbers[scores >= enough], scores[scores >= enough]
        found: list[int] = numbers[np.lexsort((numbers, -scores))][:limit].tolist()
        return found


class LexicalIndex:
    """All positions' terms in an FTS5 table of the side file; safe to search from any thread while it changes.

    The table holds no texts: what is deleted is told by the memory that was put.
    """

    def __init__(self, side: SideFile) -> None:
        """The index in this file."""
        self._side = side
        side.create(_SCHEMA)
        self._frequency: defaultdict[Group, Counter[str]] = defaultdict(Counter)
        self._count = 0

    def restore(self, snapshot: Snapshot) -> None:
        """Count as was counted when the side file was saved. Raises SnapshotUnusableError."""
        for collection, language, counts in snapshot.value("term frequencies"):
            self._frequency[collection, language].update(counts)
        self._count = snapshot.value("passages")

    def save(self, writer: SnapshotWriter) -> None:
        """Keep the counts in a snapshot. Nobody may change the index meanwhile."""
        held = [(*group, {term: n for term, n in counts.items() if n}) for group, counts in self._frequency.items()]
        writer.value("term frequencies", held)
        writer.value("passages", self._count)

    def put(self, held: Held) -> None:
        """Keep the terms of an answer that is not known. Raises ValueError when it has more positions than fit."""
        if len(held.memory.positions) > ROWS_AN_ANSWER:
            raise ValueError(f"An answer has {len(held.memory.positions)} positions, of {ROWS_AN_ANSWER} at most.")
        frequency, prefix = self._frequency[group_of(held.memory)], _prefix(group_of(held.memory))
        with self._side.changing():
            for row, found in _passages(held):
                frequency.update(set(found))
                self._side.run("INSERT INTO passage (rowid, terms) VALUES (?, ?)", (row, _spelled(found, prefix)))
            self._count += len(held.memory.positions)

    def remove(self, held: Held) -> None:
        """Forget the terms of an answer that was put so."""
        delete = "INSERT INTO passage (passage, rowid, terms) VALUES ('delete', ?, ?)"
        frequency, prefix = self._frequency[group_of(held.memory)], _prefix(group_of(held.memory))
        with self._side.changing():
            for row, found in _passages(held):
                frequency.subtract(set(found))
                self._side.run(delete, (row, _spelled(found, prefix)))
            self._count -= len(held.memory.positions)

    def search(self, text: str, groups: Collection[Group], without: tuple[int, int] | None = None) -> WordScores:
        """The scores of the answers in these groups that share telling words with a text.

        The position `without`, by its answer's number and its place there, is not looked at.
        """
        wanted = sorted(set(terms(text)))
        with self._side.reading():
            sought, weights = self._telling(wanted, groups)
            if not sought:
                return WordScores({}, 1.0)
            match = " OR ".join(f'"{term}"' for term in sought)
            rows, scores = self._side.columns(_SEARCH, ("place", "score"), (match,))
        passed_over = _row(*without) if without else None
        best: dict[int, int] = {}
        for row, score in zip(rows, scores, strict=True):
            number = row // ROWS_AN_ANSWER
            if score > best.get(number, 0) and row != passed_over:
                best[number] = score
        by_number = {number: score * STEP for number, score in best.items()}
        return WordScores(by_number, (K1 + 1) * sum(weights.values()), weights)

    def _telling(self, wanted: Sequence[str], groups: Collection[Group]) -> tuple[list[str], dict[str, float]]:
        """The terms to look up, as spelled, and what each of the telling ones weighs."""
        counts = {_prefix(group): self._frequency[group] for group in groups if group in self._frequency}
        holding = {term: {prefix: n for prefix, of in counts.items() if (n := of[term])} for term in wanted}
        sought: list[str] = []
        weights: dict[str, float] = {}
        passages = 0
        for term, held in sorted(holding.items(), key=lambda item: sum(item[1].values())):
            passages += sum(held.values())
            if passages > MOST_PASSAGES and sought:
                break
            fewest = min(held.values(), default=0)
            weight = math.log((self._count - fewest + 0.5) / (fewest + 0.5))
            weights[term] = max(weight, LEAST_WEIGHT)
            sought += [_spelled([term], prefix) for prefix in held]
        return sought, weights


def _passages(held: Held) -> Iterator[tuple[int, list[str]]]:
    """The row and the terms of each of an answer's positions."""
    for place, position in enumerate(held.memory.positions):
        yield _row(held.number, place), terms(position.text)


def _row(number: int, place: int) -> int:
    return number * ROWS_AN_ANSWER + place


def _spelled(found: Iterable[str], prefix: str) -> str:
    """Terms as FTS5's ascii tokenizer keeps them whole: in hexadecimal."""
    return " ".join(prefix + term.encode().hex() for term in found)


@cache
def _prefix(group: Group) -> str:
    return f"g{name_of(group)}"
