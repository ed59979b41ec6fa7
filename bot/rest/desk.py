"""What an agent's desk shows beside a conversation: suggested answers, a brief, notes, and who else is there."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from bot.chat.events import MessageEvent, to_message
from bot.desk import briefing, noting, suggestions
from bot.desk.briefing import Brief
from bot.desk.suggestions import Source, Suggested, Suggestion
from bot.fields import Text
from bot.guards.caller import Caller
from bot.rest.admin_bodies import AnswerBody
from bot.rest.ask import OriginBody, PositionBody
from bot.rest.identity import require, service_of
from knowledge_base import conversations, notes, presence
from knowledge_base.accounts import AccountRole
from knowledge_base.presence import Present
from weaver_core.dialogue import Role

router = APIRouter(prefix="/api/v1/agent", tags=["agent"])

Agent = Annotated[Caller, Depends(require(AccountRole.AGENT))]


class SourceBody(PositionBody):
    """A passage that spoke for a suggestion, with the dialogue that it was said in, if it was said in one."""

    origin: OriginBody | None

    @classmethod
    def of(cls, source: Source) -> Self:
        """The JSON of a source."""
        held, said_in = source.weighted.position, source.origin
        return cls(
            id=held.id,
            kind=held.kind,
            weight=source.weighted.weight,
            text=held.text,
            context=held.context,
            origin=None if said_in is None else OriginBody.model_validate(said_in, from_attributes=True),
        )


class SuggestionBody(BaseModel):
    """An answer that an agent may send, one that waits for a reviewer or holds something of one customer too.

    `given`: the bot has given it in this conversation. `has_slot`: something is to be filled in before it is sent.
    """

    answer: AnswerBody
    score: float
    probability: float
    given: bool
    has_slot: bool
    sources: list[SourceBody]

    @classmethod
    def of(cls, one: Suggestion) -> Self:
        """The JSON of a suggestion."""
        return cls(
            answer=AnswerBody.of(one.answer),
            score=one.score,
            probability=one.probability,
            given=one.given,
            has_slot=one.has_slot,
            sources=[SourceBody.of(source) for source in one.sources],
        )


class SuggestedBody(BaseModel):
    """The customer's last question, null where there is none, and the answers to it, likeliest first."""

    question: MessageEvent | None
    suggestions: list[SuggestionBody]

    @classmethod
    def of(cls, held: Suggested) -> Self:
        """The JSON of suggestions."""
        question = to_message(held.question) if held.question else None
        return cls(question=question, suggestions=[SuggestionBody.of(one) for one in held.suggestions])


class TriedBody(BaseModel):
    """An answer that the bot gave, and the customer's vote on it: `up`, `down`, or null."""

    message: MessageEvent
    rating: str | None


class ToldBody(BaseModel):
    """A sentence of the summary: who said it, and in which message."""

    text: str
    role: Role
    seq: int


class BriefBody(BaseModel):
    """What an agent reads first. `why`: the reason of the last hand-off, empty without one.

    `sentiment`: from -1 (angry) to 1 (pleased), null where nobody can tell. A short conversation has no summary.
    """

    why: str
    sentiment: float | None
    tried: list[TriedBody]
    summary: list[ToldBody]

    @classmethod
    def of(cls, held: Brief) -> Self:
        """The JSON of a brief."""
        return cls(
            why=held.why,
            sentiment=held.sentiment,
            tried=[TriedBody(message=to_message(one.message), rating=one.rating) for one in held.tried],
            summary=[ToldBody.model_validate(one, from_attributes=True) for one in held.summary],
        )


class NoteTextBody(BaseModel):
    """What to note. Neither customers nor the bot see it."""

    text: Text


class NoteBody(BaseModel):
    """A note on a conversation."""

    id: UUID
    author: str
    text: str
    created_at: datetime

    @classmethod
    def of(cls, note: notes.Note) -> Self:
        """The JSON of a note."""
        return cls.model_validate(note, from_attributes=True)


class NotesBody(BaseModel):
    """A conversation's notes, oldest first."""

    notes: list[NoteBody]


class SignBody(BaseModel):
    """A sign of life from a desk, and the conversation that is open there."""

    conversation_id: UUID | None = None


class PresentBody(BaseModel):
    """An agent who is at the desk, and the conversation that is open there."""

    agent: str
    conversation_id: UUID | None
    seen_at: datetime

    @classmethod
    def of(cls, present: Present) -> Self:
        """The JSON of an agent who is there."""
        return cls.model_validate(present, from_attributes=True)


class PresenceBody(BaseModel):
    """The agents who are at the desk now; without another sign of life one is not any more after `seconds`."""

    present: list[PresentBody]
    seconds: int = Field(default=presence.SECONDS)


@router.get("/conversations/{conversation_id}/suggestions")
async def suggest(request: Request, _caller: Agent, conversation_id: UUID) -> SuggestedBody:
    """The best answers of the memory to the customer's last question, each with where it comes from."""
    return SuggestedBody.of(await suggestions.suggest(service_of(request), conversation_id))


@router.get("/conversations/{conversation_id}/brief")
async def read_brief(request: Request, _caller: Agent, conversation_id: UUID) -> BriefBody:
    """Why the bot handed over, how the customer sounds, which answers were tried, and what was said in short."""
    return BriefBody.of(await briefing.brief(service_of(request), conversation_id))


@router.get("/conversations/{conversation_id}/notes")
async def list_notes(request: Request, _caller: Agent, conversation_id: UUID) -> NotesBody:
    """The notes on a conversation."""
    async with service_of(request).database.reading() as session:
        await conversations.get(session, conversation_id)
        found = await notes.of_conversation(session, conversation_id)
    return NotesBody(notes=[NoteBody.of(note) for note in found])


@router.post("/conversations/{conversation_id}/notes")
async def add_note(request: Request, caller: Agent, conversation_id: UUID, body: NoteTextBody) -> NoteBody:
    """Note something for colleagues and reviewers."""
    return NoteBody.of(await noting.note(service_of(request), conversation_id, caller.name, body.text))


@router.delete("/conversations/{conversation_id}/notes/{note_id}", status_code=HTTPStatus.NO_CONTENT)
async def take_back_note(request: Request, caller: Agent, conversation_id: UUID, note_id: UUID) -> None:
    """Delete a note of your own."""
    await noting.take_back(service_of(request), conversation_id, note_id, caller.name)


@router.get("/presence")
async def who_is_there(request: Request, _caller: Agent) -> PresenceBody:
    """The agents who are at the desk now."""
    async with service_of(request).database.reading() as session:
        return PresenceBody(present=[PresentBody.of(one) for one in await presence.everybody(session)])


@router.put("/presence")
async def sign_of_life(request: Request, caller: Agent, body: SignBody | None = None) -> PresentBody:
    """Say that you are at the desk; say it again every twenty seconds or so."""
    async with service_of(request).database.writing() as session:
        return PresentBody.of(await presence.note(session, caller.name, body.conversation_id if body else None))


@router.delete("/presence", status_code=HTTPStatus.NO_CONTENT)
async def leave(request: Request, caller: Agent) -> None:
    """Say that you are not at the desk any more."""
    async with service_of(request).database.writing() as session:
        await presence.leave(session, caller.name)
