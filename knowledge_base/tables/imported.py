"""Files that were uploaded to be imported."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now


class ImportRunRow(Base):
    """One uploaded file: how it is to be imported, how far that is, what was found in it and what came of it.

    The file itself lies in the data folder and goes with the end of its import. `holder` is the process that works on
    it, which says that it lives by `heartbeat_at`.
    """

    __tablename__ = "import_run"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(16), index=True)
    stage: Mapped[str | None] = mapped_column(String(32))
    progress: Mapped[float] = mapped_column(default=0.0)
    found: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problem: Mapped[str | None]
    requested_by: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(128))
    heartbeat_at: Mapped[datetime | None]
