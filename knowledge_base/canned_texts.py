"""Canned texts: what agents send again and again, shared by the team, by a shortcut in each language."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.errors import CannedTextExistsError, CannedTextNotFoundError
from knowledge_base.tables import CannedTextRow
from knowledge_base.tables.base import now


@dataclass(frozen=True, slots=True)
class Draft:
    """A canned text to be stored: the shortcut has no slash and is in lower case, the language is such as `en`."""

    shortcut: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class CannedText:
    """A stored canned text, and who gave it its words."""

    id: UUID
    shortcut: str
    language: str
    text: str
    author: str
    updated_at: datetime


async def every(session: AsyncSession) -> list[CannedText]:
    """All of them, by shortcut."""
    rows = await session.execute(select(CannedTextRow).order_by(CannedTextRow.shortcut, CannedTextRow.language))
    return [_to_canned(row) for row in rows.scalars()]


async def add(session: AsyncSession, draft: Draft, author: str) -> CannedText:
    """Store a new one. Raises CannedTextExistsError."""
    return await _store(session, CannedTextRow(), draft, author)


async def change(session: AsyncSession, canned_id: UUID, draft: Draft, author: str) -> CannedText:
    """Give one another shortcut, language or text. Raises CannedTextNotFoundError, CannedTextExistsError."""
    row = await session.get(CannedTextRow, canned_id)
    if row is None:
        raise CannedTextNotFoundError(canned_id)
    return await _store(session, row, draft, author)


async def remove(session: AsyncSession, canned_id: UUID) -> None:
    """Delete one. Raises CannedTextNotFoundError."""
    gone = delete(CannedTextRow).where(CannedTextRow.id == canned_id).returning(CannedTextRow.id)
    if (await session.execute(gone)).scalar_one_or_none() is None:
        raise CannedTextNotFoundError(canned_id)


async def _store(session: AsyncSession, row: CannedTextRow, draft: Draft, author: str) -> CannedText:
    try:
        async with session.begin_nested():
            row.shortcut, row.language, row.text = draft.shortcut, draft.language, draft.text
            row.author, row.updated_at = author, now()
            session.add(row)
            await session.flush()
    except IntegrityError:
        raise CannedTextExistsError(draft.shortcut, draft.language) from None
    return _to_canned(row)


def _to_canned(row: CannedTextRow) -> CannedText:
    return CannedText(row.id, row.shortcut, row.language, row.text, row.author, row.updated_at)
