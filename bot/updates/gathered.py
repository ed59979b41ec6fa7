"""What an update starts from: the memories, the judgements in them, how wrong votes are, what is kept for the gate."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from bot.serving.retriever import Stored
from bot.turns import judged_turn
from bot.updates import held_out
from knowledge_base import feedback, frozen_questions, judgements, memories
from knowledge_base.answers import Answer
from knowledge_base.database import Database
from knowledge_base.feedback import Votes
from knowledge_base.frozen_questions import FrozenQuestion
from knowledge_base.indexes.vector_index import Group
from knowledge_base.judgements import Judged
from knowledge_base.memories import Memory
from knowledge_base.positions import Position
from weaver_core import off_policy, trust
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder
from weaver_core.texts.normalization import canonical, has_words

# Judgements of these raters are votes, which may be wrong; everybody else's are trusted in full.
VOTERS = ("visitor", "program", feedback.HEARD)
# Of the votes that wrote no position the newest are read again: each is some milliseconds of masking and encoding.
MOST_UNWRITTEN = 5000
# Votes on answers that were shown with much confidence, which ε̂ is told by; what is older is as the oldest of these.
MOST_SURE = 20_000


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote on an answer: the question that it is about, masked and encoded, whose answer is the one that was shown.

    `noise` is ε̂ of votes of its kind at its time, `propensity` how likely what it is about was shown.
    """

    feedback_id: UUID
    question: Stored
    up: bool
    rater_role: str
    noise: float
    propensity: float = 1.0

    @property
    def weight(self) -> float:
        """How much it counts in training."""
        return _weight(self.propensity)


@dataclass(frozen=True, slots=True)
class Noise:
    """ε̂ of one kind of raters: from each of these votes on (ids sort by time) it was so large."""

    since: tuple[UUID, ...]
    estimates: tuple[float, ...]

    def of(self, feedback_id: UUID) -> float:
        """How likely a vote is wrong, by the others of its time."""
        return self.estimates[max(0, bisect_right(self.since, feedback_id) - 1)]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All of it. `noise` is by the role of raters; `choice` is which tenth of the questions is not trained on."""

    memories: tuple[Memory, ...]
    judged: Mapping[UUID, Judged]
    noise: Mapping[str, Noise]
    choice: int
    frozen: tuple[FrozenQuestion, ...]
    unwritten: tuple[Vote, ...] = ()

    def is_held_out(self, position: Position) -> bool:
        """Whether a question is kept for the gate."""
        return self.keeps(held_out.subject(position))

    def keeps(self, subject_id: UUID) -> bool:
        """Whether a judgement, or a position that none wrote, is kept for the gate."""
        return held_out.is_held_out(subject_id, self.choice)

    def is_vote(self, position: Position) -> bool:
        """Whether a position was written by a vote that may be wrong."""
        judged = self.judged.get(position.id)
        return position.kind is PositionKind.LIKE and judged is not None and judged.rater_role in VOTERS

    def noise_of(self, position: Position) -> float:
        """How likely the judgement behind a position is wrong; 0 where nobody voted."""
        if not self.is_vote(position):
            return 0.0
        judged = self.judged[position.id]
        return self.noise[judged.rater_role].of(judged.feedback_id)

    def votes(self) -> Iterator[Vote]:
        """All votes: likes that wrote a position which another one of its answer can speak for, and what wrote none."""
        for memory in self.memories:
            for position, question in questions_of(memory):
                if self.is_vote(position):
                    judged = self.judged[position.id]
                    role, noise = judged.rater_role, self.noise_of(position)
                    yield Vote(judged.feedback_id, question, True, role, noise, judged.propensity)  # noqa: FBT003 - a like
        yield from self.unwritten

    def weight_of(self, position: Position) -> float:
        """How much a position counts in training: a vote as it does, all else once."""
        return _weight(self.judged[position.id].propensity) if self.is_vote(position) else 1.0

    def trusts(self) -> dict[UUID, float]:
        """The trust of every position that a vote wrote."""
        every = (position for memory in self.memories for position in memory.positions)
        return {position.id: position.trust for position in every if self.is_vote(position)}

    def trusting(self, trusts: Mapping[UUID, float]) -> "Gathered":
        """The same with other trust in some positions."""
        changed = [
            replace(memory, positions=tuple(_trusting(position, trusts) for position in memory.positions))
            for memory in self.memories
        ]
        return replace(self, memories=tuple(changed))

    def with_memories(self, loaded: Sequence[Memory]) -> "Gathered":
        """The same with the memories as other encoders see them."""
        return replace(self, memories=tuple(loaded))


async def gather(database: Database, encoders: Sequence[Encoder], contacts: Sequence[str] = ()) -> Gathered:
    """What the database holds now, with the keys of these encoders; `contacts` are the company's own."""
    loaded = await load_memories(database, encoders)
    async with database.reading() as session:
        judged = await judgements.of_positions(session)
        noise = {role: _noise(await feedback.latest_votes(session, role, trust.SURE, MOST_SURE)) for role in VOTERS}
        choice = await held_out.choice(session)
        frozen = await frozen_questions.every(session)
        unwritten = await judgements.unwritten(session, VOTERS, MOST_UNWRITTEN)
    answers = {memory.answer.id: memory.answer for memory in loaded}
    asked = [
        (vote, turn.question)
        for vote in unwritten
        if vote.answer_id in answers
        and has_words((turn := await judged_turn.read(database, contacts, vote.message_id)).question)
    ]
    texts = [canonical(question) for _, question in asked]
    vectors = {encoder.version: await anyio.to_thread.run_sync(encoder.encode, texts) for encoder in encoders}
    votes_on = [
        Vote(
            vote.feedback_id,
            Stored(vote.answer_id, None, text, _group_of(answers[vote.answer_id]), _row(vectors, row)),
            vote.up,
            vote.rater_role,
            noise[vote.rater_role].of(vote.feedback_id),
            vote.propensity,
        )
        for row, ((vote, _), text) in enumerate(zip(asked, texts, strict=True))
    ]
    return Gathered(tuple(loaded), judged, noise, choice, tuple(frozen), tuple(votes_on))


def _noise(votes: Votes) -> Noise:
    """ε̂ by the votes on sure answers, which are newest first."""
    if not votes.ids:
        return Noise((), (trust.PRIOR_NOISE,))
    return Noise(votes.ids[::-1], tuple(trust.noises(votes.probabilities[::-1], votes.down[::-1]).tolist()))


def _weight(propensity: float) -> float:
    """Votes come to be only where an answer is shown: min(1/p, clip)."""
    return float(off_policy.weights(np.array([propensity]), np.ones(1))[0])


def _group_of(answer: Answer) -> Group:
    return (answer.collection, answer.language)


def _row(vectors: Mapping[str, NDArray[np.float32]], row: int) -> dict[str, NDArray[np.float32]]:
    return {view: vectors[row] for view, vectors in vectors.items()}


async def load_memories(database: Database, encoders: Sequence[Encoder]) -> list[Memory]:
    """The memories that the bot may answer from, with the keys of these encoders."""
    moment = datetime.now(UTC)
    async with database.reading() as session:
        every = memories.every(session, [encoder.version for encoder in encoders])
        return [memory async for memory in every if memory.positions and memory.answer.servable_at(moment)]


def questions_of(memory: Memory) -> Iterator[tuple[Position, Stored]]:
    """The questions of a memory that another position of it can answer."""
    if len(memory.positions) < 2:  # noqa: PLR2004 - itself and another
        return
    answer = memory.answer
    for row, position in enumerate(memory.positions):
        if position.kind is not PositionKind.SENTENCE:
            vectors = _row(memory.vectors, row)
            yield position, Stored(answer.id, position.id, position.text, _group_of(answer), vectors)


def _trusting(position: Position, trusts: Mapping[UUID, float]) -> Position:
    return replace(position, trust=trusts[position.id]) if position.id in trusts else position
