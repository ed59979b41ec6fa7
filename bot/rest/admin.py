"""The reviewer's routes: the queue of feedback, the answers."""

from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request

from bot.judgements import correction, curation, review
from bot.rest.admin_bodies import (
    AnswerBody,
    AnswerChangeBody,
    AnswerFileBody,
    AnswersBody,
    DecisionBody,
    FeedbackBody,
    JudgementBody,
    QueueBody,
    RightAnswerBody,
)
from bot.rest.identity import Reviewer, service_of
from bot.service import Service
from knowledge_base import answers, feedback
from knowledge_base.answers import AnswerStatus

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


@router.get("/answers")
async def find_answers(
    request: Request,
    _caller: Reviewer,
    q: Annotated[str, Query(max_length=200)] = "",
    status: AnswerStatus | None = None,
    limit: Limit = 50,
) -> AnswersBody:
    """Answers whose title, text or id holds all these words; of any status unless one is named."""
    async with service_of(request).database.reading() as session:
        found = await answers.find(session, q, [status] if status else list(AnswerStatus), limit)
        counts = await answers.count(session)
    return AnswersBody(
        counts={key.value: number for key, number in counts.items()}, answers=[AnswerBody.of(one) for one in found]
    )


@router.get("/answers/{answer_id:path}")
async def one_answer(request: Request, _caller: Reviewer, answer_id: str) -> AnswerFileBody:
    """An answer with its memory and its wordings."""
    async with service_of(request).database.reading() as session:
        return AnswerFileBody.of_file(await review.answer_file(session, answer_id))


@router.patch("/answers/{answer_id:path}")
async def change_answer(request: Request, caller: Reviewer, answer_id: str, body: AnswerChangeBody) -> AnswerBody:
    """Give an answer a new title, new words, a new status, or guard it; what is left out stays."""
    service = service_of(request)
    new = curation.Change(body.title, body.text, body.status, body.must_not_break)
    return AnswerBody.of(await curation.change(service, answer_id, new, caller.name))


async def _feedback(service: Service, feedback_id: UUID) -> FeedbackBody:
    async with service.database.reading() as session:
        return FeedbackBody.of(await feedback.get(session, feedback_id))
