"""Answers compared with those nearest to them: what says the same is merged, what contradicts goes to a reviewer."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from anyio import to_thread
from numpy.typing import NDArray
from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answer_pairs, answers, keys, likeness, question_pairing
from knowledge_base.answer_pairs import AnswerPair, PairState
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.indexes.partition import Partition
from knowledge_base.ingestion.rows import AUTHOR
from knowledge_base.likeness import Likeness
from knowledge_base.question_pairing import Asked, QuestionShelves, SameQuestion, ShelfName, asked_since
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
    """The answers of one collection in one language by the unit means of their own sentences, and not their words.

    A memory may have very many answers: what is held of one is its id and its vector's code.
    """

    ids: list[UUID]
    partition: Partition


@dataclass(slots=True, eq=False)
class _Held:
    """All answers, by what they say and by what they are asked."""

    shelves: dict[ShelfName, _Shelf] = field(default_factory=dict[ShelfName, _Shelf])
    questions: QuestionShelves = field(default_factory=QuestionShelves)


@dataclass(frozen=True, slots=True)
class _Near:
    """An answer, one that lies near to it, and the cosine between them."""

    id: UUID
    other: UUID
    cosine: float


async def pair(database: Database, encoder: str, progress: Progress) -> Paired:
    """Compare all answers that are new or changed since they were compared, by an encoder's keys of their sentences.

    Mined answers that say the same are merged at once; others that do, contradictions, and answers that say different
    things to near-identical questions wait for a reviewer. Each transaction is of a few answers: a run that is killed
    is completed by the next one.
    """
    async with database.reading() as session:
        total = (await session.execute(_due(encoder, select(func.count())))).scalar_one()
    if not total:
        return Paired()
    held = await _held(database, encoder)
    merged, done = 0, 0
    waiting: dict[UUID, Likeness] = {}
    last = UUID(int=0)
    while some := await _next_due(database, encoder, last):
        found = await _compared(database, encoder, held, some)
        async with database.writing() as session:
            for pair_found in found:
                stored = await _store(session, pair_found)
                if stored is not None and stored.state is PairState.OPEN:
                    waiting[stored.id] = stored.kind
                merged += stored is not None and stored.state is PairState.MERGED
            compared = update(AnswerRow).where(AnswerRow.id.in_(some)).values(compared_at=now())
            await session.execute(compared.execution_options(synchronize_session=False))
        last, done = some[-1], done + len(some)
        progress(done, max(done, total))
    return Paired(merged, Counter(waiting.values()))


def _due(encoder: str, query: Select[Any]) -> Select[Any]:
    """A query for the answers that can be compared and were not yet, as they are now."""
    stale = or_(AnswerRow.compared_at.is_(None), AnswerRow.compared_at < AnswerRow.updated_at, asked_since())
    return query.select_from(AnswerRow).where(
        stale, AnswerRow.status != AnswerStatus.RETIRED.value, ~keys.unfinished(encoder)
    )


async def _next_due(database: Database, encoder: str, last: UUID) -> list[UUID]:
    query = _due(encoder, select(AnswerRow.id)).where(AnswerRow.id > last).order_by(AnswerRow.id)
    async with database.reading() as session:
        return list((await session.execute(query.limit(ANSWERS_A_TRANSACTION))).scalars())


async def _held(database: Database, encoder: str) -> _Held:
    """All answers that are not retired, by collection and language: their sentences and their questions."""
    held = _Held()
    last = UUID(int=0)
    while True:
        query = select(AnswerRow.id, AnswerRow.collection, AnswerRow.language)
        query = query.where(AnswerRow.id > last, AnswerRow.status != AnswerStatus.RETIRED.value)
        async with database.reading() as session:
            rows = (await session.execute(query.order_by(AnswerRow.id).limit(ANSWERS_A_PAGE))).all()
            ids = [row.id for row in rows]
            vectors = await keys.of_answers(session, encoder, ids)
            asked = await question_pairing.questions_of(session, encoder, ids)
        for row in rows:
            name = (row.collection, row.language)
            held.questions.put(name, asked.get(row.id, ()))
            if row.id in vectors:
                _put(held.shelves, row.id, name, vectors[row.id])
        if len(rows) < ANSWERS_A_PAGE:
            return held
        last = rows[-1].id


def _put(shelves: dict[ShelfName, _Shelf], answer_id: UUID, name: ShelfName, vector: NDArray[np.float32]) -> None:
    if name not in shelves:
        shelves[name] = _Shelf([], Partition({_VIEW: len(vector)}))
    shelf = shelves[name]
    shelf.partition.put(np.array([len(shelf.ids)]), {_VIEW: vector[None]})
    shelf.ids.append(answer_id)


async def _compared(database: Database, encoder: str, held: _Held, some: Sequence[UUID]) -> list[_Found]:
    """The pairs that these answers are in, each once."""
    async with database.reading() as session:
        known = await answers.by_ids(session, some)
        vectors = await keys.of_answers(session, encoder, some)
        asked = await question_pairing.questions_of(session, encoder, some)
    due = [(known[answer_id], vectors[answer_id]) for answer_id in some if answer_id in known and answer_id in vectors]
    near = await to_thread.run_sync(_nearest, held.shelves, due)
    same = await to_thread.run_sync(_same_questions, held.questions, list(known.values()), asked)
    async with database.reading() as session:
        others = {one.other for one in near} | {one.second for one in same}
        known |= await answers.by_ids(session, others - known.keys())
    return await to_thread.run_sync(_alike, near, same, known)


def _same_questions(
    questions: QuestionShelves, due: Sequence[Answer], asked: Mapping[UUID, Sequence[Asked]]
) -> list[SameQuestion]:
    return [
        one for answer in due for one in questions.same((answer.collection, answer.language), asked.get(answer.id, ()))
    ]


def _nearest(shelves: Mapping[ShelfName, _Shelf], due: Sequence[tuple[Answer, NDArray[np.float32]]]) -> list[_Near]:
    """What lies near to each of these answers, which have these vectors (d,)."""
    found: list[_Near] = []
    for answer, vector in due:
        shelf = shelves.get((answer.collection, answer.language))
        if shelf is None:
            continue
        near = shelf.partition.nearest(_VIEW, vector, COMPARED + 1)
        others = [
            (shelf.ids[int(owner)], float(cosine)) for owner, cosine in zip(near.owners, near.cosines, strict=True)
        ]
        found += [_Near(answer.id, other, cosine) for other, cosine in others if other != answer.id]
    return [one for one in found if one.cosine >= LEAST_COSINE]


def _alike(near: Sequence[_Near], same: Sequence[SameQuestion], known: Mapping[UUID, Answer]) -> list[_Found]:
    """Those of near answers that say the same or contradict each other, and those asked the same, each pair once."""
    found: dict[frozenset[UUID], _Found] = {}
    for first, second, cosine in question_pairing.differing(same, known):
        pair = _in_order(first, second)
        found[frozenset((first.id, second.id))] = _Found(Likeness.SAME_QUESTION, *pair, cosine)
    for one in near:
        if one.id not in known or one.other not in known:
            continue
        answer, other = known[one.id], known[one.other]
        kind = likeness.compare(answer.text, other.text)
        if kind is not None:
            found[frozenset((one.id, one.other))] = _Found(kind, *_in_order(answer, other), one.cosine)
    return list(found.values())


def _in_order(one: Answer, other: Answer) -> tuple[Answer, Answer]:
    """The one that is kept when both are merged, first: named by its author, approved, older."""

    def rank(answer: Answer) -> tuple[bool, bool, UUID]:
        return (not answer.is_named, answer.status is not AnswerStatus.APPROVED, answer.id)

    first, second = sorted((one, other), key=rank)
    return first, second


async def _store(session: AsyncSession, found: _Found) -> AnswerPair | None:
    """Record a pair, and merge it where that takes nobody's decision. None: one of them is gone or merged by now."""
    query = select(AnswerRow.id, AnswerRow.status).where(AnswerRow.id.in_((found.first.id, found.second.id)))
    statuses = {answer_id: AnswerStatus(status) for answer_id, status in await session.execute(query)}
    if len(statuses) < len((found.first, found.second)) or AnswerStatus.RETIRED in statuses.values():
        return None
    pair_id = await answer_pairs.record(session, found.kind, found.first.id, found.second.id, found.cosine)
    stored = await answer_pairs.get(session, pair_id)
    both = (stored.first, stored.second)
    if stored.state is not PairState.OPEN or stored.kind is not Likeness.DUPLICATE or not _may_merge(*both):
        return stored
    # What a person took apart is merged by persons only.
    others = [pair for answer in both for pair in await answer_pairs.of_answer(session, answer.id)]
    if any(pair.state is PairState.KEPT for pair in others):
        return stored
    return await answer_pairs.merge(session, pair_id, AUTHOR)


def _may_merge(first: Answer, second: Answer) -> bool:
    """Both were mined, none has an `answer_id` of its own, and what is kept from customers stays so."""
    mined = all(one.origin == MINED and not one.is_named for one in (first, second))
    return mined and first.personal == second.personal
