"""Who said what: the plain values of a support dialogue."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Who speaks a turn."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"


class PositionKind(StrEnum):
    """What a position of an answer's memory is: a question it solved, a sentence of its own, a correction, a like."""

    QUESTION = "question"
    SENTENCE = "sentence"
    CORRECTION = "correction"
    LIKE = "like"


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that one person (or the bot) said."""

    role: Role
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A past support dialogue, its turns in the order in which they were said."""

    external_id: str
    turns: tuple[Turn, ...]
    customer: str | None = None
    channel: str | None = None
    language: str | None = None
    resolved: bool | None = None
