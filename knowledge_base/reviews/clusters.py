"""Clusters of failures: their members with the questions' vectors, and what people say and do with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, case, delete, exists, false, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import accounts, audit, drifts, keys
from knowledge_base.errors import ClusterChangedError, FeedbackNotFoundError
from knowledge_base.feedback import DOWN, OPEN
from knowledge_base.reviews import notes, queue
from knowledge_base.tables import (
    BotMessageRow,
    DialogueRow,
    FeedbackRow,
    ReviewClusterRow,
    ReviewMemberRow,
    ReviewVectorRow,
)
from knowledge_base.tables.base import now

NOTE_LIMIT, ENTERED_AT_ONCE = 4000, 500


@dataclass(frozen=True, slots=True)
class Failure:
    """A judged message that is in no cluster yet: what was asked, and what was shown there."""

    turn_id: UUID
    question: str
    answer_id: UUID | None
    collection: str


@dataclass(frozen=True, slots=True)
class Group:
    """What members of one cluster share: the answer shown, the collection, the language of the question, the space."""

    answer_id: UUID | None
    collection: str
    language: str
    encoder: str


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A failure with its vector, None without words, and the cluster that it is put into. Shape: (d,)."""

    turn_id: UUID
    cluster_id: UUID
    vector: NDArray[np.float32] | None


async def has_new(session: AsyncSession) -> bool:
    """Whether there are judged messages that wait and are in no cluster."""
    return (await session.execute(_new().with_only_columns(FeedbackRow.id).limit(1))).scalar_one_or_none() is not None


async def enter(session: AsyncSession, limit: int) -> None:
    """Let so many judged messages that are new be alone in clusters, with what they cost, until they are compared."""
    query = (
        _new()
        .with_only_columns(
            FeedbackRow.turn_id,
            FeedbackRow.turn_id,
            BotMessageRow.answer_id,
            DialogueRow.collection,
            literal(""),
            literal(""),
            BotMessageRow.confidence,
            func.max(queue.damage()),
            false(),
        )
        .group_by(FeedbackRow.turn_id, BotMessageRow.answer_id, DialogueRow.collection, BotMessageRow.confidence)
        .limit(limit)
    )
    names = ["turn_id", "cluster_id", "answer_id", "collection", "language", "encoder"]
    names += ["confidence", "damage", "pinned"]
    try:
        async with session.begin_nested():
            await session.execute(insert(ReviewMemberRow).from_select(names, query, include_defaults=False))
    except IntegrityError:
        # Another process has entered the same in this very moment.
        return


async def unplaced(session: AsyncSession, encoder: str, limit: int) -> list[Failure]:
    """Judged messages that wait and were not compared in this space, oldest first."""
    waits = exists().where(
        FeedbackRow.turn_id == ReviewMemberRow.turn_id, FeedbackRow.state == OPEN, FeedbackRow.rating == DOWN
    )
    query = (
        select(ReviewMemberRow.turn_id, ReviewMemberRow.answer_id, ReviewMemberRow.collection)
        .where(ReviewMemberRow.encoder != encoder, waits)
        .order_by(ReviewMemberRow.turn_id)
        .limit(limit)
    )
    found = {row.turn_id: row for row in await session.execute(query)}
    asked = {one.message_id: one.text for one in await drifts.asked(session, list(found))}
    return [Failure(key, asked.get(key, ""), row.answer_id, row.collection) for key, row in found.items()]


async def founders(session: AsyncSession, group: Group) -> tuple[list[UUID], NDArray[np.float32]]:
    """The clusters of a group, each by the vector of its first member. Shape: n → (n, d)."""
    query = (
        select(ReviewMemberRow.cluster_id, ReviewVectorRow.vector)
        .join(ReviewVectorRow, ReviewVectorRow.turn_id == ReviewMemberRow.turn_id)
        .where(
            ReviewMemberRow.answer_id.is_(None)
            if group.answer_id is None
            else ReviewMemberRow.answer_id == group.answer_id,
            ReviewMemberRow.collection == group.collection,
            ReviewMemberRow.language == group.language,
            ReviewMemberRow.encoder == group.encoder,
        )
        .order_by(ReviewMemberRow.turn_id)
    )
    first: dict[UUID, bytes] = {}
    for cluster_id, vector in await session.execute(query):
        first.setdefault(cluster_id, vector)
    return list(first), keys.unpack(list(first.values()))


async def place(session: AsyncSession, group: Group, placed: Sequence[Placed]) -> None:
    """Put failures into clusters; one that a person has put somewhere, or was erased meanwhile, stays."""
    for one in placed:
        where = ReviewMemberRow.turn_id == one.turn_id
        moving = update(ReviewMemberRow).where(where, ReviewMemberRow.encoder != group.encoder)
        known = {"language": group.language, "encoder": group.encoder}
        cluster = case(
            (ReviewMemberRow.pinned, ReviewMemberRow.cluster_id),
            else_=literal(one.cluster_id, ReviewMemberRow.cluster_id.type),
        )
        moving = moving.values(cluster_id=cluster, **known).returning(ReviewMemberRow.turn_id)
        moved = await session.execute(moving.execution_options(synchronize_session=False))
        if moved.scalar_one_or_none() is None:
            continue
        gone = delete(ReviewVectorRow).where(ReviewVectorRow.turn_id == one.turn_id)
        await session.execute(gone.execution_options(synchronize_session=False))
        if one.vector is not None:
            row = {"turn_id": one.turn_id, "vector": keys.pack(one.vector[None])[0]}
            await session.execute(insert(ReviewVectorRow), [row])


async def touch(session: AsyncSession, cluster_id: UUID, seen: int | None, by: str) -> ReviewClusterRow:
    """The cluster's row, locked, its version raised: whoever saw an older one is told.

    Raises ClusterChangedError when `seen` is not the version that it has.
    """
    row = await session.get(ReviewClusterRow, cluster_id, with_for_update=True, populate_existing=True)
    while row is None:
        try:
            async with session.begin_nested():
                values = {"id": cluster_id, "version": 0, "flagged": False, "changed_at": now()}
                await session.execute(insert(ReviewClusterRow), [values])
        except IntegrityError:
            # Somebody else did something with it in this very moment: what they did is seen now.
            session.expire_all()
        row = await session.get(ReviewClusterRow, cluster_id, with_for_update=True, populate_existing=True)
    if seen is not None and row.version != seen:
        raise ClusterChangedError(row.changed_by)
    row.version, row.changed_by, row.changed_at = row.version + 1, by, now()
    await session.flush()
    return row


async def flag(session: AsyncSession, feedback_id: UUID, seen: int | None, by: str, *, flagged: bool) -> None:
    """Ask for a closer look at a judgement's cluster, or no more. Raises FeedbackNotFoundError, ClusterChangedError."""
    row = await touch(session, await _cluster_of(session, feedback_id), seen, by)
    before, row.flagged = row.flagged, flagged
    action = "flag" if flagged else "flag no more"
    await audit.record(session, by, action, str(row.id), before={"flagged": before}, after={"flagged": flagged})


async def assign(session: AsyncSession, feedback_id: UUID, seen: int | None, by: str, assignee: str | None) -> None:
    """Leave a judgement's cluster to a colleague, or to nobody.

    Raises FeedbackNotFoundError, AccountNotFoundError, ClusterChangedError.
    """
    if assignee is not None:
        await accounts.get(session, assignee)
    row = await touch(session, await _cluster_of(session, feedback_id), seen, by)
    before, row.assignee = row.assignee, assignee
    await audit.record(session, by, "assign", str(row.id), before=before, after=assignee, assignee=assignee)


async def note(session: AsyncSession, feedback_id: UUID, by: str, text: str) -> None:
    """Leave a note beside a judged message; it overwrites nothing. Raises FeedbackNotFoundError."""
    if text.strip():
        await touch(session, await _cluster_of(session, feedback_id), None, by)
        await notes.add(session, await _turn_of(session, feedback_id), by, text.strip()[:NOTE_LIMIT])


async def split(session: AsyncSession, feedback_id: UUID, seen: int | None, by: str) -> UUID:
    """Take a judgement's message out of its cluster: it is a problem of its own. Returns the cluster that it is now.

    Raises FeedbackNotFoundError, ClusterChangedError.
    """
    turn_id = await _turn_of(session, feedback_id)
    before = await queue.key_of(session, feedback_id)
    if before is None or not await _has_others(session, before, turn_id):
        return before or turn_id
    await touch(session, before, seen, by)
    if before == turn_id:
        # The founder leaves: the others are called as their oldest from now on.
        rest = select(ReviewMemberRow.turn_id).where(
            ReviewMemberRow.cluster_id == before, ReviewMemberRow.turn_id != turn_id
        )
        heir = (await session.execute(rest.order_by(ReviewMemberRow.turn_id).limit(1))).scalar_one()
        moving = update(ReviewMemberRow).where(ReviewMemberRow.cluster_id == before, ReviewMemberRow.turn_id != turn_id)
        await session.execute(moving.values(cluster_id=heir).execution_options(synchronize_session=False))
    alone = update(ReviewMemberRow).where(ReviewMemberRow.turn_id == turn_id).values(cluster_id=turn_id, pinned=True)
    await session.execute(alone.execution_options(synchronize_session=False))
    await audit.record(
        session, by, "split", str(feedback_id), before={"cluster": str(before)}, after={"cluster": str(turn_id)}
    )
    return turn_id


async def merge(session: AsyncSession, cluster_ids: Sequence[UUID], by: str) -> UUID:
    """Make one cluster of several: one decision counts for all of them. Returns the one that stays, the oldest."""
    ids = sorted(set(cluster_ids))
    kept = ids[0]
    for cluster_id in ids:
        await touch(session, cluster_id, None, by)
    while await has_new(session):
        await enter(session, ENTERED_AT_ONCE)
    moving = update(ReviewMemberRow).where(ReviewMemberRow.cluster_id.in_(ids))
    moving = moving.values(cluster_id=kept, pinned=True)
    await session.execute(moving.execution_options(synchronize_session=False))
    await audit.record(session, by, "merge", str(kept), clusters=[str(one) for one in ids])
    return kept


def _new() -> Select[Any]:
    known = exists().where(ReviewMemberRow.turn_id == FeedbackRow.turn_id)
    return (
        select(FeedbackRow)
        .join(BotMessageRow, BotMessageRow.turn_id == FeedbackRow.turn_id)
        .join(DialogueRow, DialogueRow.id == FeedbackRow.dialogue_id)
        .where(FeedbackRow.state == OPEN, FeedbackRow.rating == DOWN, ~known)
    )


async def _cluster_of(session: AsyncSession, feedback_id: UUID) -> UUID:
    key = await queue.key_of(session, feedback_id)
    if key is None:
        raise FeedbackNotFoundError(feedback_id)
    return key


async def _turn_of(session: AsyncSession, feedback_id: UUID) -> UUID:
    query = select(FeedbackRow.turn_id).where(FeedbackRow.id == feedback_id)
    turn_id = (await session.execute(query)).scalar_one_or_none()
    if turn_id is None:
        raise FeedbackNotFoundError(feedback_id)
    return turn_id


async def _has_others(session: AsyncSession, cluster_id: UUID, turn_id: UUID) -> bool:
    other = exists().where(ReviewMemberRow.cluster_id == cluster_id, ReviewMemberRow.turn_id != turn_id)
    return bool((await session.execute(select(other))).scalar_one())
