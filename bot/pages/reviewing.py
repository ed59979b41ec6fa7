"""The reviewer's queue: failures by what a decision gains, and one of them with all that is known of it."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.faults import DomainError, fault_of
from bot.guards.caller import Caller
from bot.judgements import lineage, reading, review
from bot.judgements.curation import ANSWER_LIMIT
from bot.judgements.review import Judgement
from bot.pages import words
from bot.pages.frame import PageRoute, language_of, show, signed_in
from bot.pages.review_words import KEYS
from bot.rest.identity import service_of
from bot.rest.review_filters import ReviewQuery
from bot.updates import drifting
from knowledge_base import accounts, answers, bursts, feedback
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import Answer, AnswerStatus, Revision
from knowledge_base.audit import Entry
from knowledge_base.feedback import Feedback
from knowledge_base.reviews import decisions, notes, queue, views
from knowledge_base.reviews.filters import Filters, ReviewState
from knowledge_base.reviews.notes import Note
from knowledge_base.reviews.queue import Cluster
from weaver_core.texts.language import detect

SHOWN, FOUND, LOOKED_AT, MEMBERS = 50, 12, 200, 20

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


class PageQuery(ReviewQuery):
    """What the page shows of the queue. `done` is a decision just made, `then` what was to come after it."""

    item: UUID | None = None
    then: UUID | None = None
    q: Annotated[str, Query(max_length=200)] = ""
    edit: Annotated[str, Query(max_length=255)] = ""
    done: UUID | None = None
    reopened: UUID | None = None

    @property
    def view(self) -> str:
        """The filters alone, as an address has them."""
        return ReviewQuery.model_validate(self.model_dump(include=set(ReviewQuery.model_fields))).address()


@dataclass(frozen=True, slots=True)
class Written:
    """What the reviewer wrote and was not stored yet."""

    text: str = ""
    title: str = ""
    edit_text: str = ""
    edit_title: str = ""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The existing answer that an edit would change, with the wording that is shown."""

    answer: Answer
    revision: int


@dataclass(frozen=True, slots=True)
class Opened:
    """One judgement with its cluster and all that is known of both."""

    item: Judgement
    cluster: Cluster
    members: tuple[queue.Item, ...]
    notes: tuple[Note, ...]
    trail: tuple[Entry, ...]
    nearest: Nearest | None


@router.get("/admin")
async def queue_page(request: Request, caller: Reviewer, wanted: Annotated[PageQuery, Query()]) -> Response:
    """The queue, with the judgement of which a decision gains most, or the one that was chosen."""
    return await page(request, caller, wanted)


@router.get("/admin/feedback/{feedback_id}/reading")
async def reading_page(request: Request, caller: Reviewer, feedback_id: UUID) -> Response:
    """How the bot reads the question now, with the words that it attends to."""
    async with service_of(request).database.reading() as session:
        held = await feedback.get(session, feedback_id)
    now = await reading.read_again(service_of(request), held.message_id)
    return show(request, "admin/reading_page.html", caller, section="review", now=now, held=held)


async def page(
    request: Request,
    caller: Caller,
    wanted: PageQuery,
    written: Written = Written(),
    error: DomainError | None = None,
) -> Response:
    """The page, with what was written in it and why that was not carried out."""
    locale, database = language_of(request), service_of(request).database
    filters = wanted.filters()
    change = await drifting.current(database)
    async with database.reading() as session:
        entries = await queue.clusters(session, filters, SHOWN)
        firsts = await queue.items(session, filters, [cluster.id for cluster in entries], 1)
        listed = [(cluster, firsts[cluster.id][0]) for cluster in entries if cluster.id in firsts]
        chosen = _chosen(wanted, [first.feedback for _, first in listed])
        opened = await _open(session, wanted, filters, chosen) if chosen else None
        counts = await answers.count(session)
        done = await _done(session, wanted.done)
        values: dict[str, Any] = {
            "listed": listed,
            "counts": {
                **await queue.counts(session, filters),
                ReviewState.OPEN: await _waiting(session, filters, entries),
            },
            "choices": await queue.choices(session),
            "views": await views.of(session, caller.name),
            "colleagues": await accounts.names(session, AccountRole.REVIEWER),
            "bursts": await bursts.waiting(session),
            "lineage": await lineage.of_message(session, opened.item.judged.id) if opened else None,
            "resolved": await _resolved_titles(session, [first.feedback for _, first in listed], opened),
            "done": done,
            "found": await _found(session, wanted.q.strip(), opened.item) if wanted.q.strip() and opened else [],
            "taught": counts[AnswerStatus.APPROVED] > 0,
        }
    return show(
        request,
        "admin/review.html",
        caller,
        fault_of(error).status if error else 200,
        section="review",
        wanted=wanted,
        state=wanted.state,
        states=(ReviewState.OPEN, ReviewState.FLAGGED, ReviewState.SAVED, ReviewState.REVIEWED),
        opened=opened,
        item=opened.item if opened else None,
        following=_following(listed, opened),
        q=wanted.q.strip(),
        written=written,
        problem=str(error) if error else "",
        change=change,
        text_limit=ANSWER_LIMIT,
        reason=partial(_reason, locale=locale),
        keys=KEYS,
        **values,
    )


def _reason(name: str, locale: str) -> str:
    """A reason as the widget offers it, or in the words of the program that gave it."""
    key = f"reason_{name}"
    return words.say(key, locale) if words.knows(key) else name


async def _waiting(session: AsyncSession, filters: Filters, entries: list[Cluster]) -> int:
    if filters.state is ReviewState.OPEN:
        return entries[0].of if entries else 0
    waiting = await queue.clusters(session, filters.waiting(), 1)
    return waiting[0].of if waiting else 0


def _chosen(wanted: PageQuery, listed: list[Feedback]) -> UUID | None:
    """The judgement to show: the one that was asked for, the one that was next, or the first that waits."""
    if wanted.item is not None:
        return wanted.item
    if wanted.state not in (ReviewState.OPEN, ReviewState.FLAGGED):
        return None
    if wanted.then is not None and any(held.id == wanted.then for held in listed):
        return wanted.then
    return listed[0].id if listed else None


async def _open(session: AsyncSession, wanted: PageQuery, filters: Filters, feedback_id: UUID) -> Opened:
    item = await review.judgement(session, feedback_id)
    key = await queue.key_of(session, feedback_id) or item.judged.id
    cluster = await queue.one(session, feedback_id, filters) or await queue.one(
        session, feedback_id, Filters.around(item.feedback)
    )
    members = (await queue.items(session, Filters.around(item.feedback), [key], MEMBERS)).get(key, ())
    subjects = [key, *(member.feedback.id for member in members), item.feedback.id, item.judged.id]
    return Opened(
        item=item,
        cluster=cluster or Cluster(key, 1, 1, item.judged.bot.confidence if item.judged.bot else 0, 0, item.judged.at),
        members=members,
        notes=tuple(await notes.of_turns(session, [item.judged.id, *(one.feedback.message_id for one in members)])),
        trail=tuple(await notes.trail(session, list(dict.fromkeys(subjects)))),
        nearest=await _nearest(session, item, wanted.edit),
    )


async def _nearest(session: AsyncSession, item: Judgement, named: str) -> Nearest | None:
    """The existing answer that is nearest to what should have been said: named, suggested, shown, or likeliest."""
    near = [item.suggested, item.judged.answer, *(one.answer for one in item.considered)]
    current = (one for one in near if one and one.status is not AnswerStatus.RETIRED)
    answer = await answers.by_public_id(session, named) if named else next(current, None)
    if answer is None:
        return None
    wordings: list[Revision] = await answers.revisions(session, answer.id)
    return Nearest(answer, wordings[0].number if wordings else 1)


async def _done(session: AsyncSession, decision_id: UUID | None) -> dict[str, Any] | None:
    """What a decision did, to be told and taken back."""
    if decision_id is None:
        return None
    made = await decisions.get(session, decision_id)
    closed = await decisions.decided_by(session, decision_id)
    taught = next((held.resolved_answer_id for held in closed if held.resolved_answer_id), None)
    title = (await answers.get(session, taught)).title if taught else ""
    return {"decision": made, "closed": len(closed), "title": title, "kind": closed[0].resolution if closed else None}


async def _resolved_titles(session: AsyncSession, held: list[Feedback], opened: Opened | None) -> dict[UUID, str]:
    every = [*held, *([opened.item.feedback] if opened else [])]
    found = await answers.by_ids(session, [one.resolved_answer_id for one in every if one.resolved_answer_id])
    return {key: answer.title for key, answer in found.items()}


def _following(listed: list[tuple[Cluster, queue.Item]], opened: Opened | None) -> UUID | None:
    """What comes after the judgement that is shown."""
    keys = [cluster.id for cluster, _ in listed]
    if opened is None or opened.cluster.id not in keys:
        return None
    place = keys.index(opened.cluster.id) + 1
    return listed[place][1].feedback.id if place < len(listed) else None


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
