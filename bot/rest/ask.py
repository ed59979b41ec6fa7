"""One question, one reply, nothing stored."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from bot.chat.events import AnswerTitle
from bot.fields import Name, Text
from bot.guards.caller import Caller
from bot.reply import Candidate, Decision, Query
from bot.rest.identity import client_address, require, service_of
from bot.service import Service
from bot.turns.customer_text import check_text
from knowledge_base import dialogues
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


class WordBody(BaseModel):
    """A word of the heaviest passage with its attention weight; `start` is its first character's place there."""

    text: str
    start: int
    weight: float


class OriginBody(BaseModel):
    """The dialogue that the heaviest passage was said in, and which of its turns, from 1."""

    dialogue_id: str
    source: str
    turn: int


class ExplanationBody(BaseModel):
    """Why an answer was considered: the passages of its memory and the words of the heaviest, for this question.

    The passages' weights sum to 1, and so do the words'. Words and origin are for agents and above.
    """

    answer_id: str
    positions: list[PositionBody]
    words: list[WordBody] | None = None
    origin: OriginBody | None = None


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
    reply = await service.respond(Query(text, history, body.collection, body.explain))
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
        explanation=await _explain(service, shown, caller) if body.explain else None,
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


async def _explain(service: Service, shown: Sequence[Candidate], caller: Caller) -> list[ExplanationBody]:
    if not caller.has(AccountRole.AGENT):
        return [_explanation(candidate, None, None) for candidate in shown]
    async with service.database.reading() as session:
        origins = [await dialogues.origin(session, candidate.positions[0].position.turn_id) for candidate in shown]
    return [
        _explanation(
            candidate, [WordBody(text=w.text, start=w.start, weight=w.weight) for w in candidate.words], origin
        )
        for candidate, origin in zip(shown, origins, strict=True)
    ]


def _explanation(
    candidate: Candidate, words: list[WordBody] | None, origin: dialogues.Origin | None
) -> ExplanationBody:
    positions = [
        PositionBody(
            id=weighted.position.id,
            kind=weighted.position.kind,
            weight=weighted.weight,
            text=None if words is None else weighted.position.text,
            context=None if words is None else weighted.position.context,
        )
        for weighted in candidate.positions
    ]
    said_in = None if origin is None else OriginBody(**asdict(origin))
    return ExplanationBody(answer_id=candidate.answer.answer_id, positions=positions, words=words, origin=said_in)
