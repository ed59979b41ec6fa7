"""What the forms about answers send: new words, a status, dates in the house's own time; and a new answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from bot.errors import MomentError
from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.judgements import writing_answers
from bot.judgements.curation import ANSWER_LIMIT, TITLE_LIMIT, Change, Left
from bot.judgements.writing_answers import MOST_QUESTIONS, QUESTION_LIMIT, NewAnswer
from bot.pages.frame import PageRoute, go, show, signed_in
from bot.rest.identity import service_of
from bot.settings import Settings
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import AnswerStatus
from knowledge_base.ingestion.formats import COLLECTION_LENGTH

_MINUTES = "%Y-%m-%dT%H:%M"
ALL_QUESTIONS = 20_000

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


@dataclass(frozen=True, slots=True)
class Times:
    """The time zone in which the house says when something is valid."""

    zone: ZoneInfo

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The one that is set."""
        return cls(ZoneInfo(settings.timezone))

    def field(self, moment: datetime | None) -> str:
        """A moment as a form's field has it, to the minute."""
        return moment.astimezone(self.zone).strftime(_MINUTES) if moment else ""

    def shown(self, moment: datetime) -> str:
        """A moment as people read it."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def read(self, name: str, field: str | None, was: str) -> datetime | Left | None:
        """What a field says; what it said when it was shown changes nothing. Raises MomentError."""
        if field is None or field == was:
            return Left.AS_IT_IS
        if not field:
            return None
        try:
            moment = datetime.fromisoformat(field)
        except ValueError:
            raise MomentError(name) from None
        return moment.replace(tzinfo=self.zone) if moment.tzinfo is None else moment


@dataclass(frozen=True, slots=True)
class Dates:
    """What a form says of an answer's validity: a field that was not touched says nothing."""

    valid_from: datetime | Left | None
    valid_until: datetime | Left | None


def dates_of(
    request: Request,
    valid_from: Annotated[str | None, Form(max_length=32)] = None,
    valid_until: Annotated[str | None, Form(max_length=32)] = None,
    was_from: Annotated[str, Form(max_length=32)] = "",
    was_until: Annotated[str, Form(max_length=32)] = "",
) -> Dates:
    """When the answer is to be valid; a field to the minute does not cut a stored moment's seconds."""
    times = Times.of(service_of(request).settings)
    return Dates(times.read("valid_from", valid_from, was_from), times.read("valid_until", valid_until, was_until))


def change_of(
    dates: Annotated[Dates, Depends(dates_of)],
    title: Annotated[str | None, Form(max_length=TITLE_LIMIT)] = None,
    text: Annotated[str | None, Form(max_length=ANSWER_LIMIT)] = None,
    status: Annotated[AnswerStatus | None, Form()] = None,
    seen: Annotated[datetime | None, Form()] = None,
    *,
    must_not_break: Annotated[bool | None, Form()] = None,
) -> Change:
    """What a form changes about an answer; a field that it has not leaves it as it is."""
    return Change(title, text, status, must_not_break, dates.valid_from, dates.valid_until, seen)


@router.get("/admin/new-answer")
async def new_answer_page(
    request: Request, caller: Reviewer, question: Annotated[str, Query(max_length=QUESTION_LIMIT)] = ""
) -> Response:
    """A form for an answer that nobody has asked for yet, or for this question."""
    return _page(request, caller, NewAnswer("", questions=(question,) if question else ()))


@router.post("/admin/new-answer")
async def write_answer(
    request: Request,
    caller: Reviewer,
    text: Annotated[str, Form(max_length=ANSWER_LIMIT)],
    title: Annotated[str, Form(max_length=TITLE_LIMIT)] = "",
    questions: Annotated[str, Form(max_length=ALL_QUESTIONS)] = "",
    collection: Annotated[str, Form(max_length=COLLECTION_LENGTH)] = "default",
) -> Response:
    """Store it; then its page."""
    asked = tuple(line for line in questions.splitlines() if line.strip())[:MOST_QUESTIONS]
    new = NewAnswer(text, title, asked, collection.strip() or "default")
    try:
        answer = await writing_answers.write(service_of(request), new, caller.name)
    except DOMAIN_ERRORS as error:
        return _page(request, caller, new, error)
    return go(f"/admin/answers/{answer.answer_id}?saved=true")


def _page(request: Request, caller: Caller, new: NewAnswer, error: DomainError | None = None) -> Response:
    return show(
        request,
        "admin/new_answer.html",
        caller,
        fault_of(error).status if error else 200,
        section="answers",
        part="answers",
        new=new,
        problem=str(error) if error else "",
        limits={"title": TITLE_LIMIT, "text": ANSWER_LIMIT, "questions": ALL_QUESTIONS},
    )
