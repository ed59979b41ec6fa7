"""Notes on conversations, for agents and reviewers only: they are in no event log, so that no customer is sent one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import conversations
from knowledge_base.errors import NoteNotFoundError
from knowledge_base.tables import NoteRow


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody noted on a conversation."""

    id: UUID
    conversation_id: UUID
    author: str
    text: str
    created_at: datetime


async def add(session: AsyncSession, conversation_id: UUID, author: str, text: str) -> Note:
    """Store a note, on a closed conversation too. Raises DialogueNotFoundError."""
    await conversations.get(session, conversation_id)
    row = NoteRow(dialogue_id=conversation_id, author=author, text=text)
    session.add(row)
    await session.flush()
    return _to_note(row)


async def of_conversation(session: AsyncSession, conversation_id: UUID) -> list[Note]:
    """A conversation's notes, oldest first."""
    query = select(NoteRow).where(NoteRow.dialogue_id == conversation_id).order_by(NoteRow.id)
    return [_to_note(row) for row in (await session.execute(query)).scalars()]


async def remove(session: AsyncSession, conversation_id: UUID, note_id: UUID, author: str) -> None:
    """Take one's own note back. Raises NoteNotFoundError, for another's note too."""
    theirs = (NoteRow.id == note_id, NoteRow.dialogue_id == conversation_id, NoteRow.author == author)
    gone = delete(NoteRow).where(*theirs).returning(NoteRow.id)
    if (await session.execute(gone)).scalar_one_or_none() is None:
        raise NoteNotFoundError(note_id)


def _to_note(row: NoteRow) -> Note:
    return Note(row.id, row.dialogue_id, row.author, row.text, row.created_at)
