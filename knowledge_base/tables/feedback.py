"""Judgements of what the bot said."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now


class FeedbackRow(Base):
    """One rater's judgement of one bot message: of the pair (turn, answer), never of the answer alone."""

    __tablename__ = "feedback"
    __table_args__ = (
        UniqueConstraint("turn_id", "rater"),
        Index("ix_feedback_state_created_at", "state", "created_at"),
        # Of how many votes an answer has had lately each new one asks.
        Index("ix_feedback_answer_id_created_at", "answer_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"))
    dialogue_id: Mapped[UUID] = mapped_column(ForeignKey("dialogue.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"))
    rating: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(32))
    comment: Mapped[str | None]
    rater: Mapped[str] = mapped_column(String(255))
    rater_role: Mapped[str] = mapped_column(String(16))
    weight: Mapped[float] = mapped_column(default=1.0)
    suggested_text: Mapped[str | None]
    suggested_answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(16), default="open")
    resolution: Mapped[str | None] = mapped_column(String(16))
    resolved_answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"))
    resolved_by: Mapped[str | None] = mapped_column(String(128))
    resolved_at: Mapped[datetime | None]
    # The decision that closed it, when that counted for a whole cluster.
    decision_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
