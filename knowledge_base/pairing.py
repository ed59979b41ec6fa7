"""Answers compared with those nearest to them: what says the same is merged, what contradicts goes to a reviewer."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from anyio import to_thread
from numpy.typing import NDArray
from sqlalchemy import Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answer_pairs, keys, likeness
from knowledge_base.answer_pairs import PairState
from knowledge_base.answers import Answer, AnswerStatus, to_answer
from knowledge_base.database import Database
from knowledge_base.indexes.partition import Partition
from knowledge_base.ingestion.rows import AUTHOR
from knowledge_base.likeness import Likeness
from knowledge_base.tables import MINED, AnswerRow
from knowledge_base.tables.base import now

Progress = Callable[[int, int], None]
ANSWERS_A_PAGE = 200
ANSWERS_A_TRANSACTION = 32
# How many of an answer's nearest are compared with it, and how near they must be.
COMPARED, LEAST_COSINE = 12, 0.7
_VIEW = "answer"


@dataclass(frozen=True, slots=True)
class Paired:
    """What a comparison found: how many answers were merged, and how many pairs wait for a reviewer, by kind."""

    merged: int = 0
    waiting: Counter[Likeness] = field(default_factory=Counter[Likeness])


@dataclass(frozen=True, slots=True)
class _Found:
    """Two answers that are alike, the one that is to be kept first."""

    kind: Likeness
    first: Answer
    second: Answer
    cosine: float


@dataclass(slots=True, eq=False)
class _Shelf:
    """The answers of one collection in one language, with the unit mean of each one's own sentences."""

    answers: list[Answer]
    partition: Partition
    vectors: list[NDArray[np.float32]]


async def pair(database: Database, encoder: str, progress: Progress) -> Paired:
    """Compare all answers that are new or changed since they were compared, by an encoder's keys of their sentences.

    Mined answers that say the same are merged at once; others that do, and contradictions, wait for a reviewer. Each
    transaction is of a few answers: a run that is killed is completed by the next one.
    """
    async with database.reading() as session:
        due = list((await session.execute(_due())).scalars())
    if not due:
        return Paired()
    places = {
        answer.id: (shelf, number)
        for shelf in await _shelves(database, encoder)
        for number, answer in enumerate(shelf.answers)
    }
    merged, waiting = 0, Counter[Likeness]()
    for start in range(0, len(due), ANSWERS_A_TRANSACTION):
        some = due[start : start + ANSWERS_A_TRANSACTION]
        found = await to_thread.run_sync(_compare, [places[answer_id] for answer_id in some if answer_id in places])
        async with database.writing() as session:
            for pair_found in found:
                state = await _store(session, pair_found)
                merged += state is PairState.MERGED
                waiting[pair_found.kind] += state is PairState.OPEN
            compared = update(AnswerRow).where(AnswerRow.id.in_(some)).values(compared_at=now())
            await session.execute(compared.execution_options(synchronize_session=False))
        progress(start + len(some), len(due))
    return Paired(merged, +waiting)


def _due() -> Select[UUID]:
    stale = or_(AnswerRow.compared_at.is_(None), AnswerRow.compared_at < AnswerRow.updated_at)
    retired = AnswerRow.status == AnswerStatus.RETIRED.value
    return select(AnswerRow.id).where(stale, ~retired).order_by(AnswerRow.id)


async def _shelves(database: Database, encoder: str) -> list[_Shelf]:
    """All answers that are not retired and have sentences with keys, by collection and language."""
    shelves: dict[tuple[str, str | None], _Shelf] = {}
    last = UUID(int=0)
    while True:
        query = select(AnswerRow).where(AnswerRow.id > last, AnswerRow.status != AnswerStatus.RETIRED.value)
        async with database.reading() as session:
            rows = (await session.execute(query.order_by(AnswerRow.id).limit(ANSWERS_A_PAGE))).scalars().all()
            vectors = await keys.of_answers(session, encoder, [row.id for row in rows])
        for row in rows:
            if row.id in vectors:
                _put(shelves, to_answer(row), vectors[row.id])
        if len(rows) < ANSWERS_A_PAGE:
            return list(shelves.values())
        last = rows[-1].id


def _put(shelves: dict[tuple[str, str | None], _Shelf], answer: Answer, vector: NDArray[np.float32]) -> None:
    name = (answer.collection, answer.language)
    if name not in shelves:
        shelves[name] = _Shelf([], Partition({_VIEW: len(vector)}), [])
    shelf = shelves[name]
    shelf.partition.put(np.array([len(shelf.answers)]), {_VIEW: vector[None]})
    shelf.answers.append(answer)
    shelf.vectors.append(vector)


def _compare(places: Sequence[tuple[_Shelf, int]]) -> list[_Found]:
    """The pairs that the answers at these places are in, each once."""
    found: dict[frozenset[UUID], _Found] = {}
    for shelf, number in places:
        answer = shelf.answers[number]
        near = shelf.partition.nearest(_VIEW, shelf.vectors[number], COMPARED + 1)
        for owner, cosine in zip(near.owners, near.cosines, strict=True):
            other = shelf.answers[int(owner)]
            kind = likeness.compare(answer.text, other.text) if owner != number and cosine >= LEAST_COSINE else None
            if kind is not None:
                found[frozenset((answer.id, other.id))] = _Found(kind, *_in_order(answer, other), float(cosine))
    return list(found.values())


def _in_order(one: Answer, other: Answer) -> tuple[Answer, Answer]:
    """The one that is kept when both are merged, first: named by its author, approved, older."""

    def rank(answer: Answer) -> tuple[bool, bool, UUID]:
        return (not answer.is_named, answer.status is not AnswerStatus.APPROVED, answer.id)

    first, second = sorted((one, other), key=rank)
    return first, second


async def _store(session: AsyncSession, found: _Found) -> PairState | None:
    """Record a pair, and merge it where that takes nobody's decision. None: one of them is gone or merged by now."""
    query = select(AnswerRow.id, AnswerRow.status).where(AnswerRow.id.in_((found.first.id, found.second.id)))
    statuses = {answer_id: AnswerStatus(status) for answer_id, status in await session.execute(query)}
    if len(statuses) < len((found.first, found.second)) or AnswerStatus.RETIRED in statuses.values():
        return None
    pair_id = await answer_pairs.record(session, found.kind, found.first.id, found.second.id, found.cosine)
    stored = await answer_pairs.get(session, pair_id)
    both = (stored.first, stored.second)
    if stored.state is not PairState.OPEN or stored.kind is not Likeness.DUPLICATE or not _may_merge(*both):
        return stored.state
    # What a person took apart is merged by persons only.
    others = [pair for answer in both for pair in await answer_pairs.of_answer(session, answer.id)]
    if any(pair.state is PairState.KEPT for pair in others):
        return PairState.OPEN
    return (await answer_pairs.merge(session, pair_id, AUTHOR)).state


def _may_merge(first: Answer, second: Answer) -> bool:
    """Both were mined, none has an `answer_id` of its own, and what is kept from customers stays so."""
    mined = all(one.origin == MINED and not one.is_named for one in (first, second))
    return mined and first.personal == second.personal
