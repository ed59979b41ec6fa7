"""What the reviewer's forms carry out: decisions on one or many, undo, and what is noted beside them."""

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import StreamingResponse

from bot.faults import DOMAIN_ERRORS
from bot.guards.caller import Caller
from bot.judgements import correction, export, quarantine
from bot.judgements.correction import RightAnswer
from bot.judgements.curation import ANSWER_LIMIT, TITLE_LIMIT
from bot.judgements.deciding import Seen, decide
from bot.judgements.quarantine import BurstDecision
from bot.judgements.undoing import undo
from bot.judgements.verdict import Edit, Verdict, VerdictKind
from bot.pages.frame import PageRoute, go
from bot.pages.review_choice import chosen
from bot.pages.reviewing import PageQuery, Reviewer, Written, page
from bot.rest.identity import service_of
from bot.rest.review_filters import Filtered
from knowledge_base import drifts, feedback
from knowledge_base.reviews import clusters, queue, views

NAME_LIMIT, VIEW_LIMIT = 80, 2000
UNCHECKED = None

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form was sent from: the filters, what comes next, and the version of the cluster that was shown."""

    view: str
    then: UUID | None
    version: int | None

    def address(self, **more: object) -> str:
        """The queue as it was looked at, with more in its address."""
        query = urlencode({name: value for name, value in more.items() if value is not None})
        return "/admin?" + "&".join(part for part in (self.view, query) if part)


def place_of(
    view: Annotated[str, Form(max_length=VIEW_LIMIT)] = "",
    then: Annotated[str, Form(max_length=64)] = "",
    version: Annotated[int | None, Form()] = UNCHECKED,
) -> Place:
    """Where a form was sent from; what is no filter of ours is left out of where it leads."""
    return Place(chosen(view).view, chosen(f"then={then}").then, version)


@dataclass(frozen=True, slots=True)
class Said:
    """What a form says: words, a title, an answer with the wording that was shown, a colleague."""

    text: str
    title: str
    answer_id: str | None
    revision: int
    assignee: str | None


def said_of(
    text: Annotated[str, Form(max_length=ANSWER_LIMIT)] = "",
    title: Annotated[str, Form(max_length=TITLE_LIMIT)] = "",
    answer_id: Annotated[str | None, Form(max_length=255)] = None,
    revision: Annotated[int, Form()] = 0,
    assignee: Annotated[str, Form(max_length=128)] = "",
) -> Said:
    """What a form says."""
    return Said(text, title, answer_id, revision, assignee or None)


Placed = Annotated[Place, Depends(place_of)]
Words = Annotated[Said, Depends(said_of)]
Beside = Literal["note", "flag", "unflag", "assign", "split"]


@router.post("/admin/feedback/{feedback_id}/correct")
async def correct(request: Request, caller: Reviewer, feedback_id: UUID, place: Placed, said: Words) -> Response:
    """Teach the answer that was chosen or written to the whole cluster, and on to the next one."""
    try:
        right = RightAnswer(said.answer_id, None if said.answer_id else said.text, said.title or None)
        verdict = Verdict(VerdictKind.CORRECT, right)
        return await _decided(request, caller, {feedback_id: place.version}, verdict, place)
    except DOMAIN_ERRORS as error:
        # The page comes back with what was written in it.
        return await page(request, caller, _again(place, feedback_id), Written(said.text, said.title), error)


@router.post("/admin/feedback/{feedback_id}/edit")
async def edit(request: Request, caller: Reviewer, feedback_id: UUID, place: Placed, said: Words) -> Response:
    """Give an existing answer new words, teach it to the whole cluster, and on to the next one."""
    try:
        verdict = Verdict(VerdictKind.EDIT, edit=Edit(said.answer_id or "", said.title, said.text, said.revision))
        return await _decided(request, caller, {feedback_id: place.version}, verdict, place)
    except DOMAIN_ERRORS as error:
        written = Written(edit_text=said.text, edit_title=said.title)
        # An answer that is retired stays out of the form: the nearest one that is not takes its place.
        return await page(request, caller, _again(place, feedback_id, edit=said.answer_id or ""), written, error)


@router.post("/admin/feedback/{feedback_id}/approve")
async def approve(request: Request, caller: Reviewer, feedback_id: UUID, place: Placed) -> Response:
    """Say that the answer was right, and on to the next one."""
    return await _simply(request, caller, feedback_id, VerdictKind.APPROVE, place)


@router.post("/admin/feedback/{feedback_id}/dismiss")
async def dismiss(request: Request, caller: Reviewer, feedback_id: UUID, place: Placed) -> Response:
    """Say that there is nothing to learn, and on to the next one."""
    return await _simply(request, caller, feedback_id, VerdictKind.REJECT, place)


@router.post("/admin/review/bulk")
async def decide_in_bulk(
    request: Request,
    caller: Reviewer,
    place: Placed,
    action: Annotated[Literal["approve", "reject", "merge", "flag"], Form()],
    item: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Do one thing with all clusters that were chosen, all at once or not at all."""
    try:
        seen = dict(_seen(one) for one in item or [])
        if not seen:
            return go(place.address())
        if action in ("approve", "reject"):
            return await _decided(request, caller, seen, Verdict(VerdictKind(action)), place)
        await _arrange(request, caller, seen, action)
    except DOMAIN_ERRORS as error:
        return await page(request, caller, chosen(place.view), error=error)
    return go(place.address())


@router.post("/admin/decisions/{decision_id}/undo")
async def undo_decision(request: Request, caller: Reviewer, decision_id: UUID, place: Placed) -> Response:
    """Take a decision back, all of it, and show the first of its judgements again."""
    try:
        reopened = await undo(service_of(request), decision_id, caller.name)
    except DOMAIN_ERRORS as error:
        return await page(request, caller, chosen(place.view), error=error)
    first = reopened[0] if reopened else None
    return go(f"/admin?{urlencode({'item': first, 'reopened': first})}" if first else place.address())


@router.post("/admin/feedback/{feedback_id}/undo")
async def undo_judgement(request: Request, caller: Reviewer, feedback_id: UUID, place: Placed) -> Response:
    """Take the decision on a judgement back, and show it again."""
    async with service_of(request).database.reading() as session:
        held = await feedback.get(session, feedback_id)
    if held.decision_id is not None:
        return await undo_decision(request, caller, held.decision_id, place)
    await correction.undo(service_of(request), feedback_id, caller.name)
    return go(f"/admin?item={feedback_id}&reopened={feedback_id}")


@router.post("/admin/feedback/{feedback_id}/forget")
async def forget(request: Request, caller: Reviewer, feedback_id: UUID, shown: Annotated[UUID, Form()]) -> Response:
    """Forget a vote or a correction with all that it taught, and show the judgement again from which that was done."""
    await correction.forget(service_of(request), feedback_id, caller.name)
    return go("/admin" if shown == feedback_id else f"/admin?item={shown}")


@router.post("/admin/feedback/{feedback_id}/beside/{what}")
async def note_beside(
    request: Request, caller: Reviewer, feedback_id: UUID, what: Beside, place: Placed, said: Words
) -> Response:
    """Leave a note, ask for a closer look, leave it to a colleague, or take it out of its cluster."""
    try:
        async with service_of(request).database.writing() as session:
            if what == "split":
                await clusters.split(session, feedback_id, place.version, caller.name)
            elif what == "note":
                await clusters.note(session, feedback_id, caller.name, said.text)
            elif what == "assign":
                await clusters.assign(session, feedback_id, place.version, caller.name, said.assignee)
            else:
                await clusters.flag(session, feedback_id, place.version, caller.name, flagged=what == "flag")
    except DOMAIN_ERRORS as error:
        return await page(request, caller, _again(place, feedback_id), error=error)
    return go(place.address(item=feedback_id))


@router.post("/admin/review/views")
async def keep_view(
    request: Request,
    caller: Reviewer,
    place: Placed,
    name: Annotated[str, Form(max_length=NAME_LIMIT)],
    action: Annotated[Literal["save", "drop"], Form()] = "save",
) -> Response:
    """Keep the filters under a name, or forget them."""
    async with service_of(request).database.writing() as session:
        if action == "drop":
            await views.drop(session, caller.name, name)
        elif name.strip():
            await views.save(session, caller.name, name.strip(), place.view)
    return go(place.address())


@router.get("/admin/review/export.{kind}")
async def take_out(request: Request, _caller: Reviewer, kind: Literal["csv", "jsonl"], wanted: Filtered) -> Response:
    """The judgements that the filters leave, as a file."""
    made = export.table if kind == "csv" else export.jsonl
    headers = {"Content-Disposition": f'attachment; filename="review.{kind}"', "Cache-Control": "no-store"}
    media = "text/csv; charset=utf-8" if kind == "csv" else "application/x-ndjson"
    return StreamingResponse(made(service_of(request).database, wanted.filters()), media_type=media, headers=headers)


@router.post("/admin/bursts/{answer_id}/{decision}")
async def decide_burst(request: Request, caller: Reviewer, answer_id: UUID, decision: BurstDecision) -> Response:
    """Release or discard the votes on an answer that came in a burst."""
    await quarantine.decide(service_of(request), answer_id, decision, caller.name)
    return go("/admin")


@router.post("/admin/drift/{drift_id}/accept")
async def accept_drift(request: Request, caller: Reviewer, drift_id: UUID) -> Response:
    """End the drift alarm: what is asked now is the usual from now on."""
    async with service_of(request).database.writing() as session:
        await drifts.accept(session, drift_id, caller.name)
    return go("/admin")


async def _simply(request: Request, caller: Caller, feedback_id: UUID, kind: VerdictKind, place: Place) -> Response:
    try:
        return await _decided(request, caller, {feedback_id: place.version}, Verdict(kind), place)
    except DOMAIN_ERRORS as error:
        return await page(request, caller, _again(place, feedback_id), error=error)


async def _decided(request: Request, caller: Caller, seen: Seen, verdict: Verdict, place: Place) -> Response:
    made = await decide(service_of(request), seen, verdict, caller.name)
    return go(place.address(done=made.id, then=place.then))


async def _arrange(request: Request, caller: Caller, seen: Seen, action: str) -> None:
    async with service_of(request).database.writing() as session:
        keys = [key for one in seen if (key := await queue.key_of(session, one)) is not None]
        if action == "merge":
            await clusters.merge(session, keys, caller.name)
            return
        for feedback_id, version in seen.items():
            await clusters.flag(session, feedback_id, version, caller.name, flagged=True)


def _seen(value: str) -> tuple[UUID, int | None]:
    """A chosen item as the list's box has it: the judgement and the version of its cluster."""
    name, _, version = value.partition(":")
    found = chosen(f"item={name}").item
    if found is None:
        raise correction.CorrectionError(f"The item {name[:64]} is none of the queue.")
    return found, int(version) if version.isdecimal() else None


def _again(place: Place, feedback_id: UUID, **more: str) -> PageQuery:
    """The same item once more."""
    return chosen("&".join([place.view, urlencode({"item": feedback_id, **more})]))
