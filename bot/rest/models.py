"""The model over REST: its versions, updates of it, promotion and roll-back."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from bot.rest.admin_bodies import ModelBody
from bot.rest.identity import Reviewer, service_of
from bot.updates import guarding, history, promotion
from bot.updates.history import Origin
from knowledge_base import update_runs
from knowledge_base.live_figures import LiveFigures
from knowledge_base.models import ModelVersion
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


class VersionBody(ModelBody):
    """A version, and where it comes from.

    It learned from what was stored `learned_until` then; what came after `learned_since` its `parent` had not seen.
    """

    parent: str | None
    learned_since: datetime | None
    learned_until: datetime
    asked_by: str | None
    checksum: str | None
    saw_erased: bool
    gate: dict[str, Any]

    @classmethod
    def of_origin(cls, origin: Origin) -> Self:
        """The JSON of a version with its origin."""
        return cls(
            **ModelBody.of(origin.version).model_dump(),
            parent=origin.parent,
            learned_since=origin.since,
            learned_until=origin.until,
            asked_by=origin.asked_by,
            checksum=origin.version.checksum,
            saw_erased=origin.saw_erased,
            gate=origin.gate,
        )


class VersionsBody(BaseModel):
    """All versions, newest first."""

    models: list[VersionBody]


class CountedBody(BaseModel):
    """What a version did in service."""

    version: str
    turns: int
    handoffs: int
    votes: int
    downs: int

    @classmethod
    def of(cls, version: ModelVersion, figures: LiveFigures) -> Self:
        """The JSON of a version's figures."""
        return cls(
            version=version.name,
            turns=figures.turns,
            handoffs=figures.handoffs,
            votes=figures.votes,
            downs=figures.downs,
        )


class GuardBody(BaseModel):
    """What the live guard sees: the version that answers beside the one before it, null where there is none.

    `votes_evidence` and `turns_evidence` are how much of a roll-back's proof there is, 1 for all of it; null while
    there is too little to tell.
    """

    active: CountedBody | None
    before: CountedBody | None
    votes_evidence: float | None
    turns_evidence: float | None


class UpdatesBody(BaseModel):
    """The newest updates, newest first."""

    updates: list[UpdateBody]


@router.get("/models")
async def model_versions(request: Request, _caller: Reviewer) -> VersionsBody:
    """The model's versions with their figures and where they come from, newest first."""
    async with service_of(request).database.reading() as session:
        return VersionsBody(models=[VersionBody.of_origin(origin) for origin in await history.origins(session)])


@router.get("/models/guard")
async def live_guard(request: Request, _caller: Reviewer) -> GuardBody:
    """What the live guard sees of the version that answers."""
    async with service_of(request).database.reading() as session:
        seen = await guarding.watched(session)
    if seen is None:
        return GuardBody(active=None, before=None, votes_evidence=None, turns_evidence=None)
    return GuardBody(
        active=CountedBody.of(seen.active, seen.now),
        before=CountedBody.of(seen.before, seen.usual),
        votes_evidence=seen.votes,
        turns_evidence=seen.turns,
    )


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
