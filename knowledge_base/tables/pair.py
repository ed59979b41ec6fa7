"""Pairs of answers that say the same, or contradict each other."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now


class AnswerPairRow(Base):
    """Two answers found alike, the older one first, and what was decided. `undo` is what a merge has to give back."""

    __tablename__ = "answer_pair"
    __table_args__ = (UniqueConstraint("first_id", "second_id"), Index("ix_answer_pair_state_kind", "state", "kind"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    first_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"))
    second_id: Mapped[UUID] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    similarity: Mapped[float]
    state: Mapped[str] = mapped_column(String(16))
    undo: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decided_by: Mapped[str | None] = mapped_column(String(128))
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
