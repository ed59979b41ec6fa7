"""Conversations over REST: open one, write in it, ask for a person, read its log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from bot.chat.events import MessageEvent, StatusEvent, to_event, to_message
from bot.chat.frames import MOST_SEQ
from bot.errors import CredentialsMissingError, ForbiddenError
from bot.fields import Attachments, ClientId, Locale, Name, Text
from bot.guards import origins
from bot.guards.caller import Caller
from bot.rest.identity import anyone, client_address, service_of, someone
from bot.service import Service
from knowledge_base import conversations, event_log
from knowledge_base.accounts import AccountRole
from knowledge_base.conversations import Conversation, Mode, Opening
from knowledge_base.errors import DialogueNotFoundError
from knowledge_base.identifiers import parse_id

LOCALE_LENGTH = 16
_SHOWN = 60

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])


class OpeningBody(BaseModel):
    """How a conversation begins."""

    external_id: Annotated[Name, Field(max_length=255)] | None = Field(
        default=None, description="Your own name for the conversation: the same name gets the same conversation."
    )
    channel: Annotated[Name, Field(max_length=64)] | None = None
    locale: Locale | None = None
    identity: Annotated[Name, Field(max_length=255)] | None = Field(
        default=None, description="Who the customer is, in your own words."
    )
    collection: Annotated[Name, Field(max_length=64)] | None = Field(
        default=None, description="Which answers a new conversation is about."
    )


class OpenedBody(BaseModel):
    """A conversation and the token that opens it to its visitor."""

    id: UUID
    token: str


class CustomerMessage(BaseModel):
    """What the customer writes. Sending it again with the same client_id is harmless."""

    client_id: ClientId
    text: Text = Field(description="May be empty beside attachments.")
    attachments: Attachments | None = Field(
        default=None, description="Ids of images that were attached to this conversation and sent with no message yet."
    )


class PostedBody(BaseModel):
    """The message's place in the conversation, and the bot's reply: null only while a person has the turn.

    `replies` are all of them: a message with two questions may get two.
    """

    seq: int
    reply: MessageEvent | None
    replies: list[MessageEvent]


class ModeBody(BaseModel):
    """Who has the turn now."""

    mode: Mode


class EventsBody(BaseModel):
    """A conversation's events, in order."""

    events: list[MessageEvent | StatusEvent]


async def entered(request: Request, conversation_id: str, caller: Annotated[Caller, Depends(someone)]) -> Conversation:
    """A dependency: the conversation of the path, into which the caller may go."""
    key = parse_id(conversation_id)
    if key is None:
        raise DialogueNotFoundError(conversation_id[:_SHOWN])
    async with service_of(request).database.reading() as session:
        conversation = await conversations.get(session, key)
    caller.check_may_enter(conversation.id)
    return conversation


@router.post("")
async def open_conversation(
    request: Request, caller: Annotated[Caller | None, Depends(anyone)], body: OpeningBody | None = None
) -> OpenedBody:
    """Get the conversation with your external_id, or make one. A visitor may make one without credentials."""
    service = service_of(request)
    body = body or OpeningBody()
    if caller is None or caller.role is None:
        _check_visitor(service, request, caller, body)
    opening = Opening(
        external_id=body.external_id,
        channel=body.channel or "api",
        locale=(body.locale or "en")[:LOCALE_LENGTH],
        customer=body.identity,
        collection=body.collection or "default",
    )
    async with service.database.writing() as session:
        conversation = await conversations.open_conversation(session, opening)
    return OpenedBody(id=conversation.id, token=service.tokens.issue(conversation.id))


@router.post("/{conversation_id}/messages")
async def post_message(
    request: Request,
    conversation: Annotated[Conversation, Depends(entered)],
    caller: Annotated[Caller, Depends(someone)],
    body: CustomerMessage,
) -> PostedBody:
    """Store a customer's message and wait for the bot's reply to it."""
    service = service_of(request)
    service.limits.check_message(conversation.id, client_address(request) if caller.role is None else None)
    posted = await service.turns.post_message(conversation.id, body.client_id, body.text, body.attachments or ())
    replies = [to_message(said) for said in await service.turns.replies_to(posted.message)]
    return PostedBody(seq=posted.message.seq, reply=replies[0] if replies else None, replies=replies)


@router.post("/{conversation_id}/handoff")
async def request_handoff(request: Request, conversation: Annotated[Conversation, Depends(entered)]) -> ModeBody:
    """Ask for a person."""
    return ModeBody(mode=await service_of(request).turns.request_handoff(conversation.id))


@router.get("/{conversation_id}/events")
async def list_events(
    request: Request,
    conversation: Annotated[Conversation, Depends(entered)],
    after: Annotated[int, Query(ge=0, le=MOST_SEQ)] = 0,
) -> EventsBody:
    """The conversation's events after a seq."""
    async with service_of(request).database.reading() as session:
        events = await event_log.events_after(session, conversation.id, after)
    return EventsBody(events=[to_event(event) for event in events])


def _check_visitor(service: Service, request: Request, caller: Caller | None, body: OpeningBody) -> None:
    """Without a key a conversation is opened like the widget does: from an allowed page, and not too often."""
    if body.external_id is not None or body.identity is not None:
        if caller is None:
            raise CredentialsMissingError
        raise ForbiddenError(f"An external_id or an identity needs the role {AccountRole.PROGRAM.value} or above.")
    origins.check(request, service.settings.allowed_origins)
    service.limits.check_opening(client_address(request))
