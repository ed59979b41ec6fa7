"""Notes on a conversation: written by agents, read by agents and reviewers, never by a customer or the bot."""

from uuid import UUID

from bot.desk.writing import written
from bot.service import Service
from knowledge_base import notes
from knowledge_base.notes import Note


async def note(service: Service, conversation_id: UUID, author: str, text: str) -> Note:
    """Note something on a conversation. Raises TextEmptyError, TextTooLongError, DialogueNotFoundError."""
    words = written(text, service.settings.text_limit)
    async with service.database.writing() as session:
        return await notes.add(session, conversation_id, author, words)


async def take_back(service: Service, conversation_id: UUID, note_id: UUID, author: str) -> None:
    """Delete a note of one's own. Raises NoteNotFoundError."""
    async with service.database.writing() as session:
        await notes.remove(session, conversation_id, note_id, author)
