"""Whether the service lives, and whether it can answer."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bot.errors import NotReadyError
from bot.faults import fault_of
from bot.rest.identity import service_of
from bot.rest.problems import problem
from bot.serving.active_model import Serving
from bot.waiting import sentence
from knowledge_base import changes
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process lives."""
    return {"status": "alive"}


@router.get("/readyz", responses={HTTPStatus.SERVICE_UNAVAILABLE: {"description": "Not ready, with the reasons."}})
async def readyz(request: Request) -> Response:
    """The database answers and the model is loaded; 503 with the reasons otherwise.

    `waiting` is how many positions are stored and not found before they are encoded; then `detail` says what to do.
    """
    service = service_of(request)
    missing = await reasons(service.database, service.serving)
    if missing:
        return problem(fault_of(NotReadyError()), " ".join(missing.values()), reasons=missing)
    count = await service.waiting.count()
    ready = {"status": "ready", "model_version": service.serving.model_version, "waiting": count}
    return JSONResponse(ready | ({"detail": sentence(count)} if count else {}))


async def reasons(database: Database, serving: Serving) -> dict[str, str]:
    """What keeps a service from answering, by the part that is at fault."""
    missing: dict[str, str] = {}
    try:
        async with database.reading() as session:
            await changes.latest(session)
    except DatabaseUnavailableError as error:
        missing["database"] = str(error)
    if not serving.ready:
        missing["model"] = "The model is not loaded yet."
    return missing
