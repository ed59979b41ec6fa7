"""A `respond` that decides by the first word of the text, and can be made to wait or to fail."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import anyio

from bot.reply import Candidate, Decision, Query, Reply, WeightedPosition
from knowledge_base.answers import Answer
from knowledge_base.identifiers import new_id
from knowledge_base.positions import Position
from weaver_core.dialogue import PositionKind

PASSAGE = "the words of a past customer"


async def unheard(text: str) -> None:
    """How a message sounds, where nobody can tell."""
    del text


@dataclass
class Script:
    """`person …` is handed off, `which …` clarified, `fail …` raises; the rest gets the first answer, if any."""

    answers: list[Answer]
    asked: list[Query] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """The gate stands open; a test may close it to hold answers back."""
        self.gate.set()

    async def respond(self, query: Query) -> Reply:
        """Decide for a turn."""
        self.asked.append(query)
        while not self.gate.is_set():
            await anyio.sleep(0.005)
        first = next(iter(query.text.split()), "").lower()
        if first == "fail":
            raise RuntimeError(query.text)
        decision = {"person": Decision.HANDOFF, "which": Decision.CLARIFY}.get(first, Decision.ANSWER)
        if not self.answers:
            decision = Decision.HANDOFF
        why = {Decision.HANDOFF: "unsure", Decision.CLARIFY: "clarify", Decision.ANSWER: "answer"}[decision]
        candidates = tuple(
            Candidate(answer, 0.9 - rank / 10, 0.8 - rank / 10, (WeightedPosition(_passage(answer.id), 0.7),))
            for rank, answer in enumerate(self.answers)
        )
        return Reply(decision, 0.8, candidates, None, "v7", None, why)


def _passage(answer_id: UUID) -> Position:
    return Position(
        id=new_id(),
        answer_id=answer_id,
        kind=PositionKind.QUESTION,
        text=PASSAGE,
        context=None,
        language="en",
        trust=0.0,
        turn_id=None,
        feedback_id=None,
        created_at=datetime.now(UTC),
    )
