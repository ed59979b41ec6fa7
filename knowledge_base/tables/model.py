"""Model versions, what was trained for them, and the runs that made them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now

_ACTIVE = text("state = 'active'")
_RUNNING = text("state = 'running'")


class ModelVersionRow(Base):
    """One version of the model: its encoder, its fitted parameters, the artefact's hash, its figures."""

    __tablename__ = "model_version"
    __table_args__ = (
        Index("ux_model_version_active", "state", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("model_version.id", ondelete="SET NULL"))
    encoder: Mapped[str] = mapped_column(String(128))
    parameters: Mapped[dict[str, Any]]
    artefact_sha256: Mapped[str | None] = mapped_column(String(64))
    metrics: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    promoted_at: Mapped[datetime | None]
    promoted_by: Mapped[str | None] = mapped_column(String(128))


class ArtefactRow(Base):
    """What training made, named by its content's SHA-256: the low-rank delta of an encoder, with its configuration."""

    __tablename__ = "artefact"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    config: Mapped[dict[str, Any]]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)


class UpdateRunRow(Base):
    """One run that fits or trains a model version: how far it is, what it said, what came out.

    `holder` is the process that works on it, which says that it lives by `heartbeat_at`; one run at most is running.
    """

    __tablename__ = "update_run"
    __table_args__ = (
        Index("ux_update_run_running", "state", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), index=True)
    progress: Mapped[float] = mapped_column(default=0.0)
    log: Mapped[str] = mapped_column(default="")
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    model_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("model_version.id", ondelete="SET NULL"))
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    requested_by: Mapped[str | None] = mapped_column(String(128))
    stage: Mapped[str | None] = mapped_column(String(32))
    holder: Mapped[str | None] = mapped_column(String(128))
    heartbeat_at: Mapped[datetime | None]


class ShadowReplyRow(Base):
    """What another version than the active one would have said in a turn: `turn_id` is the bot's message."""

    __tablename__ = "shadow_reply"

    turn_id: Mapped[UUID] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"), primary_key=True)
    model_version_id: Mapped[UUID] = mapped_column(
        ForeignKey("model_version.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    decision: Mapped[str] = mapped_column(String(16))
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"))
    confidence: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(default=now)
