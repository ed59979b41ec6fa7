"""Imports: files are dropped on the page, looked at, and imported when somebody says so."""

from collections.abc import Awaitable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.imports import receiving, uploads
from bot.imports.receiving import Received, Wish
from bot.pages.frame import PageRoute, go, show, signed_in
from bot.rest.identity import service_of
from bot.rest.imports import wish_of
from knowledge_base import answer_search, import_runs
from knowledge_base.accounts import AccountRole
from knowledge_base.ingestion.formats import COLLECTION_LENGTH, NAMES

SHOWN = 20

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


@router.get("/admin/imports")
async def imports_page(request: Request, caller: Reviewer) -> Response:
    """Where files are dropped, and what became of those that were."""
    return await _page(request, caller)


@router.post("/admin/imports")
async def send_file(
    request: Request,
    caller: Reviewer,
    file: Annotated[UploadFile, File()],
    wish: Annotated[Wish, Depends(wish_of)],
    size: Annotated[int | None, Form(ge=0)] = None,
) -> Response:
    """Take a file, where there are no scripts; it is looked at next."""
    service = service_of(request)
    received = Received(uploads.name_of(file.filename), file.file, size)
    kept = receiving.receive(service.database, service.settings, received, wish, caller.name)
    return await _done(request, caller, kept)


@router.post("/admin/imports/{import_id}/start")
async def start_import(request: Request, caller: Reviewer, import_id: UUID) -> Response:
    """Import a file that was looked at, or go on with one that was stopped."""
    return await _done(request, caller, receiving.start(service_of(request).database, import_id, caller.name))


@router.post("/admin/imports/{import_id}/stop")
async def stop_import(request: Request, caller: Reviewer, import_id: UUID) -> Response:
    """Stop an import; what it has stored stays."""
    return await _done(request, caller, receiving.stop(service_of(request).database, import_id, caller.name))


@router.post("/admin/imports/{import_id}/discard")
async def discard_import(request: Request, caller: Reviewer, import_id: UUID) -> Response:
    """Delete a file that is not being imported."""
    service = service_of(request)
    return await _done(request, caller, receiving.discard(service.database, service.settings, import_id))


async def _done(request: Request, caller: Caller, work: Awaitable[object]) -> Response:
    try:
        await work
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, error)
    return go("/admin/imports")


async def _page(request: Request, caller: Caller, error: DomainError | None = None) -> Response:
    async with service_of(request).database.reading() as session:
        runs = await import_runs.latest(session, SHOWN)
        choices = await answer_search.choices(session)
    return show(
        request,
        "admin/imports.html",
        caller,
        fault_of(error).status if error else 200,
        section="answers",
        part="imports",
        runs=runs,
        under_way=any(run.under_way for run in runs),
        formats=NAMES,
        collections=sorted({"default", *choices.collections}),
        collection_length=COLLECTION_LENGTH,
        most=uploads.MOST_BYTES >> 20,
        problem=str(error) if error else "",
    )
