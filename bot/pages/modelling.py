"""The model's versions, where they come from, how they do, and the updates that made them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup

from bot.guards.caller import Caller
from bot.pages import model_charts, words
from bot.pages.frame import PageRoute, go, language_of, show, signed_in
from bot.pages.words import LANGUAGE_NAMES
from bot.rest.identity import service_of
from bot.updates import guarding, history, promotion, shown
from bot.updates.history import Origin
from bot.updates.progress import TRAINING
from knowledge_base import live_figures, models, update_runs
from knowledge_base.accounts import AccountRole
from knowledge_base.update_runs import QUEUED, RUNNING, UpdateRun

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SHOWN_RUNS = 5
UNDER_WAY = (QUEUED, RUNNING)
PLACE = "/admin/models"


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


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with what it is drawn from: each series by name, with its points."""

    picture: Markup
    series: Mapping[str, Sequence[tuple[float, float]]]


Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


@router.get("/admin/models")
async def models_page(request: Request, caller: Reviewer) -> Response:
    """All versions, newest first, with the update that is under way or the last one and its gate's report."""
    service, say = service_of(request), partial(words.say, locale=language_of(request))
    async with service.database.reading() as session:
        origins = await history.origins(session)
        runs = [await shown.show(session, run) for run in await update_runs.latest(session, SHOWN_RUNS)]
        active = await models.active(session)
        live = await live_figures.of_version(session, active.id, guarding.MOST) if active else None
        watched = await guarding.watched(session)
    values: dict[str, Any] = {
        "versions": [(origin, fits(origin.version.metrics)) for origin in origins],
        "lineage": model_charts.lineage(origins, say("models_lineage"), say) if len(origins) > 1 else None,
        "accuracy": _accuracy(origins, say("models_curve")),
        "live": live,
        "watched": watched,
        "runs": runs,
        "losses": {one.run.id: _losses(one.run, say("models_losses")) for one in runs},
        "interval": model_charts.interval,
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
    return go(PLACE)


@router.post("/admin/models/update/{run_id}/cancel")
async def cancel_update(request: Request, caller: Reviewer, run_id: UUID) -> Response:
    """End an update that waits or is under way."""
    async with service_of(request).database.writing() as session:
        await update_runs.cancel(session, run_id, caller.name)
    return go(PLACE)


@router.post("/admin/models/rollback")
async def roll_back(request: Request, caller: Reviewer) -> Response:
    """Let the version before answer again."""
    service = service_of(request)
    await promotion.roll_back(service.database, service.serving.shelf, caller.name)
    return go(PLACE)


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
    return go(PLACE)


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


def _accuracy(origins: Sequence[Origin], name: str) -> Chart | None:
    """How often questions found their answer, version after version; None while there is one version."""
    found = {LANGUAGE_NAMES.get(one, one): points for one, points in history.accuracies(origins).items()}
    if max(map(len, found.values()), default=0) < 2:  # noqa: PLR2004 - a curve has two points
        return None
    return Chart(model_charts.curves(found, name, lambda x: f"v{x:g}", lambda y: f"{100 * y:.0f} %"), found)


def _losses(run: UpdateRun, name: str) -> Chart | None:
    """The loss of a training, step after step; None where nothing was trained."""
    held: dict[str, list[tuple[float, float]]] = {
        encoder: [(step, loss) for step, loss in points] for encoder, points in run.figures.get(TRAINING, {}).items()
    }
    if not any(held.values()):
        return None
    return Chart(model_charts.curves(held, name, lambda x: f"{x:g}", lambda y: f"{y:.2f}"), held)
