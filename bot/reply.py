"""What the bot decides for one customer turn."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from knowledge_base.answers import Answer
from knowledge_base.positions import Position
from weaver_core.decision import MOST_SUGGESTIONS, Decision
from weaver_core.dialogue import Turn
from weaver_core.explanation import WeightedWord


@dataclass(frozen=True, slots=True)
class Query:
    """One customer turn. `history` is what was said before it, oldest first; `explain` wants the reply explained."""

    text: str
    history: tuple[Turn, ...] = ()
    collection: str = "default"
    explain: bool = False


@dataclass(frozen=True, slots=True)
class WeightedPosition:
    """One position of a candidate's memory and its attention weight αᵢ, in [0, 1]."""

    position: Position
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer that was considered.

    `score` is what the read gave it, `probability` the chance that this answer is right. `positions` are the heaviest
    ones of its memory for this turn; in an explained reply all that were read, their weights summing to 1, and `words`
    are those of the heaviest one, their weights summing to 1 as well.
    """

    answer: Answer
    score: float
    probability: float
    positions: tuple[WeightedPosition, ...]
    words: tuple[WeightedWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The decision for a turn, with what it was chosen from (best first, at most ten).

    `why` names the reason of a hand-off or clarification: a key of `bot.turns.texts`. `near_equals` are the sizes of
    the runs of candidates, from the first on, that exploration may let change places (`weaver_core.exploration`);
    `propensity` is the probability with which what is shown was shown so, `propensities` that of each suggestion at
    its place. So many of the first candidates as `given` says the customer has been given already: they are not
    offered.
    """

    decision: Decision
    confidence: float
    candidates: tuple[Candidate, ...]
    language: str | None
    model_version: str
    model_version_id: UUID | None
    why: str
    near_equals: tuple[int, ...] = ()
    propensity: float = 1.0
    propensities: tuple[float, ...] = (1.0,) * MOST_SUGGESTIONS
    given: int = 0

    @property
    def answer(self) -> Answer | None:
        """The answer to send, when the decision is to answer."""
        return self.candidates[0].answer if self.decision is Decision.ANSWER else None

    @property
    def suggestions(self) -> tuple[Answer, ...]:
        """The answers to offer, at most three, when the decision is to clarify."""
        if self.decision is not Decision.CLARIFY:
            return ()
        return tuple(candidate.answer for candidate in self.candidates[self.given :][:MOST_SUGGESTIONS])


Respond = Callable[[Query], Awaitable[Reply]]
"""Decides for a turn. The serving model is one; a test may hand in another."""

__all__ = ["Candidate", "Decision", "Query", "Reply", "Respond", "WeightedPosition"]
