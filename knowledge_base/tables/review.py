"""The reviewer's queue: failures that are one problem, what is noted of them, what was decided, saved views."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now


class ReviewMemberRow(Base):
    """A message of the bot whose question is one with others'. A cluster is called as the message that founded it.

    `encoder` is the space in which it was compared, empty before that. A `pinned` member was put where it is by a
    person. How sure the bot was, and what the failure costs, stand here too: ten thousand of these narrow rows are
    ranked in a fraction of the time that their messages would take.
    """

    __tablename__ = "review_member"
    __table_args__ = (
        Index("ix_review_member_answer_id_language", "answer_id", "language"),
        {"sqlite_with_rowid": False},
    )

    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"), primary_key=True)
    cluster_id: Mapped[UUID] = mapped_column(index=True)
    # The answer that was shown, as it was then: failures of another answer are another problem.
    answer_id: Mapped[UUID | None]
    collection: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(16))
    encoder: Mapped[str] = mapped_column(String(255))
    confidence: Mapped[float]
    damage: Mapped[float]
    pinned: Mapped[bool] = mapped_column(default=False)


class ReviewVectorRow(Base):
    """The vector of a member's question, in the space that its member names."""

    __tablename__ = "review_vector"

    turn_id: Mapped[UUID] = mapped_column(ForeignKey("review_member.turn_id", ondelete="CASCADE"), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class ReviewClusterRow(Base):
    """What people say of a cluster; without a row nobody has said anything. `version` rises with all that they do."""

    __tablename__ = "review_cluster"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    flagged: Mapped[bool] = mapped_column(default=False)
    assignee: Mapped[str | None] = mapped_column(String(128), index=True)
    changed_by: Mapped[str | None] = mapped_column(String(128))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class ReviewNoteRow(Base):
    """What a person wrote beside a judged message, for colleagues."""

    __tablename__ = "review_note"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(128))
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class ReviewDecisionRow(Base):
    """One decision on one or many judgements. `undo` is what takes it back: ids, numbers, and our own words."""

    __tablename__ = "review_decision"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(128))
    at: Mapped[datetime] = mapped_column(default=now)
    undo: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undone_by: Mapped[str | None] = mapped_column(String(128))
    undone_at: Mapped[datetime | None]


class ReviewViewRow(Base):
    """A choice of filters that a person keeps under a name."""

    __tablename__ = "review_view"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(String(2000))
