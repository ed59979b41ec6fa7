"""Questions with known answers that no update may lose: the gate's frozen set."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now


class FrozenQuestionRow(Base):
    """One question of an evaluation file: what is right to say is named by answer ids or exact texts; neither: abstain.

    `source` is the name of its file; a file that is frozen again takes the place of what it said before.
    """

    __tablename__ = "frozen_question"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(String(255), index=True)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    text: Mapped[str]
    history: Mapped[list[Any]]
    collection: Mapped[str] = mapped_column(String(64))
    answer_ids: Mapped[list[Any]]
    answers: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
