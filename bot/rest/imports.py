"""Imports over REST: a file is sent, looked at, and imported when somebody says so."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, Field

from bot.fields import Name
from bot.imports import receiving, uploads
from bot.imports.receiving import Received, Wish
from bot.rest.identity import Reviewer, service_of
from knowledge_base import import_runs
from knowledge_base.import_runs import ImportRun, ImportState
from knowledge_base.ingestion.formats import COLLECTION_LENGTH

router = APIRouter(prefix="/api/v1/admin/imports", tags=["answers"])

Format = Literal["auto", "faq", "dialogues", "messages", "pages", "zendesk", "chatwoot", "intercom"]
Collection = Annotated[Name, Field(max_length=COLLECTION_LENGTH)]


class ImportBody(BaseModel):
    """A file on its way into the memory.

    `found` is what was seen in it (format, records read, rejected ones with their numbers and reasons), `result` what
    its import did, `problem` why there is none. `progress` is in [0, 1].
    """

    id: UUID
    name: str
    size: int
    options: dict[str, Any]
    state: ImportState
    stage: str | None
    progress: float
    found: dict[str, Any]
    result: dict[str, Any]
    problem: str | None
    requested_by: str
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, run: ImportRun) -> Self:
        """The JSON of a file."""
        return cls.model_validate(run, from_attributes=True)


class ImportsBody(BaseModel):
    """The newest files, newest first."""

    imports: list[ImportBody]


def wish_of(
    format: Annotated[Format, Form()] = "auto",  # noqa: A002 - the field's name
    collection: Annotated[Collection, Form()] = "default",
    approve: Annotated[Literal["", "auto", "review"], Form()] = "",
    *,
    strict: Annotated[bool, Form()] = False,
) -> Wish:
    """How a file is to be imported, as a form says it."""
    return Wish(format, collection, approve or None, strict)


@router.post("", status_code=HTTPStatus.ACCEPTED)
async def send_file(
    request: Request,
    caller: Reviewer,
    file: Annotated[UploadFile, File(description="A file that `weaver import` reads, of at most 100 MB.")],
    wish: Annotated[Wish, Depends(wish_of)],
    size: Annotated[int | None, Form(ge=0)] = None,
) -> ImportBody:
    """Send a file. It is looked at; nothing of it is imported before `…/start`.

    `size` is how many bytes it has: a file of which fewer arrive is refused.
    """
    service = service_of(request)
    received = Received(uploads.name_of(file.filename), file.file, size)
    return ImportBody.of(await receiving.receive(service.database, service.settings, received, wish, caller.name))


@router.get("")
async def list_imports(
    request: Request, _caller: Reviewer, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> ImportsBody:
    """The newest files with what became of them."""
    async with service_of(request).database.reading() as session:
        return ImportsBody(imports=[ImportBody.of(run) for run in await import_runs.latest(session, limit)])


@router.get("/{import_id}")
async def one_import(request: Request, _caller: Reviewer, import_id: UUID) -> ImportBody:
    """One file: how far it is, what was found in it, what came of it."""
    async with service_of(request).database.reading() as session:
        return ImportBody.of(await import_runs.get(session, import_id))


@router.post("/{import_id}/start")
async def start_import(request: Request, caller: Reviewer, import_id: UUID) -> ImportBody:
    """Import a file that was looked at, or go on with one that was stopped."""
    return ImportBody.of(await receiving.start(service_of(request).database, import_id, caller.name))


@router.post("/{import_id}/stop")
async def stop_import(request: Request, caller: Reviewer, import_id: UUID) -> ImportBody:
    """Stop an import. What it has stored stays; `…/start` goes on with the rest."""
    return ImportBody.of(await receiving.stop(service_of(request).database, import_id, caller.name))


@router.post("/{import_id}/discard")
async def discard_import(request: Request, _caller: Reviewer, import_id: UUID) -> ImportBody:
    """Delete a file that is not being imported."""
    service = service_of(request)
    return ImportBody.of(await receiving.discard(service.database, service.settings, import_id))
