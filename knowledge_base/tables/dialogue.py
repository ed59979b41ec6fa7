"""Dialogues and their turns, past and live; a live one has a conversation, an event log and bot messages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now


class DialogueRow(Base):
    """A dialogue, imported (its source is the file's kind) or live (its source is `chat`)."""

    __tablename__ = "dialogue"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(String(32))
    external_id: Mapped[str | None] = mapped_column(String(255))
    channel: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(16))
    customer: Mapped[str | None] = mapped_column(String(255), index=True)
    collection: Mapped[str] = mapped_column(String(64), default="default")
    resolved: Mapped[bool | None]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)


class TurnRow(Base):
    """One turn of a dialogue. `ordinal` is its place; in a live conversation it is the event's seq."""

    __tablename__ = "turn"
    __table_args__ = (UniqueConstraint("dialogue_id", "ordinal"), UniqueConstraint("dialogue_id", "client_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dialogue_id: Mapped[UUID] = mapped_column(ForeignKey("dialogue.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    role: Mapped[str] = mapped_column(String(16))
    author: Mapped[str | None] = mapped_column(String(128))
    text: Mapped[str]
    client_id: Mapped[str | None] = mapped_column(String(128))
    in_reply_to: Mapped[int | None]
    at: Mapped[datetime | None]


class ConversationRow(Base):
    """What a live dialogue adds: who has the turn, and how far its event log goes."""

    __tablename__ = "conversation"
    __table_args__ = (Index("ix_conversation_mode_updated_at", "mode", "updated_at"),)

    dialogue_id: Mapped[UUID] = mapped_column(ForeignKey("dialogue.id", ondelete="CASCADE"), primary_key=True)
    mode: Mapped[str] = mapped_column(String(16), default="bot")
    agent: Mapped[str | None] = mapped_column(String(128))
    locale: Mapped[str] = mapped_column(String(16), default="en")
    # What an identified customer is called.
    customer_name: Mapped[str | None] = mapped_column(String(128))
    last_seq: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class EventRow(Base):
    """One entry of a conversation's log: a message (its turn) or a change of mode."""

    __tablename__ = "event"

    dialogue_id: Mapped[UUID] = mapped_column(ForeignKey("dialogue.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[UUID | None] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"))
    mode: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(default=now)


class BotMessageRow(Base):
    """What the bot decided for a turn, with everything that a judgement of it needs to know."""

    __tablename__ = "bot_message"

    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"), primary_key=True)
    decision: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float]
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"), index=True)
    candidates: Mapped[list[Any]]
    suggestions: Mapped[list[Any]]
    # What customers with the same question needed too, as it was told beside the answer.
    related: Mapped[list[Any]] = mapped_column(default=list)
    model_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("model_version.id", ondelete="SET NULL"))
    propensity: Mapped[float] = mapped_column(default=1.0)
    # The judgement that wrote the position which weighed most in what was sent; it may be forgotten since.
    taught_by: Mapped[UUID | None] = mapped_column(index=True)
    # Why the bot decided so: a key of the bot's own texts.
    why: Mapped[str] = mapped_column(String(32), default="")
    # The part of the customer's message that this answers, by its first character and the one after it; none for all.
    asked_from: Mapped[int | None]
    asked_to: Mapped[int | None]
    # How the customer's message sounds, from -1 (angry) to 1 (pleased); none where no head can tell.
    sentiment: Mapped[float | None]
