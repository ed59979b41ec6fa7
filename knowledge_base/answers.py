"""Answers: what a person of the company wrote, with its status, validity and revisions."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import changes
from knowledge_base.changes import ChangeKind
from knowledge_base.errors import AnswerExistsError, AnswerNotFoundError
from knowledge_base.identifiers import new_id, parse_id
from knowledge_base.tables import AnswerRow, RevisionRow
from knowledge_base.tables.base import now, table_of

TITLE_LENGTH = 80

_ANSWER = table_of(AnswerRow)
_BY_IDS = select(_ANSWER).where(_ANSWER.c.id.in_(bindparam("answer_ids", expanding=True)))


class AnswerStatus(StrEnum):
    """Whether the bot may send an answer: only an approved one."""

    PENDING = "pending"
    APPROVED = "approved"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """An answer to be stored. `external_id` is the name that its author gave it; `personal` keeps it from replay."""

    text: str
    title: str
    external_id: str | None = None
    language: str | None = None
    collection: str = "default"
    tags: tuple[str, ...] = ()
    status: AnswerStatus = AnswerStatus.APPROVED
    origin: str = "faq"
    personal: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer."""

    id: UUID
    answer_id: str
    title: str
    text: str
    language: str | None
    collection: str
    tags: tuple[str, ...]
    status: AnswerStatus
    origin: str
    personal: bool
    valid_from: datetime | None
    valid_until: datetime | None
    created_at: datetime
    updated_at: datetime
    must_not_break: bool = False

    @property
    def is_named(self) -> bool:
        """Whether its author gave it the `answer_id` that it is known by."""
        return self.answer_id != str(self.id)

    def servable_at(self, moment: datetime) -> bool:
        """Whether the bot may send this answer at a moment: approved, not personal, within its validity."""
        if self.status is not AnswerStatus.APPROVED or self.personal:
            return False
        begun = self.valid_from is None or self.valid_from <= moment
        return begun and (self.valid_until is None or moment < self.valid_until)


@dataclass(frozen=True, slots=True)
class Revision:
    """One wording that an answer had or has."""

    number: int
    title: str
    text: str
    author: str
    at: datetime


def to_answer(row: AnswerRow | Row[*tuple[Any, ...]]) -> Answer:
    """The value of a row, or of one with all columns of the table."""
    return Answer(
        id=row.id,
        answer_id=row.external_id or str(row.id),
        title=row.title,
        text=row.text,
        language=row.language,
        collection=row.collection,
        tags=tuple(row.tags),
        status=AnswerStatus(row.status),
        origin=row.origin,
        personal=row.personal,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        created_at=row.created_at,
        updated_at=row.updated_at,
        must_not_break=row.must_not_break,
    )


def title_of(text: str) -> str:
    """A title for an answer whose author gave none: its beginning, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line[:TITLE_LENGTH]
    return (cut.rsplit(" ", 1)[0] if " " in cut[TITLE_LENGTH // 2 :] else cut) + "…"


def merge_key(collection: str, text: str) -> str:
    """What two answers without an `answer_id` share when they are one: their collection and their words."""
    return hashlib.sha256(f"{collection}\0{' '.join(text.split())}".encode()).hexdigest()


async def create(session: AsyncSession, draft: AnswerDraft, author: str) -> Answer:
    """Store a new answer with its first revision and say so to every process."""
    row = AnswerRow(
        id=new_id(),
        external_id=draft.external_id,
        merge_key=None if draft.external_id else merge_key(draft.collection, draft.text),
        title=draft.title,
        text=draft.text,
        language=draft.language,
        collection=draft.collection,
        tags=list(draft.tags),
        status=draft.status.value,
        origin=draft.origin,
        personal=draft.personal,
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
        created_at=(moment := now()),
        updated_at=moment,
    )
    session.add(row)
    await session.flush()
    session.add(RevisionRow(answer_id=row.id, number=1, title=row.title, text=row.text, author=author))
    await session.flush()
    await changes.record(session, ChangeKind.ANSWER, [row.id])
    return to_answer(row)


async def by_ids(session: AsyncSession, answer_ids: Collection[UUID]) -> dict[UUID, Answer]:
    """Those of these answers that are stored, by their ids."""
    rows = await session.execute(_BY_IDS, {"answer_ids": list(answer_ids)})
    return {row.id: to_answer(row) for row in rows}


async def get_or_create(session: AsyncSession, draft: AnswerDraft, author: str) -> Answer:
    """The answer without an `answer_id` that has the draft's words already, whatever its status, else a new one."""
    key = merge_key(draft.collection, draft.text)
    held = await by_merge_key(session, key)
    if held is not None:
        return held
    try:
        async with session.begin_nested():
            return await create(session, draft, author)
    except IntegrityError:
        # Another process stored it in this very moment.
        held = await by_merge_key(session, key)
        if held is None:
            raise
        return held


async def revise(session: AsyncSession, answer_id: UUID, title: str, text: str, author: str) -> Answer:
    """Give an answer new words, keeping the old ones as a revision.

    Raises AnswerNotFoundError, AnswerExistsError when another answer has the words.
    """
    row = await _locked(session, answer_id)
    if (row.title, row.text) == (title, text):
        return to_answer(row)
    if row.merge_key is not None:
        twin = await by_merge_key(session, merge_key(row.collection, text))
        if twin is not None and twin.id != answer_id:
            raise AnswerExistsError(twin.answer_id)
    newest = select(func.max(RevisionRow.number)).where(RevisionRow.answer_id == answer_id)
    number = ((await session.execute(newest)).scalar_one() or 0) + 1
    row.title, row.text, row.updated_at = title, text, now()
    if row.merge_key is not None:
        row.merge_key = merge_key(row.collection, text)
    session.add(RevisionRow(answer_id=answer_id, number=number, title=title, text=text, author=author))
    await session.flush()
    await changes.record(session, ChangeKind.ANSWER, [answer_id])
    return to_answer(row)


async def set_status(session: AsyncSession, answer_id: UUID, status: AnswerStatus) -> Answer:
    """Approve, retire or suspend an answer. Raises AnswerNotFoundError."""
    row = await _locked(session, answer_id)
    row.status, row.updated_at = status.value, now()
    await session.flush()
    await changes.record(session, ChangeKind.ANSWER, [answer_id])
    return to_answer(row)


async def own(session: AsyncSession, answer_id: UUID) -> Answer:
    """A reviewer's words are the company's own: nothing of one customer is in them. Raises AnswerNotFoundError."""
    row = await _row(session, answer_id)
    row.personal, row.updated_at = False, now()
    await session.flush()
    await changes.record(session, ChangeKind.ANSWER, [answer_id])
    return to_answer(row)


async def guard(session: AsyncSession, answer_id: UUID, *, must_not_break: bool) -> Answer:
    """Say whether an update of the model may lose a question of this answer. Raises AnswerNotFoundError."""
    row = await _locked(session, answer_id)
    row.must_not_break, row.updated_at = must_not_break, now()
    await session.flush()
    return to_answer(row)


async def get(session: AsyncSession, answer_id: UUID) -> Answer:
    """The answer with this key. Raises AnswerNotFoundError."""
    return to_answer(await _row(session, answer_id))


async def by_public_id(session: AsyncSession, public_id: str) -> Answer:
    """The answer that every face calls so: by the imported id, else by the generated one.

    Raises AnswerNotFoundError.
    """
    query = select(AnswerRow).where(AnswerRow.external_id == public_id)
    row = (await session.execute(query)).scalar_one_or_none()
    key = parse_id(public_id)
    if row is None and key is not None:
        row = await session.get(AnswerRow, key)
    if row is None:
        raise AnswerNotFoundError(public_id)
    return to_answer(row)


async def by_public_ids(session: AsyncSession, public_ids: Sequence[str]) -> dict[str, Answer]:
    """The answers that every face calls so, by what they are called; one that is gone is left out."""
    keys = [key for key in map(parse_id, public_ids) if key is not None]
    query = select(AnswerRow).where(or_(AnswerRow.external_id.in_(public_ids), AnswerRow.id.in_(keys)))
    found = [to_answer(row) for row in (await session.execute(query)).scalars()]
    return {answer.answer_id: answer for answer in found}


async def by_merge_key(session: AsyncSession, key: str) -> Answer | None:
    """The answer without an `answer_id` that has these words already."""
    row = (await session.execute(select(AnswerRow).where(AnswerRow.merge_key == key))).scalar_one_or_none()
    return None if row is None else to_answer(row)


async def revisions(session: AsyncSession, answer_id: UUID) -> list[Revision]:
    """An answer's wordings, newest first."""
    query = select(RevisionRow).where(RevisionRow.answer_id == answer_id).order_by(RevisionRow.number.desc())
    rows = (await session.execute(query)).scalars()
    return [Revision(row.number, row.title, row.text, row.author, row.at) for row in rows]


async def find(
    session: AsyncSession, words: str = "", statuses: Sequence[AnswerStatus] = (AnswerStatus.APPROVED,), limit: int = 50
) -> list[Answer]:
    """Answers whose title, text or id holds these words, most recently changed first."""
    query = select(AnswerRow).where(AnswerRow.status.in_([status.value for status in statuses]))
    for word in words.split():
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (AnswerRow.title, AnswerRow.text, AnswerRow.external_id)
        query = query.where(or_(*(column.ilike(pattern, escape="\\") for column in columns)))
    rows = (await session.execute(query.order_by(AnswerRow.updated_at.desc(), AnswerRow.id).limit(limit))).scalars()
    return [to_answer(row) for row in rows]


async def count(session: AsyncSession) -> dict[AnswerStatus, int]:
    """How many answers there are of each status."""
    query = select(AnswerRow.status, func.count()).group_by(AnswerRow.status)
    counted = {AnswerStatus(status): number for status, number in await session.execute(query)}
    return {status: counted.get(status, 0) for status in AnswerStatus}


async def _row(session: AsyncSession, answer_id: UUID) -> AnswerRow:
    row = await session.get(AnswerRow, answer_id)
    if row is None:
        raise AnswerNotFoundError(answer_id)
    return row


async def _locked(session: AsyncSession, answer_id: UUID) -> AnswerRow:
    """The row as it is now, which nobody else changes before this transaction ends."""
    row = await session.get(AnswerRow, answer_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise AnswerNotFoundError(answer_id)
    return row
