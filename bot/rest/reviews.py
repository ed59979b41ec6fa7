"""The review queue for programs: all that its pages can do."""

from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from bot.judgements import export, reading, review
from bot.judgements.deciding import decide
from bot.judgements.undoing import undo
from bot.rest.admin_bodies import JudgementBody
from bot.rest.done import DoneBody
from bot.rest.identity import Reviewer, service_of
from bot.rest.review_filters import Filtered, ReviewQuery
from bot.rest.reviews_bodies import (
    NAME_LIMIT,
    BesideBody,
    ClusterBody,
    ClusterIdBody,
    DecidedBody,
    MergeBody,
    NoteBody,
    ReadingBody,
    ReviewBody,
    ReviewsBody,
    UndoneBody,
    VerdictBody,
    ViewBody,
)
from knowledge_base import feedback
from knowledge_base.errors import FeedbackNotFoundError
from knowledge_base.reviews import clusters, notes, queue, views
from knowledge_base.reviews.filters import Filters
from knowledge_base.reviews.queue import Cluster

router = APIRouter(prefix="/api/v1/admin/reviews", tags=["review"])

MEMBERS, CLUSTERS = 20, 50
ViewName = Annotated[str, Path(max_length=NAME_LIMIT)]


class PagedQuery(ReviewQuery):
    """Which judgements are wanted, and of how many clusters."""

    limit: Annotated[int, Query(ge=1, le=200)] = CLUSTERS


@router.get("")
async def read_queue(request: Request, _caller: Reviewer, wanted: Annotated[PagedQuery, Query()]) -> ReviewsBody:
    """Failures by cluster, those first of which a decision gains most."""
    filters = wanted.filters()
    async with service_of(request).database.reading() as session:
        found = await queue.clusters(session, filters, wanted.limit)
        items = await queue.items(session, filters, [cluster.id for cluster in found], MEMBERS)
    bodies = [ClusterBody.of(cluster, items.get(cluster.id, ())) for cluster in found]
    return ReviewsBody(total=found[0].of if found else 0, clusters=bodies)


@router.get(
    "/export.{kind}",
    response_class=StreamingResponse,
    responses={HTTPStatus.OK: {"content": {"text/csv": {}, "application/x-ndjson": {}}}},
)
async def take_out(
    request: Request, _caller: Reviewer, kind: Literal["csv", "jsonl"], wanted: Filtered
) -> StreamingResponse:
    """The judgements that the filters leave, as a file: JSON lines, or CSV without formulae."""
    made, media = (export.table, "text/csv; charset=utf-8") if kind == "csv" else (export.jsonl, "application/x-ndjson")
    return StreamingResponse(made(service_of(request).database, wanted.filters()), media_type=media)


@router.get("/views")
async def saved_views(request: Request, caller: Reviewer) -> dict[str, str]:
    """The caller's saved views, the query of each by its name."""
    async with service_of(request).database.reading() as session:
        return await views.of(session, caller.name)


@router.put("/views/{name}", status_code=HTTPStatus.NO_CONTENT)
async def save_view(request: Request, caller: Reviewer, name: ViewName, body: ViewBody) -> None:
    """Keep filters under a name."""
    async with service_of(request).database.writing() as session:
        await views.save(session, caller.name, name, body.query)


@router.delete("/views/{name}", status_code=HTTPStatus.NO_CONTENT)
async def drop_view(request: Request, caller: Reviewer, name: ViewName) -> None:
    """Forget a saved view."""
    async with service_of(request).database.writing() as session:
        await views.drop(session, caller.name, name)


@router.post("/decisions")
async def make_decision(request: Request, caller: Reviewer, body: VerdictBody) -> DecidedBody:
    """Decide on the clusters of these judgements, all at once or not at all."""
    return DecidedBody.of(await decide(service_of(request), body.seen(), body.verdict(), caller.name))


@router.post("/decisions/{decision_id}/undo")
async def undo_decision(request: Request, caller: Reviewer, decision_id: UUID) -> UndoneBody:
    """Take a decision back: the bot behaves as it did before."""
    return UndoneBody(judgements=await undo(service_of(request), decision_id, caller.name))


@router.post("/merge")
async def merge(request: Request, caller: Reviewer, body: MergeBody) -> ClusterIdBody:
    """Make one cluster of those of these judgements."""
    async with service_of(request).database.writing() as session:
        keys = [await _key(session, one) for one in body.ids]
        return ClusterIdBody(id=await clusters.merge(session, keys, caller.name))


@router.get("/{feedback_id}")
async def one_review(request: Request, _caller: Reviewer, feedback_id: UUID) -> ReviewBody:
    """One judgement with its cluster, the notes beside it, and what was done with it."""
    async with service_of(request).database.reading() as session:
        item = await review.judgement(session, feedback_id)
        around = Filters.around(item.feedback)
        cluster = await queue.one(session, feedback_id, around)
        if cluster is None:
            cluster = Cluster(await _key(session, feedback_id), 1, 1, 0.0, 0.0, item.feedback.created_at)
        members = (await queue.items(session, around, [cluster.id], MEMBERS)).get(cluster.id, ())
        beside = await notes.of_turns(session, [item.judged.id, *(one.feedback.message_id for one in members)])
        trail = await notes.trail(session, [cluster.id, feedback_id, item.judged.id])
    return ReviewBody(
        judgement=JudgementBody.of_judgement(item),
        cluster=ClusterBody.of(cluster, members),
        notes=[NoteBody.of(note) for note in beside],
        trail=[DoneBody.of(entry) for entry in trail],
    )


@router.get("/{feedback_id}/reading")
async def read_now(request: Request, _caller: Reviewer, feedback_id: UUID) -> ReadingBody:
    """How the bot reads the question now: how sure it is, and which words it attends to."""
    async with service_of(request).database.reading() as session:
        held = await feedback.get(session, feedback_id)
    return ReadingBody.of(await reading.read_again(service_of(request), held.message_id))


@router.patch("/{feedback_id}", status_code=HTTPStatus.NO_CONTENT)
async def say_beside(request: Request, caller: Reviewer, feedback_id: UUID, body: BesideBody) -> None:
    """Flag a judgement's cluster, assign it (to nobody with null), or leave a note; what is left out stays."""
    async with service_of(request).database.writing() as session:
        seen = body.version
        if body.flagged is not None:
            await clusters.flag(session, feedback_id, seen, caller.name, flagged=body.flagged)
            seen = None
        if "assignee" in body.model_fields_set:
            await clusters.assign(session, feedback_id, seen, caller.name, body.assignee)
        if body.note:
            await clusters.note(session, feedback_id, caller.name, body.note)


@router.post("/{feedback_id}/split")
async def split(request: Request, caller: Reviewer, feedback_id: UUID, version: int | None = None) -> ClusterIdBody:
    """Take a judgement out of its cluster: it is a problem of its own."""
    async with service_of(request).database.writing() as session:
        return ClusterIdBody(id=await clusters.split(session, feedback_id, version, caller.name))


async def _key(session: AsyncSession, feedback_id: UUID) -> UUID:
    key = await queue.key_of(session, feedback_id)
    if key is None:
        raise FeedbackNotFoundError(feedback_id)
    return key
