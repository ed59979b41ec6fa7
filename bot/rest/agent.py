"""The agent's routes: conversations that wait for a person, and what a person does in them."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from bot.chat.events import MessageEvent, StatusEvent, to_event, to_message
from bot.desk import handoff
from bot.desk.handoff import Handed
from bot.fields import Line, Text
from bot.guards.caller import Caller
from bot.rest.admin_bodies import ConsideredBody
from bot.rest.identity import require, service_of
from knowledge_base import desk_queue
from knowledge_base.accounts import AccountRole
from knowledge_base.conversations import Conversation, Mode
from knowledge_base.desk_queue import Line as QueueLine

router = APIRouter(prefix="/api/v1/agent", tags=["agent"])

Agent = Annotated[Caller, Depends(require(AccountRole.AGENT))]


class ConversationBody(BaseModel):
    """A conversation and who has the turn in it."""

    id: UUID
    external_id: str | None
    channel: str
    locale: str
    customer: str | None
    collection: str
    mode: Mode
    agent: str | None
    last_seq: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, conversation: Conversation) -> Self:
        """The JSON of a conversation."""
        return cls.model_validate(conversation, from_attributes=True)


class LineBody(ConversationBody):
    """A conversation in the list, with what the customer said last.

    `since` is when it came into its mode; `unanswered` counts the customer's messages after a person's last.
    """

    last_message: MessageEvent | None
    since: datetime
    unanswered: int

    @classmethod
    def of_line(cls, line: QueueLine) -> Self:
        """The JSON of a list's entry."""
        last = to_message(line.last) if line.last else None
        held = ConversationBody.of(line.conversation).model_dump()
        return cls(**held, last_message=last, since=line.since, unanswered=line.unanswered)


class ConversationsBody(BaseModel):
    """The conversations that wait, the longest first, and those that the caller holds."""

    waiting: list[LineBody]
    mine: list[LineBody]


class HandedBody(ConversationBody):
    """A conversation with its log, and what the bot considered for its last message."""

    events: list[MessageEvent | StatusEvent]
    tried: list[ConsideredBody]

    @classmethod
    def of_handed(cls, handed: Handed, after: int) -> Self:
        """The JSON of a conversation, its log from after a seq on."""
        return cls(
            **ConversationBody.of(handed.conversation).model_dump(),
            events=[to_event(event) for event in handed.events if event.seq > after],
            tried=[ConsideredBody.of(one) for one in handed.tried],
        )


class ReplyBody(BaseModel):
    """What a person writes to the customer; `answer_id` names the suggestion that it was made from."""

    text: Text
    answer_id: Annotated[Line, Field(max_length=255)] | None = None


@router.get("/conversations")
async def list_conversations(request: Request, caller: Agent) -> ConversationsBody:
    """The conversations that wait for a person, and the caller's own."""
    async with service_of(request).database.reading() as session:
        waiting = await desk_queue.waiting(session)
        mine = await desk_queue.held_by(session, caller.name)
    return ConversationsBody(
        waiting=[LineBody.of_line(line) for line in waiting], mine=[LineBody.of_line(line) for line in mine]
    )


@router.get("/conversations/{conversation_id}")
async def one_conversation(
    request: Request, _caller: Agent, conversation_id: UUID, after: Annotated[int, Query(ge=0)] = 0
) -> HandedBody:
    """A conversation with its events after a seq, and what the bot considered for its last message."""
    async with service_of(request).database.reading() as session:
        return HandedBody.of_handed(await handoff.handed(session, conversation_id), after)


@router.post("/conversations/{conversation_id}/take")
async def take(request: Request, caller: Agent, conversation_id: UUID) -> ConversationBody:
    """Take the conversation; the bot is silent from now on."""
    return ConversationBody.of(await handoff.take(service_of(request), conversation_id, caller.name))


@router.post("/conversations/{conversation_id}/messages")
async def say(request: Request, caller: Agent, conversation_id: UUID, body: ReplyBody) -> MessageEvent:
    """Write to the customer, which takes the conversation if nobody has."""
    said = await handoff.say(service_of(request), conversation_id, caller.name, body.text, body.answer_id)
    return to_message(said)


@router.post("/conversations/{conversation_id}/return")
async def give_back(request: Request, caller: Agent, conversation_id: UUID) -> ConversationBody:
    """Let the bot answer again."""
    return ConversationBody.of(await handoff.give_back(service_of(request), conversation_id, caller.name))


@router.post("/conversations/{conversation_id}/close")
async def close(request: Request, caller: Agent, conversation_id: UUID) -> ConversationBody:
    """End the conversation."""
    return ConversationBody.of(await handoff.close(service_of(request), conversation_id, caller.name))
