"""What an update starts from: the memories, the judgements in them, how wrong votes are, what is kept for the gate."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from bot.retriever import Stored
from knowledge_base import feedback, frozen_questions, judgements, memories
from knowledge_base.database import Database
from knowledge_base.frozen_questions import FrozenQuestion
from knowledge_base.judgements import Judged
from knowledge_base.memories import Memory
from knowledge_base.positions import Position
from weaver_core import trust
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder

# Judgements of these raters are votes, which may be wrong; everybody else's are trusted in full.
VOTERS = ("visitor", "program", feedback.HEARD)
# One question in so many is never trained on, so that the gate has something to measure on: a model that has learned a
# question by heart finds its answer, left out or not. Which ones changes after so many gates, since what is measured on
# often is fitted to in the end.
HELD_ONE_IN, GATES_A_CHOICE = 10, 20


@dataclass(frozen=True, slots=True)
class Gathered:
    """All of it. `noise` is ε̂ by the role of raters; `choice` is which tenth of the questions is not trained on."""

    memories: tuple[Memory, ...]
    judged: Mapping[UUID, Judged]
    noise: Mapping[str, float]
    correction_rate: float
    choice: int
    frozen: tuple[FrozenQuestion, ...]

    def is_held_out(self, position: Position) -> bool:
        """Whether a question is kept for the gate: its judgement's id decides, or its own."""
        return is_held_out(position.feedback_id or position.id, self.choice)

    def is_vote(self, position: Position) -> bool:
        """Whether a position was written by a vote that may be wrong."""
        judged = self.judged.get(position.id)
        return position.kind is PositionKind.LIKE and judged is not None and judged.rater_role in VOTERS

    def noise_of(self, position: Position) -> float:
        """How likely the judgement behind a position is wrong; 0 where nobody voted."""
        return self.noise[self.judged[position.id].rater_role] if self.is_vote(position) else 0.0

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


async def gather(database: Database, encoders: Sequence[Encoder]) -> Gathered:
    """What the database holds now, with the keys of these encoders."""
    loaded = await load_memories(database, encoders)
    async with database.reading() as session:
        judged = await judgements.of_positions(session)
        votes = {role: await feedback.latest_votes(session, role, trust.SURE) for role in VOTERS}
        rate = await judgements.correction_rate(session)
        gates = await judgements.count_gates(session)
        frozen = await frozen_questions.every(session)
    noise = {role: trust.noise(given.probabilities, given.down) for role, given in votes.items()}
    return Gathered(tuple(loaded), judged, noise, rate, gates // GATES_A_CHOICE, tuple(frozen))


async def load_memories(database: Database, encoders: Sequence[Encoder]) -> list[Memory]:
    """The memories that the bot may answer from, with the keys of these encoders."""
    moment = datetime.now(UTC)
    async with database.reading() as session:
        every = memories.every(session, [encoder.version for encoder in encoders])
        return [memory async for memory in every if memory.positions and memory.answer.servable_at(moment)]


def is_held_out(subject_id: UUID, choice: int) -> bool:
    """Whether an id is one of a choice's tenth."""
    digest = hashlib.sha256(f"{choice}:{subject_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % HELD_ONE_IN == 0


def questions_of(memory: Memory) -> Iterator[tuple[Position, Stored]]:
    """The questions of a memory that another position of it can answer."""
    if len(memory.positions) < 2:  # noqa: PLR2004 - itself and another
        return
    answer = memory.answer
    for row, position in enumerate(memory.positions):
        if position.kind is not PositionKind.SENTENCE:
            vectors = {view: vectors[row] for view, vectors in memory.vectors.items()}
            group = (answer.collection, answer.language)
            yield position, Stored(answer.id, position.id, position.text, group, vectors)


def _trusting(position: Position, trusts: Mapping[UUID, float]) -> Position:
    return replace(position, trust=trusts[position.id]) if position.id in trusts else position
