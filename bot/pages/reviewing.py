"""The reviewer's queue: one judgement at a time, decided with one click."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.judgements import correction, lineage, quarantine, review
from bot.judgements.correction import RightAnswer
from bot.judgements.curation import ANSWER_LIMIT, TITLE_LIMIT
from bot.judgements.quarantine import BurstDecision
from bot.judgements.review import Judgement
from bot.pages import words
from bot.pages.frame import PageRoute, go, language_of, show, signed_in
from bot.rest.identity import service_of
from bot.updates import drifting
from knowledge_base import answers, bursts, drifts, feedback
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.feedback import Feedback
from weaver_core.texts.language import detect

SHOWN, FOUND, LOOKED_AT = 50, 12, 200
State = Literal["open", "resolved"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


@dataclass(frozen=True, slots=True)
class Written:
    """What the reviewer wrote and was not stored yet."""

    text: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queue a page shows. `done` was decided on just now."""

    state: State = "open"
    item: UUID | None = None
    q: str = ""
    done: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A judgement in the list: what the customer asked, and the title of the answer that it led to."""

    feedback: Feedback
    question: str
    title: str


@router.get("/admin")
async def queue_page(
    request: Request,
    caller: Reviewer,
    state: State = "open",
    item: UUID | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
    done: UUID | None = None,
) -> Response:
    """The queue, with the first judgement or the one that was chosen."""
    return await _page(request, caller, Wanted(state, item, q.strip(), done))


@router.post("/admin/feedback/{feedback_id}/correct")
async def correct(
    request: Request,
    caller: Reviewer,
    feedback_id: UUID,
    answer_id: Annotated[str | None, Form(max_length=255)] = None,
    text: Annotated[str | None, Form(max_length=ANSWER_LIMIT)] = None,
    title: Annotated[str, Form(max_length=TITLE_LIMIT)] = "",
) -> Response:
    """Teach the answer that was chosen or written, and on to the next judgement."""
    service = service_of(request)
    async with service.database.reading() as session:
        held = await feedback.get(session, feedback_id)
    try:
        right = RightAnswer(answer_id, None if answer_id else text or "", title or None)
        await correction.correct(service, held.message_id, right, caller.name, feedback_id)
    except DOMAIN_ERRORS as error:
        # The page comes back with what was written in it.
        wanted = Wanted(item=feedback_id)
        return await _page(request, caller, wanted, Written(text or "", title), error)
    return go(f"/admin?done={feedback_id}")


@router.post("/admin/feedback/{feedback_id}/dismiss")
async def dismiss(request: Request, caller: Reviewer, feedback_id: UUID) -> Response:
    """Set a judgement aside, and on to the next one."""
    await correction.dismiss(service_of(request), feedback_id, caller.name)
    return go(f"/admin?done={feedback_id}")


@router.post("/admin/feedback/{feedback_id}/forget")
async def forget(request: Request, caller: Reviewer, feedback_id: UUID, shown: Annotated[UUID, Form()]) -> Response:
    """Forget a vote or a correction with all that it taught, and show the judgement again from which that was done."""
    await correction.forget(service_of(request), feedback_id, caller.name)
    return go("/admin" if shown == feedback_id else f"/admin?item={shown}")


@router.post("/admin/feedback/{feedback_id}/undo")
async def undo(request: Request, caller: Reviewer, feedback_id: UUID) -> Response:
    """Take a decision back, and show the judgement again."""
    await correction.undo(service_of(request), feedback_id, caller.name)
    return go(f"/admin?item={feedback_id}&done={feedback_id}")


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


async def _page(
    request: Request, caller: Caller, wanted: Wanted, written: Written = Written(), error: DomainError | None = None
) -> Response:
    locale = language_of(request)
    change = await drifting.current(service_of(request).database)
    async with service_of(request).database.reading() as session:
        counts = await answers.count(session)
        item = await _item(session, wanted)
        values = {
            "entries": [await _entry(session, held) for held in await _list(session, wanted.state)],
            "waiting": (await feedback.count(session))[feedback.OPEN],
            "bursts": await bursts.waiting(session),
            "item": item,
            "lineage": await lineage.of_message(session, item.judged.id) if item else None,
            "resolved_title": (await _entry(session, item.feedback)).title if item else "",
            "done": await _entry(session, await feedback.get(session, wanted.done)) if wanted.done else None,
            "found": await _found(session, wanted.q, item) if wanted.q and item else [],
            "taught": counts[AnswerStatus.APPROVED] > 0,
        }
    return show(
        request,
        "admin/review.html",
        caller,
        fault_of(error).status if error else 200,
        section="review",
        state=wanted.state,
        q=wanted.q,
        written=written,
        problem=str(error) if error else "",
        change=change,
        text_limit=ANSWER_LIMIT,
        reason=partial(_reason, locale=locale),
        **values,
    )


def _reason(name: str, locale: str) -> str:
    """A reason as the widget offers it, or in the words of the program that gave it."""
    key = f"reason_{name}"
    return words.say(key, locale) if words.knows(key) else name


async def _list(session: AsyncSession, state: State) -> list[Feedback]:
    return await (feedback.queue(session, limit=SHOWN) if state == "open" else feedback.decided(session, SHOWN))


async def _item(session: AsyncSession, wanted: Wanted) -> Judgement | None:
    if wanted.item is not None:
        return await review.judgement(session, wanted.item)
    if wanted.state == "resolved":
        return None
    first = await feedback.queue(session, limit=1)
    return await review.judgement(session, first[0].id) if first else None


async def _found(session: AsyncSession, q: str, item: Judgement) -> list[Answer]:
    """Answers that a search finds and that a correction of this judgement may lead to."""
    asked_in = detect(item.question.words) if item.question else None
    found = await answers.find(session, q, limit=LOOKED_AT)
    fitting = [
        answer
        for answer in found
        if answer.collection == item.conversation.collection
        and (None in (answer.language, asked_in) or answer.language == asked_in)
    ]
    return fitting[:FOUND]


async def _entry(session: AsyncSession, held: Feedback) -> Entry:
    question = await feedback.question_of(session, held)
    resolved = await answers.get(session, held.resolved_answer_id) if held.resolved_answer_id else None
    return Entry(held, question.words if question else "", resolved.title if resolved else "")
