"""`GET /metrics`: what the service counts, in the form that Prometheus reads."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from bot.rest.identity import service_of
from bot.service import Service
from knowledge_base import conversations
from knowledge_base.conversations import Mode
from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.watching import alarms
from weaver_core.topics import Kind

router = APIRouter(tags=["health"])


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """Counters of this process since it began, and how things stand now. No text of anybody's is in it."""
    service = service_of(request)
    counted = generate_latest(service.metrics.registry) + generate_latest(await _standing(service))
    return Response(counted, media_type=CONTENT_TYPE_LATEST)


async def _standing(service: Service) -> CollectorRegistry:
    """How things stand. What only the database knows is left out while it cannot be reached."""
    registry = CollectorRegistry()
    version = Gauge("weaver_model_info", "The version that answers; always 1.", ("version",), registry=registry)
    version.labels(service.serving.model_version).set(1)
    Gauge("weaver_answers", "Answers that can be found.", registry=registry).set(service.serving.answers)
    database = Gauge("weaver_database_up", "Whether the database answers.", registry=registry)
    try:
        async with service.database.reading() as session:
            waiting = await conversations.count_in_mode(session, Mode.WAITING)
            alarming = await alarms.count_open(session)
        unread = await service.waiting.count()
    except DatabaseUnavailableError:
        database.set(0)
        return registry
    database.set(1)
    Gauge("weaver_conversations_waiting", "Conversations that wait for a person.", registry=registry).set(waiting)
    topics = Gauge("weaver_topic_alarms", "Alarms on topics that nobody knows of yet.", ("kind",), registry=registry)
    for kind in Kind:
        topics.labels(kind.value).set(alarming.get(kind.value, 0))
    Gauge("weaver_positions_waiting", "Positions that wait for encoding.", registry=registry).set(unread)
    return registry
