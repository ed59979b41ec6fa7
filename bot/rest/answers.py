"""Answers for programs: searched, written, given other words, approved and retired; all that their pages can do."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request

from bot.judgements import curation, review, writing_answers
from bot.rest.admin_bodies import AnswerBody
from bot.rest.answer_bodies import (
    AnswerChangeBody,
    AnswerFileBody,
    AnswersBody,
    ChangedBody,
    NewAnswerBody,
    StatusesBody,
)
from bot.rest.identity import Reviewer, service_of
from bot.rest.search_queries import AnswerQuery
from knowledge_base import answer_search

router = APIRouter(prefix="/api/v1/admin/answers", tags=["answers"])


class PagedAnswers(AnswerQuery):
    """Which answers are wanted, and how many of them."""

    limit: Annotated[int, Query(ge=1, le=200)] = 50


@router.get("")
async def find_answers(request: Request, _caller: Reviewer, wanted: Annotated[PagedAnswers, Query()]) -> AnswersBody:
    """Answers whose title, text or id holds all these words; of any status unless one is named."""
    filters = wanted.filters()
    async with service_of(request).database.reading() as session:
        found = await answer_search.find(session, filters, wanted.limit, wanted.offset)
        counts = await answer_search.count(session, filters)
    return AnswersBody(
        counts={key.value: number for key, number in counts.items()},
        total=found.total,
        answers=[AnswerBody.of(one) for one in found.answers],
    )


@router.post("", status_code=HTTPStatus.CREATED)
async def write_answer(request: Request, caller: Reviewer, body: NewAnswerBody) -> AnswerBody:
    """Store a new answer, approved, with the questions that it answers; it is served from the next turn on."""
    return AnswerBody.of(await writing_answers.write(service_of(request), body.value(), caller.name))


@router.post("/statuses")
async def change_statuses(request: Request, caller: Reviewer, body: StatusesBody) -> ChangedBody:
    """Approve, suspend or retire some answers, all at once or none."""
    seen = {one.answer_id: one.seen for one in body.answers}
    changed = await curation.change_status(service_of(request), seen, body.status, caller.name)
    return ChangedBody(answers=[AnswerBody.of(one) for one in changed])


@router.get("/{answer_id:path}")
async def one_answer(request: Request, _caller: Reviewer, answer_id: str) -> AnswerFileBody:
    """An answer with its memory, its wordings, and what was done with it."""
    async with service_of(request).database.reading() as session:
        return AnswerFileBody.of_file(await review.answer_file(session, answer_id))


@router.patch("/{answer_id:path}")
async def change_answer(request: Request, caller: Reviewer, answer_id: str, body: AnswerChangeBody) -> AnswerBody:
    """Give an answer a new title, new words, a new status or validity, or guard it; what is left out stays."""
    return AnswerBody.of(await curation.change(service_of(request), answer_id, body.value(), caller.name))
