"""The team's canned texts: made, edited, deleted by any agent."""

from collections.abc import Awaitable
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response

from bot.desk import canned
from bot.desk.canned import SHORTCUT_LENGTH
from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.pages import words
from bot.pages.frame import PageRoute, go, language_of, show, signed_in
from bot.rest.identity import service_of
from knowledge_base import canned_texts
from knowledge_base.accounts import AccountRole
from knowledge_base.canned_texts import Draft

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Agent = Annotated[Caller, Depends(signed_in(AccountRole.AGENT))]
Language = Annotated[Literal["en", "zh"], Form()]


@router.get("/agent/canned")
async def canned_page(request: Request, caller: Agent) -> Response:
    """All canned texts, and a form for another."""
    return await _page(request, caller)


@router.post("/agent/canned")
async def add(
    request: Request,
    caller: Agent,
    shortcut: Annotated[str, Form()] = "",
    language: Language = "en",
    text: Annotated[str, Form()] = "",
) -> Response:
    """Make a canned text."""
    made = canned.save(service_of(request), shortcut, language, text, caller.name)
    return await _done(request, caller, made, Draft(shortcut, language, text))


@router.post("/agent/canned/{canned_id}")
async def change(
    request: Request,
    caller: Agent,
    canned_id: UUID,
    shortcut: Annotated[str, Form()] = "",
    language: Language = "en",
    text: Annotated[str, Form()] = "",
) -> Response:
    """Give a canned text other words."""
    changed = canned.save(service_of(request), shortcut, language, text, caller.name, canned_id)
    return await _done(request, caller, changed, Draft(shortcut, language, text), canned_id)


@router.post("/agent/canned/{canned_id}/delete")
async def remove(request: Request, caller: Agent, canned_id: UUID) -> Response:
    """Delete a canned text."""
    return await _done(request, caller, canned.remove(service_of(request), canned_id, caller.name))


async def _done(
    request: Request,
    caller: Caller,
    work: Awaitable[object],
    draft: Draft | None = None,
    canned_id: UUID | None = None,
) -> Response:
    try:
        await work
    except DOMAIN_ERRORS as error:
        # The page comes back with what was written in it.
        return await _page(request, caller, error, draft, canned_id)
    return go("/agent/canned")


async def _page(
    request: Request,
    caller: Caller,
    error: DomainError | None = None,
    draft: Draft | None = None,
    canned_id: UUID | None = None,
) -> Response:
    service = service_of(request)
    async with service.database.reading() as session:
        texts = await canned_texts.every(session)
    return show(
        request,
        "agent/canned.html",
        caller,
        fault_of(error).status if error else 200,
        section="agent",
        texts=texts,
        draft=draft or Draft("", language_of(request), ""),
        editing=canned_id,
        problem=str(error) if error else "",
        languages=words.LANGUAGE_NAMES,
        limits={"shortcut": SHORTCUT_LENGTH + 1, "text": service.settings.text_limit},
    )
