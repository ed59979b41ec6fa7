"""Near-identical questions under two answers that say different things: one of the two may be wrong, or too many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import likeness
from knowledge_base.answers import Answer
from knowledge_base.indexes.partition import Partition
from knowledge_base.keys import id_of, unpack
from knowledge_base.tables import AnswerRow, KeyRow, PositionRow
from weaver_core.dialogue import PositionKind
from weaver_core.texts.normalization import fold

# How near two questions are to be one: so near, and with so much of their letters in common (percent), since an
# encoder that does not know a language takes all its words for the same.
SAME_COSINE, SAME_LETTERS = 0.96, 50.0
# Answers whose texts are as alike as this (percent) do not say different things.
SAME_ANSWER = 90.0
# What is held of an answer does not grow with its memory: so many of its questions, the oldest. Votes are none.
QUESTIONS_AN_ANSWER, COMPARED = 8, 12
_KINDS = (PositionKind.QUESTION.value, PositionKind.CORRECTION.value)
_VIEW = "question"
# Which answers may be compared: those of one collection in one language.
ShelfName = tuple[str, str | None]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question of an answer with its unit vector (d,)."""

    answer_id: UUID
    text: str
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SameQuestion:
    """Two answers that a question leads to, and how near the two wordings of it are."""

    first: UUID
    second: UUID
    cosine: float


@dataclass(slots=True, eq=False)
class QuestionShelves:
    """Questions' codes by collection and language, with what they are the questions of."""

    _partitions: dict[ShelfName, Partition] = field(default_factory=dict[ShelfName, Partition])
    _owners: list[UUID] = field(default_factory=list[UUID])
    _texts: list[str] = field(default_factory=list[str])

    def put(self, name: ShelfName, questions: Sequence[Asked]) -> None:
        """Put an answer's questions where its like stand."""
        if not questions:
            return
        vectors = np.stack([one.vector for one in questions])
        partition = self._partitions.setdefault(name, Partition({_VIEW: vectors.shape[1]}))
        first = len(self._owners)
        self._owners += [one.answer_id for one in questions]
        self._texts += [one.text for one in questions]
        partition.put(np.arange(first, len(self._owners)), {_VIEW: vectors})

    def same(self, name: ShelfName, questions: Iterable[Asked]) -> list[SameQuestion]:
        """The other answers that have a question nearly as one of these, each once, with the nearest."""
        partition = self._partitions.get(name)
        if partition is None:
            return []
        best: dict[UUID, SameQuestion] = {}
        for one in questions:
            near = partition.nearest(_VIEW, one.vector, COMPARED)
            for row, cosine in zip(near.owners, near.cosines, strict=True):
                other, text = self._owners[int(row)], self._texts[int(row)]
                if cosine < SAME_COSINE or other == one.answer_id or not _share_letters(one.text, text):
                    continue
                if other not in best or best[other].cosine < cosine:
                    best[other] = SameQuestion(one.answer_id, other, float(cosine))
        return list(best.values())


def differ(first: Answer, second: Answer) -> bool:
    """Whether two answers say different things, as far as their words tell; a figure or a "not" is told elsewhere."""
    alike = fuzz.ratio(fold(first.text), fold(second.text)) >= SAME_ANSWER
    return not alike and likeness.compare(first.text, second.text) is None


async def questions_of(session: AsyncSession, encoder: str, answer_ids: Sequence[UUID]) -> dict[UUID, list[Asked]]:
    """The first questions of each of these answers that have a key of this encoder."""
    place = func.row_number().over(partition_by=PositionRow.answer_id, order_by=PositionRow.id).label("place")
    first = (
        select(PositionRow.id, place)
        .where(PositionRow.answer_id.in_(answer_ids), PositionRow.kind.in_(_KINDS))
        .subquery()
    )
    query = (
        select(PositionRow.answer_id, PositionRow.text, KeyRow.vector)
        .join(first, first.c.id == PositionRow.id)
        .join(KeyRow, KeyRow.position_id == PositionRow.id)
        .where(first.c.place <= QUESTIONS_AN_ANSWER, KeyRow.encoder_id == id_of(encoder))
        .order_by(PositionRow.id)
    )
    rows = (await session.execute(query)).all()
    found: dict[UUID, list[Asked]] = {}
    for row, vector in zip(rows, unpack([row.vector for row in rows]), strict=True):
        found.setdefault(row.answer_id, []).append(Asked(row.answer_id, row.text, vector))
    return found


def asked_since() -> ColumnElement[bool]:
    """Whether an answer has a question that it had not when it was compared last, for a query of answers."""
    return exists().where(
        PositionRow.answer_id == AnswerRow.id,
        PositionRow.kind.in_(_KINDS),
        PositionRow.created_at > AnswerRow.compared_at,
    )


def differing(found: Iterable[SameQuestion], known: Mapping[UUID, Answer]) -> list[tuple[Answer, Answer, float]]:
    """Those of these pairs whose answers say different things."""
    pairs = [(known.get(one.first), known.get(one.second), one.cosine) for one in found]
    return [(first, second, cosine) for first, second, cosine in pairs if first and second and differ(first, second)]


def _share_letters(first: str, second: str) -> bool:
    return fuzz.partial_ratio(fold(first), fold(second)) >= SAME_LETTERS
