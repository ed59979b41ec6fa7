"""The reviewer's routes to single judgements: the queue of feedback."""

from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request

from bot.judgements import correction, review
from bot.rest.admin_bodies import (
    AnswerBody,
    DecisionBody,
    FeedbackBody,
    JudgementBody,
    QueueBody,
    RightAnswerBody,
)
from bot.rest.identity import Reviewer, service_of
from bot.service import Service
from knowledge_base import feedback

router = APIRouter(prefix="/api/v1/admin", tags=["review"])

Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/feedback")
async def feedback_queue(
    request: Request, _caller: Reviewer, state: Literal["open", "resolved"] = "open", limit: Limit = 50
) -> QueueBody:
    """The thumbs-down that wait for a decision, oldest first, each with its conversation and candidates."""
    async with service_of(request).database.reading() as session:
        if state == "open":
            held = await feedback.queue(session, limit=limit)
        else:
            held = await feedback.decided(session, limit)
        waiting = (await feedback.count(session))[feedback.OPEN]
        items = await review.around(session, held)
    return QueueBody(waiting=waiting, items=[JudgementBody.of_judgement(item) for item in items])


@router.get("/feedback/{feedback_id}")
async def one_feedback(request: Request, _caller: Reviewer, feedback_id: UUID) -> JudgementBody:
    """One judgement with its conversation and candidates."""
    async with service_of(request).database.reading() as session:
        return JudgementBody.of_judgement(await review.judgement(session, feedback_id))


@router.post("/feedback/{feedback_id}/correct")
async def correct_feedback(
    request: Request, caller: Reviewer, feedback_id: UUID, body: RightAnswerBody
) -> DecisionBody:
    """Teach the right answer; the very next turn like the judged one is answered by it."""
    service = service_of(request)
    held = await _feedback(service, feedback_id)
    answer = await correction.correct(service, held.message_id, body.value(), caller.name, feedback_id)
    return DecisionBody(feedback=await _feedback(service, feedback_id), answer=AnswerBody.of(answer))


@router.post("/feedback/{feedback_id}/dismiss")
async def dismiss_feedback(request: Request, caller: Reviewer, feedback_id: UUID) -> DecisionBody:
    """Close a judgement without teaching anything."""
    return DecisionBody(
        feedback=FeedbackBody.of(await correction.dismiss(service_of(request), feedback_id, caller.name))
    )


@router.post("/feedback/{feedback_id}/undo")
async def undo_feedback(request: Request, caller: Reviewer, feedback_id: UUID) -> DecisionBody:
    """Take a decision back: what it taught is forgotten, and the judgement waits again."""
    return DecisionBody(feedback=FeedbackBody.of(await correction.undo(service_of(request), feedback_id, caller.name)))


@router.delete("/feedback/{feedback_id}", status_code=HTTPStatus.NO_CONTENT)
async def forget_feedback(request: Request, caller: Reviewer, feedback_id: UUID) -> None:
    """Forget a judgement with all that it taught, as if it had never been given."""
    await correction.forget(service_of(request), feedback_id, caller.name)


async def _feedback(service: Service, feedback_id: UUID) -> FeedbackBody:
    async with service.database.reading() as session:
        return FeedbackBody.of(await feedback.get(session, feedback_id))
