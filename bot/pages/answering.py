"""The answers: found, approved beside the dialogues that they come from, written, given new words and dates."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from pydantic import Field, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.judgements import curation, review, wordings
from bot.judgements.curation import ANSWER_LIMIT, TITLE_LIMIT, Change
from bot.pages.answer_forms import Times, change_of
from bot.pages.frame import PageRoute, go, show, signed_in
from bot.rest.identity import service_of
from bot.rest.search_queries import AnswerQuery
from knowledge_base import answer_pairs, answer_search, answers, dialogues
from knowledge_base.accounts import AccountRole
from knowledge_base.answer_search import Span
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.dialogues import StoredDialogue

SHOWN, PENDING_SHOWN = 50, 20
UNCHANGED = Change()

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


class ListQuery(AnswerQuery):
    """What the list shows. `done` are answers that were given another status just now, `was` is their one before."""

    done: list[UUID] = Field(default_factory=list[UUID], max_length=PENDING_SHOWN)
    was: AnswerStatus | None = None

    @model_validator(mode="after")
    def _approved_first(self) -> Self:
        self.status = self.status or AnswerStatus.APPROVED
        return self


@dataclass(frozen=True, slots=True)
class Origin:
    """The dialogue that an answer was found in, and the turn of it."""

    stored: StoredDialogue
    turn_id: UUID


@router.get("/admin/answers")
async def answers_page(request: Request, caller: Reviewer, wanted: Annotated[ListQuery, Query()]) -> Response:
    """The answers of one status; pending ones with the dialogue that they come from."""
    return await _list(request, caller, wanted)


@router.post("/admin/answers/statuses")
async def change_statuses(
    request: Request,
    caller: Reviewer,
    chosen: Annotated[list[str], Form(max_length=PENDING_SHOWN)],
    status: Annotated[AnswerStatus, Form()],
    back: Annotated[AnswerStatus, Form()] = AnswerStatus.PENDING,
    *,
    undo: Annotated[bool, Form()] = False,
) -> Response:
    """Give the chosen answers a status, all at once or none; then the list again with what was done, to be undone."""
    seen = dict(map(_seen, chosen))
    wanted = ListQuery(status=back)
    try:
        changed = await curation.change_status(service_of(request), seen, status, caller.name)
    except DOMAIN_ERRORS as error:
        return await _list(request, caller, wanted, error)
    return go(_done(back, [answer.id for answer in changed], None if undo else back))


@router.get("/admin/answers/{answer_id:path}")
async def answer_page(request: Request, caller: Reviewer, answer_id: str, *, saved: bool = False) -> Response:
    """One answer with its memory and its wordings, to be edited."""
    return await page(request, caller, answer_id, saved=saved)


@router.post("/admin/answers/{answer_id:path}")
async def change_answer(
    request: Request, caller: Reviewer, answer_id: str, new: Annotated[Change, Depends(change_of)]
) -> Response:
    """Give the answer new words, a new status or other dates, or guard it."""
    try:
        changed = await curation.change(service_of(request), answer_id, new, caller.name)
    except DOMAIN_ERRORS as error:
        return await page(request, caller, answer_id, new, error=error)
    if "from_list" in request.query_params:
        # From the list of pending ones, back to it: the next one waits there.
        return go(_done(AnswerStatus.PENDING, [changed.id], AnswerStatus.PENDING))
    return go(path_of(answer_id) + ("?saved=true" if new.status is None else ""))


async def page(
    request: Request,
    caller: Caller,
    answer_id: str,
    draft: Change = UNCHANGED,
    *,
    error: DomainError | None = None,
    saved: bool = False,
) -> Response:
    """One answer, with what somebody wrote about it and why that was not stored."""
    async with service_of(request).database.reading() as session:
        file = await review.answer_file(session, answer_id)
        pairs = await answer_pairs.of_answer(session, file.answer.id)
    times = Times.of(service_of(request).settings)
    reworded = () if draft.text is None or error is None else wordings.compare(file.answer.text, draft.text)
    return show(
        request,
        "admin/answer.html",
        caller,
        fault_of(error).status if error else 200,
        section="answers",
        part="answers",
        file=file,
        answer=file.answer,
        history=wordings.history(file.revisions),
        reworded=reworded,
        pairs=pairs,
        title=file.answer.title if draft.title is None else draft.title,
        text=file.answer.text if draft.text is None else draft.text,
        path=path_of(file.answer.answer_id),
        times=times,
        saved=saved,
        problem=str(error) if error else "",
        limits={"title": TITLE_LIMIT, "text": max(ANSWER_LIMIT, len(file.answer.text))},
    )


def path_of(answer_id: str) -> str:
    """The address of an answer's page."""
    return f"/admin/answers/{quote(answer_id, safe='')}"


async def _list(request: Request, caller: Caller, wanted: ListQuery, error: DomainError | None = None) -> Response:
    pending = wanted.status is AnswerStatus.PENDING
    most = PENDING_SHOWN if pending else SHOWN
    async with service_of(request).database.reading() as session:
        found = await answer_search.find(session, wanted.filters(), most, wanted.offset)
        values: dict[str, Any] = {
            "counts": await answer_search.count(session, wanted.filters()),
            "stored": sum((await answers.count(session)).values()),
            "choices": await answer_search.choices(session),
            "origins": await _origins(session, found.answers) if pending else {},
            "done": await _changed(session, wanted),
        }
    return show(
        request,
        "admin/answers.html",
        caller,
        fault_of(error).status if error else 200,
        section="answers",
        part="answers",
        wanted=wanted,
        found=found,
        most=most,
        statuses=list(AnswerStatus),
        spans=list(Span),
        problem=str(error) if error else "",
        times=Times.of(service_of(request).settings),
        **values,
    )


async def _origins(session: AsyncSession, found: tuple[Answer, ...]) -> dict[UUID, Origin]:
    turns = await answer_search.origin_turns(session, [answer.id for answer in found])
    stored = {answer_id: await dialogues.of_turn(session, turn_id) for answer_id, turn_id in turns.items()}
    return {answer_id: Origin(held, turns[answer_id]) for answer_id, held in stored.items() if held is not None}


async def _changed(session: AsyncSession, wanted: ListQuery) -> list[Answer]:
    found = await answers.by_ids(session, wanted.done)
    return [found[answer_id] for answer_id in wanted.done if answer_id in found]


def _seen(chosen: str) -> tuple[str, datetime | None]:
    """An answer as a checkbox names it: when it was changed last, then its id."""
    moment, _, answer_id = chosen.partition(" ")
    try:
        return answer_id, datetime.fromisoformat(moment)
    except ValueError:
        return chosen, None


def _done(status: AnswerStatus, changed: list[UUID], was: AnswerStatus | None) -> str:
    listed = "".join(f"&done={answer_id}" for answer_id in changed)
    return f"/admin/answers?status={status.value}{listed}" + (f"&was={was.value}" if was else "")
