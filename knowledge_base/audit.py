"""The audit log: who changed what, when, and what it was before and after; written in the change's own transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.tables import AuditRow

BEFORE, AFTER = "before", "after"


class Kind(StrEnum):
    """What a change is about."""

    ACCOUNT = "account"
    KEY = "key"
    ANSWER = "answer"
    DECISION = "decision"
    MODEL = "model"
    CONVERSATION = "conversation"
    PRIVACY = "privacy"
    SETTINGS = "settings"
    OTHER = "other"


# What each action is about; an action that is not here is OTHER, and found without a filter all the same.
ACTIONS: Mapping[Kind, frozenset[str]] = {
    Kind.ACCOUNT: frozenset(
        (
            "add account",
            "new password",
            "new password link",
            "role",
            "suspend",
            "restore",
            "invite",
            "withdraw invitation",
            "end session",
            "end sessions",
        )
    ),
    Kind.KEY: frozenset(("add key", "revoke key")),
    Kind.ANSWER: frozenset(
        ("approved", "pending", "retired", "revise", "guard", "guard no more", "pair", "import", "stop import")
    ),
    Kind.DECISION: frozenset(
        (
            "approve",
            "correct",
            "edit",
            "reject",
            "dismiss",
            "uphold",
            "undo",
            "forget judgement",
            "flag",
            "flag no more",
            "assign",
            "split",
            "merge",
            "quarantine votes",
            "release votes",
            "discard votes",
        )
    ),
    Kind.MODEL: frozenset(
        ("promote", "roll back", "shadow", "end shadow", "drift began", "drift ended", "accept drift")
    ),
    Kind.CONVERSATION: frozenset(
        (
            "conversation bot",
            "conversation waiting",
            "conversation agent",
            "conversation closed",
            "canned text",
            "canned text deleted",
        )
    ),
    Kind.PRIVACY: frozenset(("export", "forget", "retain")),
    Kind.SETTINGS: frozenset(("settings",)),
}
_KINDS = {action: kind for kind, actions in ACTIONS.items() for action in actions}


@dataclass(frozen=True, slots=True)
class Entry:
    """One change that somebody made."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    id: UUID

    @property
    def kind(self) -> Kind:
        """What it is about."""
        return _KINDS.get(self.action, Kind.OTHER)

    @property
    def before(self) -> Any:  # noqa: ANN401 - whatever the change is of
        """What it was, None for nothing."""
        return self.details.get(BEFORE)

    @property
    def after(self) -> Any:  # noqa: ANN401 - whatever the change is of
        """What it is since, None for nothing."""
        return self.details.get(AFTER)

    @property
    def more(self) -> dict[str, Any]:
        """What else was written down."""
        return {name: value for name, value in self.details.items() if name not in (BEFORE, AFTER)}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are looked for; an empty field is any. `until` is the first moment that is too late."""

    kind: Kind | None = None
    actor: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Wanted()


async def record(session: AsyncSession, actor: str, action: str, subject: str, **details: Any) -> None:  # noqa: ANN401
    """Write down a change, in the transaction that makes it.

    `before` and `after` hold what changed. Names, roles and states are written out. Words that a person wrote are named
    by their id and revision, so that what is erased is erased here too. Secrets are never written.
    """
    session.add(AuditRow(actor=actor, action=action, subject=subject, details=details))
    await session.flush()


async def newest(session: AsyncSession, limit: int = 100) -> list[Entry]:
    """The last changes, newest first."""
    return await page(session, EVERYTHING, None, limit)


async def page(session: AsyncSession, wanted: Wanted, after: UUID | None, limit: int) -> list[Entry]:
    """The changes that are looked for, newest first; `after` is the last of the page before."""
    query = _matching(select(AuditRow), wanted)
    if after is not None:
        query = query.where(AuditRow.id < after)
    rows = (await session.execute(query.order_by(AuditRow.id.desc()).limit(limit))).scalars()
    return [to_entry(row) for row in rows]


async def of_subject(session: AsyncSession, subject: str, limit: int = 100) -> list[Entry]:
    """What was done with one thing, newest first."""
    query = select(AuditRow).where(AuditRow.subject == subject).order_by(AuditRow.id.desc()).limit(limit)
    return [to_entry(row) for row in (await session.execute(query)).scalars()]


async def of_action(session: AsyncSession, action: str) -> list[Entry]:
    """All changes of one action, oldest first."""
    rows = (await session.execute(select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id))).scalars()
    return [to_entry(row) for row in rows]


def to_entry(row: AuditRow) -> Entry:
    """The value of a row."""
    return Entry(row.at, row.actor, row.action, row.subject, row.details, row.id)


def _matching(query: Select[AuditRow], wanted: Wanted) -> Select[AuditRow]:
    if wanted.kind is Kind.OTHER:
        query = query.where(AuditRow.action.not_in(_KINDS))
    elif wanted.kind is not None:
        query = query.where(AuditRow.action.in_(ACTIONS[wanted.kind]))
    if wanted.actor:
        query = query.where(func.lower(AuditRow.actor).contains(wanted.actor.lower(), autoescape=True))
    if wanted.words:
        held = (AuditRow.subject, AuditRow.action)
        words = wanted.words.lower()
        query = query.where(or_(*(func.lower(column).contains(words, autoescape=True) for column in held)))
    if wanted.since is not None:
        query = query.where(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditRow.at < wanted.until)
    return query
