"""What two versions are asked to be compared: stored questions, those that votes are about, frozen ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from bot.reply import Query
from bot.serving.retriever import Stored
from bot.updates.gathered import Gathered, Vote, questions_of
from knowledge_base import feedback
from knowledge_base.frozen_questions import FrozenQuestion
from knowledge_base.memories import Memory
from knowledge_base.positions import Position
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder

MEMORY, CORRECTIONS, VOTES, FROZEN, MUST_NOT_BREAK = "memory", "corrections", "votes", "frozen", "must_not_break"
# More questions of one kind make the gate slower and hardly surer.
MOST = 1000
SEED = 5
# Positions with less trust than this are not known to be right.
TRUSTED = -0.05


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is right for it. `stored` is left out of the memory when it is asked.

    `shown` is the answer that was shown to whoever asked, where that is known; of some a `vote` is all that is known.
    """

    of: str
    weight: float = 1.0
    stored: Stored | None = None
    frozen: FrozenQuestion | None = None
    query: Query | None = None
    shown: UUID | None = None
    vote: Vote | None = None


# A question as the version that answers sees it, and as the candidate does.
Pair = tuple[Question, Question]


def questions(before: Gathered, after: Gathered, encoders: Sequence[Encoder], *, every: bool) -> list[Pair]:
    """What both versions are asked; `encoders` are the candidate's.

    Of the memory's questions and of those that were judged these are the ones that nothing is trained on. Where no
    encoder was trained, `every` one may be asked.
    """
    seen = {position.id: stored for memory in after.memories for position, stored in questions_of(memory)}
    frozen = [Question(FROZEN, frozen=question, query=_query(question)) for question in before.frozen]
    kept = [question for memory in before.memories if memory.answer.must_not_break for question in _kept(memory)]
    return [
        *_stored(before, seen, every=every),
        *_voted(before, seen, encoders, every=every),
        *((question, question) for question in (*frozen, *kept)),
    ]


def _stored(gathered: Gathered, seen: Mapping[UUID, Stored], *, every: bool) -> list[Pair]:
    """Stored questions whose answer is known, a sample of each set."""
    found: dict[str, list[Pair]] = {MEMORY: [], CORRECTIONS: []}
    for memory in gathered.memories:
        for position, stored in questions_of(memory):
            may_be_asked = position.id in seen and (every or gathered.is_held_out(position))
            if may_be_asked and (of := _set_of(position, gathered)):
                judged = gathered.judged.get(position.id)
                asked = Question(of, stored=stored, shown=judged.answer_id if judged else None)
                found[of].append((asked, replace(asked, stored=seen[position.id])))
    random = np.random.default_rng(SEED)
    return [pairs[row] for pairs in found.values() for row in sorted(random.permutation(len(pairs))[:MOST])]


def _set_of(position: Position, gathered: Gathered) -> str | None:
    """Which set a stored question belongs to; None where nobody knows what is right, or a vote alone says it."""
    if gathered.is_vote(position):
        return None
    if position.kind is PositionKind.CORRECTION:
        return CORRECTIONS
    return MEMORY if position.trust >= TRUSTED else None


def _voted(gathered: Gathered, seen: Mapping[UUID, Stored], encoders: Sequence[Encoder], *, every: bool) -> list[Pair]:
    """The newest questions that were voted on, up or down: ids sort by time. What was only heard is no vote."""
    votes = [
        vote
        for vote in gathered.votes()
        if vote.rater_role != feedback.HEARD and (every or gathered.keeps(vote.feedback_id))
    ]
    votes = sorted(votes, key=lambda vote: vote.feedback_id, reverse=True)[:MOST]
    return [
        (_of_vote(vote, vote.question), _of_vote(vote, stored))
        for vote, stored in zip(votes, _as_seen([vote.question for vote in votes], seen, encoders), strict=True)
    ]


def _of_vote(vote: Vote, stored: Stored) -> Question:
    # An estimate from noisier votes varies more.
    return Question(VOTES, 1.0 - 2.0 * vote.noise, stored, shown=stored.answer_id, vote=vote)


def _as_seen(asked: Sequence[Stored], seen: Mapping[UUID, Stored], encoders: Sequence[Encoder]) -> list[Stored]:
    """The same questions with the vectors of these encoders, which those have that are `seen`."""
    found = [seen.get(one.position_id, one) if one.position_id else one for one in asked]
    other = [row for row, one in enumerate(found) if any(encoder.version not in one.vectors for encoder in encoders)]
    texts = [asked[row].text for row in other]
    vectors = {encoder.version: encoder.encode(texts) for encoder in encoders} if texts else {}
    for place, row in enumerate(other):
        found[row] = replace(asked[row], vectors={version: rows[place] for version, rows in vectors.items()})
    return found


def _kept(memory: Memory) -> Iterator[Question]:
    """The trusted questions of an answer that must not break, as customers ask them."""
    for position, stored in questions_of(memory):
        if position.trust >= TRUSTED and position.kind is not PositionKind.LIKE:
            query = Query(position.text, (), memory.answer.collection)
            yield Question(MUST_NOT_BREAK, stored=stored, query=query)


def _query(question: FrozenQuestion) -> Query:
    return Query(question.text, question.history, question.collection)
