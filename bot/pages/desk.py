"""The agent's desk: who waits, the conversation that is open, and what helps to answer it."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk import briefing, canned, handoff, noting, suggestions
from bot.desk.briefing import Brief
from bot.desk.suggestions import Suggested
from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.pages.frame import PageRoute, go, show, signed_in
from bot.rest.identity import service_of
from bot.turns.texts import locale_of
from knowledge_base import conversations, desk_queue, event_log, notes, presence
from knowledge_base.accounts import AccountRole
from knowledge_base.canned_texts import CannedText
from knowledge_base.conversations import Conversation
from knowledge_base.event_log import Event
from knowledge_base.notes import Note

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Agent = Annotated[Caller, Depends(signed_in(AccountRole.AGENT))]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversation a desk shows, how much of its log its page has shown already, and what went wrong there."""

    conversation_id: UUID | None
    seen: int | None = None
    error: DomainError | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """The open conversation. The log, the brief and suggestions are None for a page that has shown them already."""

    conversation: Conversation
    notes: list[Note]
    canned: list[CannedText]
    events: list[Event] | None = None
    brief: Brief | None = None
    suggested: Suggested | None = None


@router.get("/agent")
async def desk_page(
    request: Request, caller: Agent, conversation: UUID | None = None, seen: int | None = None
) -> Response:
    """The waiting conversations, the agent's own, and the one that was chosen; `seen` is how far its page is."""
    return await _page(request, caller, Wanted(conversation, seen))


@router.post("/agent/conversations/{conversation_id}/take")
async def take(request: Request, caller: Agent, conversation_id: UUID) -> Response:
    """Take the conversation."""
    return await _done(
        request, caller, conversation_id, handoff.take(service_of(request), conversation_id, caller.name)
    )


@router.post("/agent/conversations/{conversation_id}/return")
async def give_back(request: Request, caller: Agent, conversation_id: UUID) -> Response:
    """Let the bot answer again."""
    back = handoff.give_back(service_of(request), conversation_id, caller.name)
    return await _done(request, caller, conversation_id, back)


@router.post("/agent/conversations/{conversation_id}/close")
async def close(request: Request, caller: Agent, conversation_id: UUID) -> Response:
    """End the conversation."""
    closed = handoff.close(service_of(request), conversation_id, caller.name)
    return await _done(request, caller, conversation_id, closed, "/agent")


@router.post("/agent/conversations/{conversation_id}/messages")
async def say(
    request: Request,
    caller: Agent,
    conversation_id: UUID,
    text: Annotated[str, Form()] = "",
    answer_id: Annotated[str, Form(max_length=255)] = "",
) -> Response:
    """Write to the customer; `answer_id` names the suggestion that the text was made from."""
    said = handoff.say(service_of(request), conversation_id, caller.name, text, answer_id or None)
    return await _done(request, caller, conversation_id, said, text=text)


@router.post("/agent/conversations/{conversation_id}/notes")
async def note(request: Request, caller: Agent, conversation_id: UUID, text: Annotated[str, Form()] = "") -> Response:
    """Note something for colleagues."""
    noted = noting.note(service_of(request), conversation_id, caller.name, text)
    return await _done(request, caller, conversation_id, noted)


@router.post("/agent/conversations/{conversation_id}/notes/{note_id}/delete")
async def take_back_note(request: Request, caller: Agent, conversation_id: UUID, note_id: UUID) -> Response:
    """Delete a note of one's own."""
    gone = noting.take_back(service_of(request), conversation_id, note_id, caller.name)
    return await _done(request, caller, conversation_id, gone)


async def _done(
    request: Request, caller: Caller, conversation_id: UUID, work: Awaitable[object], onward: str = "", text: str = ""
) -> Response:
    """The desk after something was done at it; what could not be done is said on it, with what was written."""
    try:
        await work
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, Wanted(conversation_id, None, error, text))
    return go(onward or f"/agent?conversation={conversation_id}")


async def _page(request: Request, caller: Caller, wanted: Wanted) -> Response:
    service, error = service_of(request), wanted.error
    opened = await _opened(request, wanted.conversation_id, wanted.seen) if wanted.conversation_id else None
    async with service.database.reading() as session:
        values = {
            "waiting": await desk_queue.waiting(session),
            "mine": await desk_queue.held_by(session, caller.name),
            "colleagues": await _colleagues(session, caller),
        }
    return show(
        request,
        "agent/desk.html",
        caller,
        fault_of(error).status if error else 200,
        section="agent",
        open=opened,
        problem=str(error) if error else "",
        text=wanted.text,
        text_limit=service.settings.text_limit,
        **values,
    )


async def _colleagues(session: AsyncSession, caller: Caller) -> list[presence.Present]:
    return [one for one in await presence.everybody(session) if one.agent != caller.name]


async def _opened(request: Request, conversation_id: UUID, seen: int | None) -> Open:
    service = service_of(request)
    async with service.database.reading() as session:
        conversation = await conversations.get(session, conversation_id)
        noted = await notes.of_conversation(session, conversation_id)
        texts = await canned.for_language(session, locale_of(conversation.locale))
        if seen == conversation.last_seq:
            return Open(conversation, noted, texts)
        events = await event_log.events_after(session, conversation_id, 0)
    suggested = await suggestions.suggest(service, conversation_id)
    brief = await briefing.brief(service, conversation_id)
    return Open(conversation, noted, texts, events, brief, suggested)
