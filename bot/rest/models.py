"""The model over REST: its versions, updates of it, promotion and roll-back."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from bot.rest.admin_bodies import ModelBody, ModelsBody
from bot.rest.identity import Reviewer, service_of
from bot.updates import promotion
from knowledge_base import models, update_runs
from knowledge_base.update_runs import UpdateRun

router = APIRouter(prefix="/api/v1/admin", tags=["model"])


class UpdateBody(BaseModel):
    """An update of the model: how far it is, and what came out, the gate's report in it."""

    id: UUID
    state: str
    stage: str | None
    progress: float
    log: str
    figures: dict[str, Any]
    requested_by: str | None
    started_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, run: UpdateRun) -> Self:
        """The JSON of a run."""
        return cls(**{name: getattr(run, name) for name in cls.model_fields})


class UpdatesBody(BaseModel):
    """The newest updates, newest first."""

    updates: list[UpdateBody]


@router.get("/models")
async def model_versions(request: Request, _caller: Reviewer) -> ModelsBody:
    """The model's versions with their figures, newest first."""
    async with service_of(request).database.reading() as session:
        return ModelsBody(models=[ModelBody.of(version) for version in await models.every(session)])


@router.post("/models/rollback")
async def roll_back(request: Request, caller: Reviewer) -> ModelBody:
    """Let the version answer again that did before the active one was made."""
    service = service_of(request)
    return ModelBody.of(await promotion.roll_back(service.database, service.serving.shelf, caller.name))


@router.delete("/models/shadow", status_code=HTTPStatus.NO_CONTENT)
async def end_shadow(request: Request, caller: Reviewer) -> None:
    """Ask no version in the background any more."""
    await promotion.end_shadow(service_of(request).database, caller.name)


@router.post("/models/{name}/promote")
async def promote(request: Request, caller: Reviewer, name: str) -> ModelBody:
    """Let a version answer from now on, in every process."""
    service = service_of(request)
    return ModelBody.of(await promotion.promote(service.database, service.serving.shelf, name, caller.name))


@router.post("/models/{name}/shadow")
async def to_shadow(request: Request, caller: Reviewer, name: str) -> ModelBody:
    """Ask a version in the background: what it would have said is kept, the active one answers."""
    service = service_of(request)
    return ModelBody.of(await promotion.to_shadow(service.database, service.serving.shelf, name, caller.name))


@router.get("/updates")
async def updates(request: Request, _caller: Reviewer) -> UpdatesBody:
    """The newest updates with the gate's reports."""
    async with service_of(request).database.reading() as session:
        return UpdatesBody(updates=[UpdateBody.of(run) for run in await update_runs.latest(session)])


@router.post("/updates", status_code=HTTPStatus.ACCEPTED)
async def ask_for_update(request: Request, caller: Reviewer) -> UpdateBody:
    """Ask for an update now; one that waits or is under way is the one that was asked for."""
    async with service_of(request).database.writing() as session:
        return UpdateBody.of(await update_runs.request(session, caller.name))


@router.get("/updates/{run_id}")
async def one_update(request: Request, _caller: Reviewer, run_id: UUID) -> UpdateBody:
    """One update: how far it is, or what came out."""
    async with service_of(request).database.reading() as session:
        return UpdateBody.of(await update_runs.get(session, run_id))


@router.delete("/updates/{run_id}")
async def cancel_update(request: Request, caller: Reviewer, run_id: UUID) -> UpdateBody:
    """End an update that waits or is under way."""
    async with service_of(request).database.writing() as session:
        return UpdateBody.of(await update_runs.cancel(session, run_id, caller.name))
