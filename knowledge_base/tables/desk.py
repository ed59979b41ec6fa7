"""What agents share at their desk: canned texts, notes on conversations, who is there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now


class CannedTextRow(Base):
    """A text that agents send again and again, by its shortcut, in one language."""

    __tablename__ = "canned_text"
    __table_args__ = (UniqueConstraint("shortcut", "language"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shortcut: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    author: Mapped[str] = mapped_column(String(128))
    updated_at: Mapped[datetime] = mapped_column(default=now)


class NoteRow(Base):
    """What an agent noted on a conversation, for colleagues. It is no turn: neither customers nor the bot see it."""

    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dialogue_id: Mapped[UUID] = mapped_column(ForeignKey("dialogue.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(128))
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class PresenceRow(Base):
    """An agent's last sign of life at the desk, and the conversation that was open there."""

    __tablename__ = "presence"

    agent: Mapped[str] = mapped_column(String(128), primary_key=True)
    dialogue_id: Mapped[UUID | None] = mapped_column(ForeignKey("dialogue.id", ondelete="SET NULL"), index=True)
    seen_at: Mapped[datetime] = mapped_column(default=now)
