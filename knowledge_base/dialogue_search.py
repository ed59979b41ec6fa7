"""Dialogues found by what was said in them and by what they are, imported ones and live ones, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.conversations import SOURCE
from knowledge_base.tables import AuditRow, ConversationRow, DialogueRow, TurnRow
from weaver_core.dialogue import Role

ERASURE = "forget"
# So much of what the customer said first is listed.
BEGINNING = 200


class DialogueKind(StrEnum):
    """Whether a dialogue was had here or loaded from elsewhere."""

    LIVE = "live"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class DialogueFilters:
    """Which dialogues are wanted; what is None or empty leaves all. Dates are whole days in UTC."""

    words: str = ""
    kind: DialogueKind | None = None
    collection: str | None = None
    channel: str | None = None
    customer: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A dialogue in a list: how it began, how many turns it has. `mode` is a live one's."""

    id: UUID
    public_id: str
    source: str
    channel: str | None
    language: str | None
    collection: str
    customer: str | None
    resolved: bool | None
    mode: str | None
    at: datetime
    beginning: str
    turns: int

    @property
    def kind(self) -> DialogueKind:
        """Whether it was had here."""
        return DialogueKind.LIVE if self.source == SOURCE else DialogueKind.IMPORTED


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person who was erased: when, by whom, and how many dialogues went. Nothing says who it was."""

    at: datetime
    by: str
    dialogues: int


async def find(session: AsyncSession, filters: DialogueFilters, limit: int, before: UUID | None = None) -> list[Listed]:
    """The dialogues that the filters leave, newest first, from the one after another on."""
    query = select(DialogueRow, ConversationRow.mode).outerjoin(
        ConversationRow, ConversationRow.dialogue_id == DialogueRow.id
    )
    query = query.where(*_conditions(filters))
    if before is not None:
        query = query.where(DialogueRow.id < before)
    rows = await session.execute(query.order_by(DialogueRow.id.desc()).limit(limit))
    found: list[tuple[DialogueRow, str | None]] = [(row[0], row[1]) for row in rows]
    ids = [dialogue.id for dialogue, _ in found]
    beginnings, turns = await _beginnings(session, ids), await _turns(session, ids)
    return [
        Listed(
            id=dialogue.id,
            public_id=dialogue.external_id or str(dialogue.id),
            source=dialogue.source,
            channel=dialogue.channel,
            language=dialogue.language,
            collection=dialogue.collection,
            customer=dialogue.customer,
            resolved=dialogue.resolved,
            mode=mode,
            at=dialogue.created_at,
            beginning=beginnings.get(dialogue.id, ""),
            turns=turns.get(dialogue.id, 0),
        )
        for dialogue, mode in found
    ]


async def get(session: AsyncSession, dialogue_id: UUID) -> Listed | None:
    """One dialogue as a list shows it, None when it is not there (any more)."""
    # Nothing is older than it but what has a smaller key.
    found = await find(session, DialogueFilters(), 1, UUID(int=dialogue_id.int + 1))
    return found[0] if found and found[0].id == dialogue_id else None


async def choices(session: AsyncSession) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The collections and the channels that there are."""
    collections, channels = [
        tuple(sorted(value for value in (await session.execute(select(column).distinct())).scalars() if value))
        for column in (DialogueRow.collection, DialogueRow.channel)
    ]
    return collections, channels


async def erasures(session: AsyncSession, limit: int = 20) -> list[Erasure]:
    """The persons who were erased, newest first."""
    query = select(AuditRow).where(AuditRow.action == ERASURE).order_by(AuditRow.id.desc()).limit(limit)
    return [
        Erasure(row.at, row.actor, int(row.details.get("receipt", {}).get("counts", {}).get("dialogues", 0)))
        for row in (await session.execute(query)).scalars()
    ]


def _conditions(filters: DialogueFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.kind is not None:
        live = DialogueRow.source == SOURCE
        found.append(live if filters.kind is DialogueKind.LIVE else ~live)
    equal: list[tuple[Any, object]] = [
        (DialogueRow.collection, filters.collection),
        (DialogueRow.channel, filters.channel),
    ]
    found += [column == value for column, value in equal if value]
    if filters.customer:
        found.append(or_(DialogueRow.customer == filters.customer, DialogueRow.external_id == filters.customer))
    if filters.since:
        found.append(DialogueRow.created_at >= datetime.combine(filters.since, time.min, UTC))
    if filters.until:
        found.append(DialogueRow.created_at < datetime.combine(filters.until + timedelta(days=1), time.min, UTC))
    for word in filters.words.split():
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        found.append(exists().where(TurnRow.dialogue_id == DialogueRow.id, TurnRow.text.ilike(pattern, escape="\\")))
    return found


async def _beginnings(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    first = (
        select(TurnRow.dialogue_id, func.min(TurnRow.ordinal).label("ordinal"))
        .where(TurnRow.dialogue_id.in_(ids), TurnRow.role == Role.CUSTOMER.value, TurnRow.text != "")
        .group_by(TurnRow.dialogue_id)
        .subquery()
    )
    query = select(TurnRow.dialogue_id, func.substr(TurnRow.text, 1, BEGINNING)).join(
        first, (first.c.dialogue_id == TurnRow.dialogue_id) & (first.c.ordinal == TurnRow.ordinal)
    )
    return {dialogue_id: text for dialogue_id, text in await session.execute(query)}  # noqa: C416 - rows are no pairs


async def _turns(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(TurnRow.dialogue_id, func.count()).where(TurnRow.dialogue_id.in_(ids)).group_by(TurnRow.dialogue_id)
    return {dialogue_id: number for dialogue_id, number in await session.execute(query)}  # noqa: C416 - rows are no pairs
