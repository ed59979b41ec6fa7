"""Notes that people leave beside judged messages, and all that was done with one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.audit import Entry, to_entry
from knowledge_base.tables import AuditRow, ReviewNoteRow

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Note:
    """What a person wrote beside a judged message."""

    id: UUID
    turn_id: UUID
    author: str
    text: str
    at: datetime


async def add(session: AsyncSession, turn_id: UUID, author: str, text: str) -> Note:
    """Keep a note."""
    row = ReviewNoteRow(turn_id=turn_id, author=author, text=text)
    session.add(row)
    await session.flush()
    return Note(row.id, row.turn_id, row.author, row.text, row.at)


async def of_turns(session: AsyncSession, turn_ids: Sequence[UUID]) -> list[Note]:
    """The notes beside these messages, oldest first."""
    query = select(ReviewNoteRow).where(ReviewNoteRow.turn_id.in_(turn_ids)).order_by(ReviewNoteRow.id)
    rows = (await session.execute(query)).scalars()
    return [Note(row.id, row.turn_id, row.author, row.text, row.at) for row in rows]


async def trail(session: AsyncSession, subjects: Sequence[UUID]) -> list[Entry]:
    """What was done with these judgements, messages and clusters, newest first."""
    query = select(AuditRow).where(AuditRow.subject.in_([str(subject) for subject in subjects]))
    rows = (await session.execute(query.order_by(AuditRow.id.desc()).limit(MOST_SHOWN))).scalars()
    return [to_entry(row) for row in rows]
