"""What is watched: outside texts, what was heard lately with its vector, alarms, figures by the hour."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.identifiers import new_id
from knowledge_base.tables.base import Base, now


class ObservationRow(Base):
    """A text from outside, such as a review or a post, masked. No answer is ever made of it."""

    __tablename__ = "observation"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    source: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str] = mapped_column(String(255))
    text: Mapped[str]
    language: Mapped[str | None] = mapped_column(String(16))
    # Stars, from 1 to 5.
    rating: Mapped[float | None]
    at: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class HeardRow(Base):
    """A text that the watch has read: a customer's turn, by the bot's message that replies to it, or an outside text.

    `person` is the conversation or the outside text, `stream` where it comes from, `mood` how it sounds, from -1 to 1.
    `vector` is in half precision, all zero for a text without words.
    """

    __tablename__ = "heard"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    turn_id: Mapped[UUID | None] = mapped_column(ForeignKey("turn.id", ondelete="CASCADE"), unique=True)
    observation_id: Mapped[UUID | None] = mapped_column(ForeignKey("observation.id", ondelete="CASCADE"), unique=True)
    person: Mapped[UUID]
    stream: Mapped[str] = mapped_column(String(80))
    language: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(index=True)
    mood: Mapped[float | None]
    unanswered: Mapped[bool] = mapped_column(default=False)
    space: Mapped[str] = mapped_column(String(255))
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class TopicAlarmRow(Base):
    """A topic that rises or rose: in so many hours so many people, where `expected` would have.

    `typical` are ids of `heard` texts, the one in its middle first; they may be erased meanwhile. `vector` is the mean
    of its texts, by which the topic is known again.
    """

    __tablename__ = "topic_alarm"
    __table_args__ = (Index("ix_topic_alarm_state", "state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime]
    hours: Mapped[float]
    people: Mapped[int]
    expected: Mapped[float]
    chance: Mapped[float]
    typical: Mapped[list[Any]]
    space: Mapped[str] = mapped_column(String(255))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    raised_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(128))
    ended_at: Mapped[datetime | None]


class WatchedHourRow(Base):
    """What happened in one hour, counted as it came. It holds nobody's words, and stays when these are erased.

    `waits` are how many customers waited for their reply by the bounds of `knowledge_base.watching.hours`; `moods` is
    the sum over the `sounded` messages of which it could be told how they sound.
    """

    __tablename__ = "watched_hour"

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    answered: Mapped[int] = mapped_column(default=0)
    clarified: Mapped[int] = mapped_column(default=0)
    handed_off: Mapped[int] = mapped_column(default=0)
    courtesies: Mapped[int] = mapped_column(default=0)
    sounded: Mapped[int] = mapped_column(default=0)
    moods: Mapped[float] = mapped_column(default=0.0)
    angry: Mapped[int] = mapped_column(default=0)
    waits: Mapped[list[Any]] = mapped_column(default=list)
    cpu_seconds: Mapped[float] = mapped_column(default=0.0)


class WatchRow(Base):
    """The watch itself, one row: which process keeps it until when, how far it has counted, what it saw last."""

    __tablename__ = "watch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(128))
    until: Mapped[datetime]
    counted_turn_id: Mapped[UUID | None]
    seen: Mapped[dict[str, Any]] = mapped_column(default=dict)
    memory_map: Mapped[dict[str, Any]] = mapped_column(default=dict)
