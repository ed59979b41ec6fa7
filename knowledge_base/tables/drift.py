"""Times in which customers asked other things than before."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now

_OPEN = text("state = 'open'")


class DriftRow(Base):
    """One alarm, from its beginning to its end; one at most is open.

    Turns are named by the bot's messages and may be erased meanwhile. `watch` is the chart as it stood at
    `seen_turn_id`, the turn that raised the alarm or ended it. Of the `before_turns` before the change `before_unsure`
    were more probably wrong than right. `typical` are turns of the change that stand for the `typical_of` like them.
    """

    __tablename__ = "drift"
    __table_args__ = (Index("ux_drift_open", "state", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime]
    since_turn_id: Mapped[UUID]
    seen_turn_id: Mapped[UUID]
    watch: Mapped[dict[str, Any]]
    before_turns: Mapped[int]
    before_unsure: Mapped[int]
    typical: Mapped[list[Any]] = mapped_column(default=list)
    typical_of: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(128))
