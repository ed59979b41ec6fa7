"""Positions: the passages that make up an answer's memory."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import changes
from knowledge_base.changes import ChangeKind
from knowledge_base.identifiers import new_id
from knowledge_base.tables import AnswerRow, PositionRow
from knowledge_base.tables.base import now
from weaver_core.dialogue import PositionKind

# What a contradicted passage loses of its b = log trust: enough to silence it in any read, and found again by undo.
DOUBT = 30.0


@dataclass(frozen=True, slots=True)
class PositionDraft:
    """A passage to be stored. `trust` is b = log trust: 0 for one that is trusted in full."""

    kind: PositionKind
    text: str
    context: str | None = None
    language: str | None = None
    trust: float = 0.0
    turn_id: UUID | None = None
    feedback_id: UUID | None = None

    @property
    def content_hash(self) -> bytes:
        """What two positions of one answer share when they are one: their words in their context."""
        words = f"{' '.join((self.context or '').split())}\0{' '.join(self.text.split())}"
        return hashlib.sha256(words.encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class Position:
    """A stored passage of an answer's memory."""

    id: UUID
    answer_id: UUID
    kind: PositionKind
    text: str
    context: str | None
    language: str | None
    trust: float
    turn_id: UUID | None
    feedback_id: UUID | None
    created_at: datetime


def to_position(row: PositionRow) -> Position:
    """The value of a row."""
    return Position(
        id=row.id,
        answer_id=row.answer_id,
        kind=PositionKind(row.kind),
        text=row.text,
        context=row.context,
        language=row.language,
        trust=row.trust,
        turn_id=row.turn_id,
        feedback_id=row.feedback_id,
        created_at=row.created_at,
    )


def columns(position_id: UUID, answer_id: UUID, draft: PositionDraft, moment: datetime) -> dict[str, Any]:
    """The columns of a position that is about to be stored."""
    return {
        "id": position_id,
        "answer_id": answer_id,
        "kind": draft.kind.value,
        "text": draft.text,
        "context": draft.context,
        "language": draft.language,
        "trust": draft.trust,
        "content_hash": draft.content_hash,
        "turn_id": draft.turn_id,
        "feedback_id": draft.feedback_id,
        "created_at": moment,
    }


async def add(session: AsyncSession, answer_id: UUID, drafts: Sequence[PositionDraft]) -> list[UUID]:
    """Store the passages that the answer's memory does not hold yet. Returns the new positions' ids, in order."""
    by_hash = {draft.content_hash: draft for draft in drafts}
    held = select(PositionRow.content_hash).where(
        PositionRow.answer_id == answer_id, PositionRow.content_hash.in_(list(by_hash))
    )
    known = set((await session.execute(held)).scalars())
    moment = now()
    new = {new_id(): draft for content_hash, draft in by_hash.items() if content_hash not in known}
    rows = [columns(position_id, answer_id, draft, moment) for position_id, draft in new.items()]
    if rows:
        await session.execute(insert(PositionRow), rows)
        await changes.record(session, ChangeKind.ANSWER, [answer_id])
    return list(new)


async def by_ids(session: AsyncSession, position_ids: Collection[UUID]) -> dict[UUID, Position]:
    """Those of these positions that are stored, by their ids."""
    rows = (await session.execute(select(PositionRow).where(PositionRow.id.in_(position_ids)))).scalars()
    return {row.id: to_position(row) for row in rows}


async def of_answer(session: AsyncSession, answer_id: UUID) -> list[Position]:
    """An answer's passages, oldest first."""
    query = select(PositionRow).where(PositionRow.answer_id == answer_id).order_by(PositionRow.id)
    return [to_position(row) for row in (await session.execute(query)).scalars()]


async def remove_sentences(session: AsyncSession, answer_id: UUID) -> None:
    """Drop the passages that were the answer's own words, before its new words are stored."""
    kind = PositionKind.SENTENCE.value
    await session.execute(delete(PositionRow).where(PositionRow.answer_id == answer_id, PositionRow.kind == kind))
    await changes.record(session, ChangeKind.ANSWER, [answer_id])


async def remove_of_feedback(session: AsyncSession, feedback_ids: Collection[UUID], kind: PositionKind) -> None:
    """Take back the passages that judgements wrote: as likes, or what a reviewer made of them."""
    theirs = (PositionRow.feedback_id.in_(feedback_ids), PositionRow.kind == kind.value)
    owners = list((await session.execute(select(PositionRow.answer_id).where(*theirs).distinct())).scalars())
    gone = delete(PositionRow).where(*theirs).execution_options(synchronize_session=False)
    await session.execute(gone)
    await changes.record(session, ChangeKind.ANSWER, owners)


@dataclass(frozen=True, slots=True)
class Preferred:
    """What made way for a correction, by the ids that undo needs: nobody's words.

    `raised` are the answer's own passages with the b = log trust that they had, `silenced` other answers' passages,
    `dropped` other answers' corrections, by their answer and the judgement that wrote them.
    """

    losers: tuple[UUID, ...]
    raised: Mapping[UUID, float]
    silenced: tuple[UUID, ...]
    dropped: tuple[tuple[UUID, UUID | None], ...]


async def prefer(session: AsyncSession, answer_id: UUID, passages: Sequence[str]) -> Preferred:
    """Make way for a correction that gives a question, with its passages, to an answer: the newest judgement counts.

    In the answer's collection, earlier corrections that gave these very words to other answers are dropped, and
    other answers' passages with these words lose their say in the read; the answer's own are trusted in full.
    Returns what that changed.
    """
    same = await _with_words(session, answer_id, passages)
    own = [row for row in same if row.answer_id == answer_id]
    others = [row for row in same if row.answer_id != answer_id]
    raised = {row.id: row.trust for row in own if row.trust < 0}
    for row in own:
        row.trust = max(0.0, row.trust)
    for row in others:
        row.trust -= DOUBT
    dropped = [row for row in others if row.kind == PositionKind.CORRECTION.value]
    corrections = [row.id for row in dropped]
    await session.flush()
    await session.execute(delete(PositionRow).where(PositionRow.id.in_(corrections)))
    await changes.record(session, ChangeKind.ANSWER, [row.answer_id for row in same])
    return Preferred(
        losers=tuple(dict.fromkeys(row.answer_id for row in others)),
        raised=raised,
        silenced=tuple(row.id for row in others if row.kind != PositionKind.CORRECTION.value),
        dropped=tuple((row.answer_id, row.feedback_id) for row in dropped),
    )


async def make_way_no_more(session: AsyncSession, changed: Preferred, added: Collection[UUID]) -> None:
    """Take exactly back what a correction changed: its passages go, others have the say that they had before.

    What was changed again since, by another correction or an update, stays as that left it.
    """
    gone = list((await session.execute(select(PositionRow).where(PositionRow.id.in_(added)))).scalars())
    owners = [row.answer_id for row in gone]
    for row in gone:
        await session.delete(row)
    touched = [*changed.raised, *changed.silenced]
    for row in (await session.execute(select(PositionRow).where(PositionRow.id.in_(touched)))).scalars():
        if row.id in changed.raised and row.trust == 0:
            row.trust = changed.raised[row.id]
        elif row.id not in changed.raised and row.trust <= -DOUBT:
            row.trust += DOUBT
        owners.append(row.answer_id)
    await session.flush()
    await changes.record(session, ChangeKind.ANSWER, owners)


async def prefer_no_more(session: AsyncSession, answer_id: UUID, passages: Sequence[str]) -> None:
    """Give other answers' passages with a question's words the say back that a correction took from them."""
    rows = [row for row in await _with_words(session, answer_id, passages) if row.answer_id != answer_id]
    for row in rows:
        if row.trust <= -DOUBT:
            row.trust += DOUBT
    await session.flush()
    await changes.record(session, ChangeKind.ANSWER, [row.answer_id for row in rows])


async def _with_words(session: AsyncSession, answer_id: UUID, passages: Sequence[str]) -> list[PositionRow]:
    """The passages of an answer's whole collection that are one of these, whatever their case."""
    collection = select(AnswerRow.collection).where(AnswerRow.id == answer_id).scalar_subquery()
    query = (
        select(PositionRow)
        .join(AnswerRow, AnswerRow.id == PositionRow.answer_id)
        .where(
            AnswerRow.collection == collection,
            func.lower(PositionRow.text).in_([passage.lower() for passage in passages]),
        )
        .order_by(PositionRow.id)
    )
    return list((await session.execute(query)).scalars())
