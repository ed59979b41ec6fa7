"""The answers: found, approved, retired, given new words."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.judgements import curation, pair_decisions, review
from bot.judgements.curation import ANSWER_LIMIT, TITLE_LIMIT, Change
from bot.judgements.pair_decisions import PairDecision
from bot.pages.frame import PageRoute, go, show, signed_in
from bot.rest.identity import service_of
from knowledge_base import answer_pairs, answers
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import AnswerStatus

SHOWN = 50
UNCHANGED = Change()

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


@router.get("/admin/answers")
async def answers_page(
    request: Request,
    caller: Reviewer,
    q: Annotated[str, Query(max_length=200)] = "",
    status: AnswerStatus = AnswerStatus.APPROVED,
) -> Response:
    """The answers of one status; pending ones with the dialogue that they come from."""
    async with service_of(request).database.reading() as session:
        counts = await answers.count(session)
        found = await answers.find(session, q, [status], SHOWN)
        # Who approves wants to see where the words come from.
        files = []
        pairs = await answer_pairs.find(session, limit=SHOWN)
        if status is AnswerStatus.PENDING:
            files = [await review.answer_file(session, str(answer.id)) for answer in found]
    origins = {file.answer.id: next((one for one in file.passages if one.origin), None) for file in files}
    values = {
        "counts": counts,
        "found": found,
        "origins": origins,
        "pairs": pairs,
        "most": SHOWN,
        "statuses": list(AnswerStatus),
    }
    return show(request, "admin/answers.html", caller, section="answers", q=q, status=status, **values)


@router.get("/admin/answers/{answer_id:path}")
async def answer_page(request: Request, caller: Reviewer, answer_id: str, *, saved: bool = False) -> Response:
    """One answer with its memory and its wordings, to be edited."""
    return await _page(request, caller, answer_id, saved=saved)


@router.post("/admin/answer-pairs/{pair_id}")
async def decide_on_pair(
    request: Request,
    caller: Reviewer,
    pair_id: UUID,
    decision: Annotated[PairDecision, Form()],
    shown: Annotated[str, Form()],
) -> Response:
    """Merge two answers, keep both, or take that back; then the answer again from which it was decided."""
    try:
        await pair_decisions.decide(service_of(request), pair_id, decision, caller.name)
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, shown, error=error)
    return go(_path(shown) + "?saved=true")


def change_of(
    title: Annotated[str | None, Form(max_length=TITLE_LIMIT)] = None,
    text: Annotated[str | None, Form(max_length=ANSWER_LIMIT)] = None,
    status: Annotated[AnswerStatus | None, Form()] = None,
    *,
    must_not_break: Annotated[bool | None, Form()] = None,
) -> Change:
    """What a form changes about an answer; a field that it has not leaves it as it is."""
    return Change(title, text, status, must_not_break)


@router.post("/admin/answers/{answer_id:path}")
async def change_answer(
    request: Request, caller: Reviewer, answer_id: str, new: Annotated[Change, Depends(change_of)]
) -> Response:
    """Give the answer new words or a new status, or guard it."""
    try:
        await curation.change(service_of(request), answer_id, new, caller.name)
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, answer_id, new, error=error)
    if new.text is None and new.status is not None:
        # From the list of pending ones, back to it: the next one waits there.
        return go(f"/admin/answers?status={AnswerStatus.PENDING.value}" if _from_list(request) else _path(answer_id))
    return go(_path(answer_id) + "?saved=true")


async def _page(
    request: Request,
    caller: Caller,
    answer_id: str,
    draft: Change = UNCHANGED,
    *,
    error: DomainError | None = None,
    saved: bool = False,
) -> Response:
    async with service_of(request).database.reading() as session:
        file = await review.answer_file(session, answer_id)
        pairs = await answer_pairs.of_answer(session, file.answer.id)
    return show(
        request,
        "admin/answer.html",
        caller,
        fault_of(error).status if error else 200,
        section="answers",
        file=file,
        answer=file.answer,
        pairs=pairs,
        title=file.answer.title if draft.title is None else draft.title,
        text=file.answer.text if draft.text is None else draft.text,
        path=_path(file.answer.answer_id),
        saved=saved,
        problem=str(error) if error else "",
        limits={"title": TITLE_LIMIT, "text": max(ANSWER_LIMIT, len(file.answer.text))},
    )


def _from_list(request: Request) -> bool:
    return "from_list" in request.query_params


def _path(answer_id: str) -> str:
    return f"/admin/answers/{quote(answer_id, safe='')}"
