"""The queue: failures by cluster, those first of which a decision gains most."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Select, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import drifts
from knowledge_base.feedback import ANSWERED, DOWN, HEARD, OPEN, Feedback, to_feedback
from knowledge_base.reviews.filters import ANSWERED as ANSWER
from knowledge_base.reviews.filters import UNTAUGHT, Filters, ReviewState, language
from knowledge_base.tables import (
    AnswerRow,
    BotMessageRow,
    ConversationRow,
    DialogueRow,
    FeedbackRow,
    ModelVersionRow,
    ReviewClusterRow,
    ReviewMemberRow,
)
from knowledge_base.tables.base import now

LATELY = timedelta(days=30)
# What is surely wrong is worth a look too.
LEAST_UNSURE = 0.05
ROWS_A_QUERY, MEMBERS_LOOKED_AT, NEWEST_LOOKED_AT = 500, 2000, 1000
# How sure the bot was, and what it costs, of a failure that came within the last second.
UNKNOWN = 0.5
# What a failure costs: a wrong answer more than none, what somebody said more than what was heard between the lines,
# a wrong fact more than an unclear one, an angry customer more than a calm one.
NO_ANSWER, ONLY_HEARD, ANSWERED_BY_AGENT, WRONG_FACT = 0.5, 0.5, 0.75, 1.5
WRONG_REASONS = ("wrong", "outdated")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Failures that are one problem, as the filters see them.

    It is one `of` so many. `customers` asked it in the last thirty days; `confidence` is how sure the bot was, on
    average; `gain` is customers × damage × uncertainty. `items` are the judgements, oldest first, as far as asked for.
    """

    id: UUID
    failures: int
    customers: int
    confidence: float
    gain: float
    latest: datetime
    of: int = 1
    version: int = 0
    flagged: bool = False
    assignee: str | None = None
    changed_by: str | None = None
    items: tuple["Item", ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One judgement of a cluster: the customer's question, and what the bot did with it."""

    feedback: Feedback
    cluster_id: UUID
    question: str
    decision: str
    confidence: float
    answer_id: str | None
    answer_title: str | None
    answer_text: str | None
    model: str | None
    language: str | None
    channel: str | None
    collection: str

    @property
    def state(self) -> ReviewState:
        """How far it is; that it is flagged only its cluster knows."""
        if self.feedback.state == OPEN:
            return ReviewState.OPEN
        return ReviewState.REVIEWED if self.feedback.resolution in UNTAUGHT else ReviewState.SAVED


def cluster_of() -> ColumnElement[UUID]:
    """The cluster of a judgement: one whose message is in none yet is alone."""
    return func.coalesce(ReviewMemberRow.cluster_id, FeedbackRow.turn_id, type_=FeedbackRow.turn_id.type)


async def clusters(
    session: AsyncSession, filters: Filters, limit: int, within: Sequence[UUID] | None = None
) -> list[Cluster]:
    """The clusters that the filters leave, of these if given, the largest gain first, without their items."""
    lately = now() - LATELY
    # One person has one conversation, whatever they are called; a vote comes within minutes of what it is about.
    asked_by = func.count(case((FeedbackRow.created_at >= lately, FeedbackRow.dialogue_id)).distinct())
    confidence = func.avg(func.coalesce(ReviewMemberRow.confidence, UNKNOWN))
    unsure = 1 - confidence
    unsure = case((unsure < LEAST_UNSURE, LEAST_UNSURE), else_=unsure)
    key = cluster_of().label("key")
    gain = (asked_by * func.avg(func.coalesce(ReviewMemberRow.damage, UNKNOWN)) * unsure).label("gain")
    latest = func.max(FeedbackRow.created_at)
    query = _joined(
        select(key, func.count(), asked_by, confidence, gain, latest, func.count().over()), filters
    ).group_by(key)
    if within is not None:
        query = query.where(*await _within(session, within))
    rows = (await session.execute(query.order_by(gain.desc(), latest.desc()).limit(limit))).all()
    found = {row[0]: Cluster(row[0], row[1], row[2], float(row[3]), float(row[4]), row[5], row[6]) for row in rows}
    return list((await _said_of(session, found)).values())


async def one(session: AsyncSession, feedback_id: UUID, filters: Filters) -> Cluster | None:
    """The cluster of a judgement as the filters see it; None where they do not."""
    key = await key_of(session, feedback_id)
    if key is None:
        return None
    found = await clusters(session, filters, 1, within=[key])
    return found[0] if found else None


async def key_of(session: AsyncSession, feedback_id: UUID) -> UUID | None:
    """The cluster that a judgement is in, None where there is no such judgement."""
    query = select(cluster_of()).select_from(FeedbackRow)
    query = query.outerjoin(ReviewMemberRow, ReviewMemberRow.turn_id == FeedbackRow.turn_id)
    return (await session.execute(query.where(FeedbackRow.id == feedback_id))).scalar_one_or_none()


async def items(
    session: AsyncSession, filters: Filters, cluster_ids: Sequence[UUID], each: int = ROWS_A_QUERY
) -> dict[UUID, tuple[Item, ...]]:
    """The judgements of these clusters, oldest first, at most so many of each."""
    # Most clusters are shown by the message that founded them, which is found at once.
    found = await _of_turns(session, filters, cluster_ids, cluster_ids) if each == 1 else {}
    lacking = [key for key in cluster_ids if key not in found]
    if lacking:
        query = select(ReviewMemberRow.turn_id).where(ReviewMemberRow.cluster_id.in_(lacking))
        members = (await session.execute(query.order_by(ReviewMemberRow.turn_id).limit(MEMBERS_LOOKED_AT))).scalars()
        found |= await _of_turns(session, filters, lacking, list({*lacking, *members}))
    return {key: judged[:each] for key, judged in found.items()}


async def _of_turns(
    session: AsyncSession, filters: Filters, cluster_ids: Sequence[UUID], turns: Sequence[UUID]
) -> dict[UUID, tuple[Item, ...]]:
    found: dict[UUID, tuple[Item, ...]] = {}
    for start in range(0, len(turns), ROWS_A_QUERY):
        some = select(FeedbackRow.id).where(FeedbackRow.turn_id.in_(turns[start : start + ROWS_A_QUERY]))
        ids = list((await session.execute(some)).scalars())
        query = _items(filters).where(FeedbackRow.id.in_(ids), cluster_of().in_(cluster_ids))
        for item in await _to_items(session, (await session.execute(query.order_by(FeedbackRow.id))).all()):
            found[item.cluster_id] = (*found.get(item.cluster_id, ()), item)
    return found


async def page(session: AsyncSession, filters: Filters, after: UUID | None, limit: int) -> list[Item]:
    """Judgements by age, from the one after another on: an export reads them so."""
    query = _items(filters)
    if after is not None:
        query = query.where(FeedbackRow.id > after)
    return await _to_items(session, (await session.execute(query.order_by(FeedbackRow.id).limit(limit))).all())


async def counts(session: AsyncSession, filters: Filters) -> dict[ReviewState, int]:
    """How many flagged clusters wait, and decisions were made, the other filters as they are."""
    decided = func.coalesce(FeedbackRow.decision_id, FeedbackRow.id, type_=FeedbackRow.id.type)
    counted = {
        ReviewState.FLAGGED: cluster_of(),
        ReviewState.SAVED: decided,
        ReviewState.REVIEWED: decided,
    }
    found: dict[ReviewState, int] = {}
    flagged = list((await session.execute(select(ReviewClusterRow.id).where(ReviewClusterRow.flagged))).scalars())
    for state, key in counted.items():
        query = _joined(select(func.count(key.distinct())), replace(filters, state=state))
        if state is ReviewState.FLAGGED:
            query = query.where(*await _within(session, flagged))
        found[state] = (await session.execute(query)).scalar_one()
    return found


async def open_of(session: AsyncSession, cluster_id: UUID) -> list[Feedback]:
    """The judgements of a cluster that wait, whatever was filtered, oldest first."""
    query = select(FeedbackRow).outerjoin(ReviewMemberRow, ReviewMemberRow.turn_id == FeedbackRow.turn_id)
    query = query.where(*await _within(session, [cluster_id]), FeedbackRow.state == OPEN, FeedbackRow.rating == DOWN)
    return [to_feedback(row) for row in (await session.execute(query.order_by(FeedbackRow.id))).scalars()]


async def choices(session: AsyncSession) -> dict[str, list[str]]:
    """What the filters can choose from, of what the newest judgements have."""
    newest = select(FeedbackRow.id).order_by(FeedbackRow.id.desc()).limit(NEWEST_LOOKED_AT)
    query = select(FeedbackRow.reason, DialogueRow.channel, DialogueRow.collection).distinct()
    query = query.join(DialogueRow, DialogueRow.id == FeedbackRow.dialogue_id).where(FeedbackRow.id.in_(newest))
    rows = (await session.execute(query)).all()
    names = ("reason", "channel", "collection")
    found = {name: sorted({row[place] for row in rows if row[place]}) for place, name in enumerate(names)}
    numbers = (await session.execute(select(ModelVersionRow.number).order_by(ModelVersionRow.number.desc()))).scalars()
    return found | {"model": [str(number) for number in numbers]}


def _joined(query: Select[Any], filters: Filters, *, wholly: bool = False) -> Select[Any]:
    """Judgements with what the filters look at, or `wholly` with all that can be told of them.

    A queue of ten thousand is read in a fraction of the time without tables that nobody looks at.
    """
    joined = query.select_from(FeedbackRow)
    joined = joined.outerjoin(ReviewMemberRow, ReviewMemberRow.turn_id == FeedbackRow.turn_id)
    if wholly or filters.looks_at_message:
        joined = joined.join(BotMessageRow, BotMessageRow.turn_id == FeedbackRow.turn_id)
    if wholly or filters.looks_at_dialogue:
        joined = joined.join(DialogueRow, DialogueRow.id == FeedbackRow.dialogue_id)
        joined = joined.join(ConversationRow, ConversationRow.dialogue_id == FeedbackRow.dialogue_id)
    if wholly or filters.model is not None:
        joined = joined.outerjoin(ModelVersionRow, ModelVersionRow.id == BotMessageRow.model_version_id)
    if filters.looks_at_cluster:
        joined = joined.join(ReviewClusterRow, ReviewClusterRow.id == cluster_of())
    return joined.where(*filters.conditions())


async def _within(session: AsyncSession, cluster_ids: Sequence[UUID]) -> tuple[ColumnElement[bool], ...]:
    """That a judgement is of these clusters, by its id: an index finds that whatever else is asked."""
    query = select(ReviewMemberRow.turn_id).where(ReviewMemberRow.cluster_id.in_(cluster_ids))
    turns = list({*cluster_ids, *(await session.execute(query)).scalars()})
    ids: list[UUID] = []
    for start in range(0, len(turns), ROWS_A_QUERY):
        some = select(FeedbackRow.id).where(FeedbackRow.turn_id.in_(turns[start : start + ROWS_A_QUERY]))
        ids += (await session.execute(some)).scalars()
    return FeedbackRow.id.in_(ids), cluster_of().in_(cluster_ids)


def _items(filters: Filters) -> Select[Any]:
    columns: Any = select(
        FeedbackRow,
        cluster_of(),
        BotMessageRow.decision,
        BotMessageRow.confidence,
        AnswerRow.id,
        AnswerRow.external_id,
        AnswerRow.title,
        AnswerRow.text,
        ModelVersionRow.number,
        language(),
        DialogueRow.channel,
        DialogueRow.collection,
    )
    return _joined(columns, filters, wholly=True).outerjoin(AnswerRow, AnswerRow.id == BotMessageRow.answer_id)


async def _to_items(session: AsyncSession, rows: Sequence[Any]) -> list[Item]:
    asked = await drifts.asked(session, list({row[0].turn_id for row in rows}))
    words = {question.message_id: question.text for question in asked}
    return [
        Item(
            feedback=to_feedback(row[0]),
            cluster_id=row[1],
            question=words.get(row[0].turn_id, ""),
            decision=row[2],
            confidence=row[3],
            answer_id=(row[5] or str(row[4])) if row[4] else None,
            answer_title=row[6],
            answer_text=row[7],
            model=None if row[8] is None else f"v{row[8]}",
            language=row[9],
            channel=row[10],
            collection=row[11],
        )
        for row in rows
    ]


async def _said_of(session: AsyncSession, found: dict[UUID, Cluster]) -> dict[UUID, Cluster]:
    """These clusters with what people said of them."""
    ids = list(found)
    rows = (await session.execute(select(ReviewClusterRow).where(ReviewClusterRow.id.in_(ids)))).scalars()
    said = {row.id: row for row in rows}
    return {
        key: replace(
            cluster,
            version=said[key].version,
            flagged=said[key].flagged,
            assignee=said[key].assignee,
            changed_by=said[key].changed_by,
        )
        if key in said
        else cluster
        for key, cluster in found.items()
    }


def damage() -> ColumnElement[float]:
    """What a failure costs, of a judgement with its message."""
    unanswered = case((BotMessageRow.decision == ANSWER, 1.0), else_=NO_ANSWER)
    role = FeedbackRow.rater_role
    said = case((role == HEARD, ONLY_HEARD), (role == ANSWERED, ANSWERED_BY_AGENT), else_=1.0)
    fact = case((FeedbackRow.reason.in_(WRONG_REASONS), WRONG_FACT), else_=1.0)
    anger = case((BotMessageRow.sentiment < 0, 1 - BotMessageRow.sentiment), else_=1.0)
    return cast(unanswered * said * fact * anger, Float)
