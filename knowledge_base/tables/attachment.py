"""Images that customers sent in a conversation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now


class AttachmentRow(Base):
    """One image of a conversation, without its metadata, and the text that was read in it (None: it was not read).

    It is of no turn until a message names it; `place` is its place among that message's images, from 0.
    """

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_turn_id_created_at", "turn_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    dialogue_id: Mapped[UUID] = mapped_column(ForeignKey("dialogue.id", ondelete="CASCADE"), index=True)
    turn_id: Mapped[UUID | None] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column(default=0)
    media_type: Mapped[str] = mapped_column(String(32))
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes]
    text: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
