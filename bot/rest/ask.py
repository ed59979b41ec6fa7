"""One question, one reply, nothing stored."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from bot.caller import Caller
from bot.chat.events import AnswerTitle
from bot.conversation import check_text
from bot.fields import Name, Text
from bot.reply import Candidate, Decision, Query
from bot.rest.identity import client_address, require, service_of
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import Answer
from knowledge_base.tables.base import now
from weaver_core.dialogue import PositionKind, Role, Turn
from weaver_core.texts.normalization import clean

MOST_TURNS = 50

router = APIRouter(prefix="/api/v1", tags=["ask"])


class TurnBody(BaseModel):
    """What was said before the question."""

    role: Role
    text: Text


class AskBody(BaseModel):
    """A question, with what was said before it, oldest first."""

    text: Text
    history: list[TurnBody] = Field(default_factory=list[TurnBody], max_length=MOST_TURNS)
    collection: Annotated[Name, Field(max_length=64)] = "default"
    explain: bool = False


class AnswerBody(AnswerTitle):
    """An approved answer."""

    text: str


class CandidateBody(AnswerBody):
    """An answer that was considered. `score` is a cosine, `probability` the chance that it is right."""

    score: float
    probability: float


class PositionBody(BaseModel):
    """A passage that spoke for an answer, with its attention weight. Its words are for agents and above."""

    id: UUID
    kind: PositionKind
    weight: float
    text: str | None = None
    context: str | None = None


class ExplanationBody(BaseModel):
    """Why an answer was considered: the heaviest passages of its memory for this question."""

    answer_id: str
    positions: list[PositionBody]


class AskedBody(BaseModel):
    """The decision for the question, with what it was chosen from, best first."""

    decision: Literal["answer", "clarify", "handoff"]
    confidence: float
    answer: AnswerBody | None
    candidates: list[CandidateBody]
    sources: list[AnswerTitle]
    model_version: str
    explanation: list[ExplanationBody] | None = None


@router.post("/ask")
async def ask(
    request: Request, caller: Annotated[Caller, Depends(require(AccountRole.PROGRAM))], body: AskBody
) -> AskedBody:
    """Ask without a conversation. `explain` adds the passages behind each candidate."""
    service = service_of(request)
    if caller.csrf_token is not None:
        service.limits.check_ask(client_address(request))
    text = check_text(body.text, service.settings.text_limit).text
    history = tuple(Turn(turn.role, clean(turn.text).text) for turn in body.history)
    reply = await service.respond(Query(text, history, body.collection))
    # Whatever the model has in its memory, only what the bot may send leaves it this way.
    shown = [candidate for candidate in reply.candidates if candidate.answer.servable_at(now())]
    told = [reply.answer] if reply.decision is Decision.ANSWER else list(reply.suggestions)
    return AskedBody(
        decision=reply.decision.value,
        confidence=reply.confidence,
        answer=_answer(reply.answer) if reply.answer else None,
        candidates=[_candidate(candidate) for candidate in shown],
        sources=[AnswerTitle(answer_id=answer.answer_id, title=answer.title) for answer in told if answer],
        model_version=reply.model_version,
        explanation=[_explain(candidate, caller) for candidate in shown] if body.explain else None,
    )


def _answer(answer: Answer) -> AnswerBody:
    return AnswerBody(answer_id=answer.answer_id, title=answer.title, text=answer.text)


def _candidate(candidate: Candidate) -> CandidateBody:
    answer = candidate.answer
    return CandidateBody(
        answer_id=answer.answer_id,
        title=answer.title,
        text=answer.text,
        score=candidate.score,
        probability=candidate.probability,
    )


def _explain(candidate: Candidate, caller: Caller) -> ExplanationBody:
    words = caller.has(AccountRole.AGENT)
    positions = [
        PositionBody(
            id=weighted.position.id,
            kind=weighted.position.kind,
            weight=weighted.weight,
            text=weighted.position.text if words else None,
            context=weighted.position.context if words else None,
        )
        for weighted in candidate.positions
    ]
    return ExplanationBody(answer_id=candidate.answer.answer_id, positions=positions)
