"""Answers, their revisions, the positions of their memories and the keys of those positions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now

# Where an answer comes from that nobody of the company wrote as an answer.
MINED = "dialogue"


class AnswerRow(Base):
    """A text that a person of the company wrote. `merge_key` is set where equal texts are one answer.

    `compared_at` is when answers that say the same or contradict it were last looked for. `must_not_break`: no update
    of the model may lose a question that it answers.
    """

    __tablename__ = "answer"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    external_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    merge_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    title: Mapped[str]
    text: Mapped[str]
    language: Mapped[str | None] = mapped_column(String(16))
    collection: Mapped[str] = mapped_column(String(64), default="default", index=True)
    tags: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(String(16), index=True)
    origin: Mapped[str] = mapped_column(String(32))
    personal: Mapped[bool] = mapped_column(default=False)
    must_not_break: Mapped[bool] = mapped_column(default=False, server_default=false())
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    compared_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class RevisionRow(Base):
    """One earlier or present wording of an answer."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("answer_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str]
    text: Mapped[str]
    author: Mapped[str] = mapped_column(String(128))
    at: Mapped[datetime] = mapped_column(default=now)


class PositionRow(Base):
    """One passage of an answer's memory. `trust` is b = log trust, added to its score inside the attention."""

    __tablename__ = "position"
    __table_args__ = (UniqueConstraint("answer_id", "content_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    context: Mapped[str | None]
    language: Mapped[str | None] = mapped_column(String(16))
    trust: Mapped[float] = mapped_column(default=0.0)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(16))
    turn_id: Mapped[UUID | None] = mapped_column(ForeignKey("turn.id", ondelete="SET NULL"), index=True)
    feedback_id: Mapped[UUID | None] = mapped_column(ForeignKey("feedback.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class EncoderRow(Base):
    """An encoder that some key is of; its number stands for it in every key."""

    __tablename__ = "encoder"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(String(128), unique=True)


class KeyRow(Base):
    """A position's unit vector in one encoder's space, in nine bits a coordinate (`quantization`)."""

    __tablename__ = "key"

    position_id: Mapped[UUID] = mapped_column(ForeignKey("position.id", ondelete="CASCADE"), primary_key=True)
    encoder_id: Mapped[int] = mapped_column(SmallInteger, ForeignKey("encoder.id"), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
