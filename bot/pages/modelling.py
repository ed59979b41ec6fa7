"""The model's versions, their figures, and the updates that made them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from bot.guards.caller import Caller
from bot.pages.frame import PageRoute, go, show, signed_in
from bot.pages.words import LANGUAGE_NAMES
from bot.rest.identity import service_of
from bot.updates import guarding, promotion, shown
from knowledge_base import live_figures, models, update_runs
from knowledge_base.accounts import AccountRole
from knowledge_base.update_runs import QUEUED, RUNNING

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SHOWN_RUNS = 5
UNDER_WAY = (QUEUED, RUNNING)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What one language's questions came to, each left out: how many, the share that found its answer, and how sure.

    `loss` is in nats. None is what was not kept.
    """

    language: str
    questions: int | None
    accuracy: float | None
    confidence: float | None
    loss: float | None


Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


@router.get("/admin/models")
async def models_page(request: Request, caller: Reviewer) -> Response:
    """All versions, newest first, with the update that is under way or the last one and its gate's report."""
    async with service_of(request).database.reading() as session:
        versions = await models.every(session)
        runs = [await shown.show(session, run) for run in await update_runs.latest(session, SHOWN_RUNS)]
        active = next((version for version in versions if version.state == models.ACTIVE), None)
        live = await live_figures.of_version(session, active.id, guarding.MOST) if active else None
    service = service_of(request)
    values = {
        "versions": [(version, fits(version.metrics)) for version in versions],
        "live": live,
        "runs": runs,
        "under_way": next((one.run for one in runs if one.run.state in UNDER_WAY), None),
        "answers": service.serving.model_version,
        "schedule": service.settings.update_schedule,
    }
    return show(request, "admin/models.html", caller, section="models", **values)


@router.post("/admin/models/update")
async def ask_for_update(request: Request, caller: Reviewer) -> Response:
    """Ask for an update now."""
    async with service_of(request).database.writing() as session:
        await update_runs.request(session, caller.name)
    return go("/admin/models")


@router.post("/admin/models/update/{run_id}/cancel")
async def cancel_update(request: Request, caller: Reviewer, run_id: UUID) -> Response:
    """End an update that waits or is under way."""
    async with service_of(request).database.writing() as session:
        await update_runs.cancel(session, run_id, caller.name)
    return go("/admin/models")


@router.post("/admin/models/rollback")
async def roll_back(request: Request, caller: Reviewer) -> Response:
    """Let the version before answer again."""
    service = service_of(request)
    await promotion.roll_back(service.database, service.serving.shelf, caller.name)
    return go("/admin/models")


@router.post("/admin/models/{name}/{step}")
async def move(
    request: Request, caller: Reviewer, name: str, step: Literal["promote", "shadow", "unshadow"]
) -> Response:
    """Let a version answer, or be asked in the background, or no more."""
    service = service_of(request)
    if step == "promote":
        await promotion.promote(service.database, service.serving.shelf, name, caller.name)
    elif step == "shadow":
        await promotion.to_shadow(service.database, service.serving.shelf, name, caller.name)
    else:
        await promotion.end_shadow(service.database, caller.name)
    return go("/admin/models")


def fits(metrics: Mapping[str, Any]) -> list[Fitted]:
    """What a version reached by language, as it was kept with it; versions of earlier days kept less."""
    by_language: dict[str, dict[str, Any]] = {name: found for name, found in metrics.items() if isinstance(found, dict)}
    return [
        Fitted(
            LANGUAGE_NAMES.get(language, language),
            found.get("questions"),
            found.get("accuracy"),
            found.get("confidence"),
            found.get("loss"),
        )
        for language, found in by_language.items()
    ]
