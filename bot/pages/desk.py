"""The agent's desk: who waits, and the conversation that is open."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response

from bot.desk import handoff
from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.pages.frame import PageRoute, go, show, signed_in
from bot.rest.identity import service_of
from knowledge_base.accounts import AccountRole

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Agent = Annotated[Caller, Depends(signed_in(AccountRole.AGENT))]


@router.get("/agent")
async def desk_page(request: Request, caller: Agent, conversation: UUID | None = None) -> Response:
    """The waiting conversations, the agent's own, and the one that was chosen."""
    return await _page(request, caller, conversation)


@router.post("/agent/conversations/{conversation_id}/take")
async def take(request: Request, caller: Agent, conversation_id: UUID) -> Response:
    """Take the conversation."""
    await handoff.take(service_of(request), conversation_id, caller.name)
    return go(f"/agent?conversation={conversation_id}")


@router.post("/agent/conversations/{conversation_id}/return")
async def give_back(request: Request, caller: Agent, conversation_id: UUID) -> Response:
    """Let the bot answer again."""
    await handoff.give_back(service_of(request), conversation_id, caller.name)
    return go(f"/agent?conversation={conversation_id}")


@router.post("/agent/conversations/{conversation_id}/close")
async def close(request: Request, caller: Agent, conversation_id: UUID) -> Response:
    """End the conversation."""
    await handoff.close(service_of(request), conversation_id, caller.name)
    return go("/agent")


@router.post("/agent/conversations/{conversation_id}/messages")
async def say(request: Request, caller: Agent, conversation_id: UUID, text: Annotated[str, Form()] = "") -> Response:
    """Write to the customer."""
    try:
        await handoff.say(service_of(request), conversation_id, caller.name, text)
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, conversation_id, error, text)
    return go(f"/agent?conversation={conversation_id}")


async def _page(
    request: Request, caller: Caller, conversation_id: UUID | None, error: DomainError | None = None, text: str = ""
) -> Response:
    service = service_of(request)
    async with service.database.reading() as session:
        values = {
            "waiting": await handoff.waiting(session),
            "mine": await handoff.held_by(session, caller.name),
            "open": await handoff.handed(session, conversation_id) if conversation_id else None,
        }
    return show(
        request,
        "agent/desk.html",
        caller,
        fault_of(error).status if error else 200,
        section="agent",
        problem=str(error) if error else "",
        text=text,
        text_limit=service.settings.text_limit,
        **values,
    )
