"""Dialogues, imported ones and live ones: searched and read; nobody changes them here."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from bot.guards.caller import Caller
from bot.judgements import dialogue_file
from bot.pages.frame import PageRoute, show, signed_in
from bot.rest.identity import service_of
from bot.rest.search_queries import DialogueQuery
from knowledge_base import dialogue_search, dialogues
from knowledge_base.accounts import AccountRole
from knowledge_base.dialogue_search import DialogueKind
from knowledge_base.errors import DialogueNotFoundError

SHOWN = 50

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


@router.get("/admin/dialogues")
async def dialogues_page(request: Request, caller: Reviewer, wanted: Annotated[DialogueQuery, Query()]) -> Response:
    """The dialogues that the filters leave, newest first."""
    async with service_of(request).database.reading() as session:
        found = await dialogue_search.find(session, wanted.filters(), SHOWN + 1, wanted.before)
        collections, channels = await dialogue_search.choices(session)
        erased = await dialogue_search.erasures(session)
        stored = await dialogues.count(session)
    return show(
        request,
        "admin/dialogues.html",
        caller,
        section="answers",
        part="dialogues",
        wanted=wanted,
        found=found[:SHOWN],
        older=found[SHOWN - 1].id if len(found) > SHOWN else None,
        kinds=list(DialogueKind),
        collections=collections,
        channels=channels,
        erased=erased,
        stored=stored,
    )


@router.get("/admin/dialogues/{dialogue_id}")
async def dialogue_page(request: Request, caller: Reviewer, dialogue_id: UUID) -> Response:
    """One dialogue with all that was said; one that is erased is told as such."""
    async with service_of(request).database.reading() as session:
        try:
            file = await dialogue_file.read(session, dialogue_id)
        except DialogueNotFoundError:
            return show(
                request, "admin/dialogue_gone.html", caller, HTTPStatus.NOT_FOUND, section="answers", part="dialogues"
            )
    return show(request, "admin/dialogue.html", caller, section="answers", part="dialogues", file=file)
