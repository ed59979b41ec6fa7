"""Answers found by their words and by what they are: page by page, with where the mined ones come from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.answers import Answer, AnswerStatus, to_answer
from knowledge_base.tables import AnswerRow, PositionRow
from knowledge_base.tables.base import now


class Span(StrEnum):
    """Where this moment lies in an answer's validity."""

    VALID = "valid"
    COMING = "coming"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class AnswerFilters:
    """Which answers are wanted; what is None or empty leaves all."""

    words: str = ""
    status: AnswerStatus | None = None
    collection: str | None = None
    language: str | None = None
    origin: str | None = None
    span: Span | None = None
    personal: bool | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found, most recently changed first, and how many there are in all."""

    answers: tuple[Answer, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the stored answers can be filtered by."""

    collections: tuple[str, ...]
    languages: tuple[str, ...]
    origins: tuple[str, ...]


async def find(session: AsyncSession, filters: AnswerFilters, limit: int, offset: int = 0) -> Found:
    """The answers that the filters leave."""
    conditions = _conditions(filters, now())
    total = (await session.execute(select(func.count()).select_from(AnswerRow).where(*conditions))).scalar_one()
    query = select(AnswerRow).where(*conditions).order_by(AnswerRow.updated_at.desc(), AnswerRow.id)
    rows = (await session.execute(query.limit(limit).offset(offset))).scalars()
    return Found(tuple(to_answer(row) for row in rows), total)


async def count(session: AsyncSession, filters: AnswerFilters) -> dict[AnswerStatus, int]:
    """How many answers of each status the other filters leave."""
    conditions = _conditions(filters, now(), of_any_status=True)
    query = select(AnswerRow.status, func.count()).where(*conditions).group_by(AnswerRow.status)
    counted = {AnswerStatus(status): number for status, number in await session.execute(query)}
    return {status: counted.get(status, 0) for status in AnswerStatus}


async def choices(session: AsyncSession) -> Choices:
    """The collections, languages and origins that there are."""
    columns = (AnswerRow.collection, AnswerRow.language, AnswerRow.origin)
    collections, languages, origins = [await _distinct(session, select(column).distinct()) for column in columns]
    return Choices(collections, languages, origins)


async def origin_turns(session: AsyncSession, answer_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The first turn of a dialogue that each of these answers has a passage from; of those that have one."""
    ranked = func.row_number().over(partition_by=PositionRow.answer_id, order_by=PositionRow.id)
    passages = (
        select(PositionRow.answer_id, PositionRow.turn_id, ranked.label("place"))
        .where(PositionRow.answer_id.in_(answer_ids), PositionRow.turn_id.is_not(None))
        .subquery()
    )
    query = select(passages.c.answer_id, passages.c.turn_id).where(passages.c.place == 1)
    return {answer_id: turn_id for answer_id, turn_id in await session.execute(query)}  # noqa: C416 - rows are no pairs


def _conditions(filters: AnswerFilters, moment: datetime, *, of_any_status: bool = False) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.status is not None and not of_any_status:
        found.append(AnswerRow.status == filters.status.value)
    equal: list[tuple[Any, object]] = [
        (AnswerRow.collection, filters.collection),
        (AnswerRow.language, filters.language),
        (AnswerRow.origin, filters.origin),
        (AnswerRow.personal, filters.personal),
    ]
    found += [column == value for column, value in equal if value is not None and value != ""]
    if filters.span is not None:
        begun = or_(AnswerRow.valid_from.is_(None), AnswerRow.valid_from <= moment)
        goes_on = or_(AnswerRow.valid_until.is_(None), AnswerRow.valid_until > moment)
        spans = {Span.VALID: and_(begun, goes_on), Span.COMING: ~begun, Span.ENDED: ~goes_on}
        found.append(spans[filters.span])
    for word in filters.words.split():
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (AnswerRow.title, AnswerRow.text, AnswerRow.external_id)
        found.append(or_(*(column.ilike(pattern, escape="\\") for column in columns)))
    return found


async def _distinct(session: AsyncSession, query: Select[Any]) -> tuple[str, ...]:
    return tuple(sorted(value for value in (await session.execute(query)).scalars() if value))


async def learned_from(session: AsyncSession, turn_ids: Sequence[UUID]) -> dict[UUID, list[Answer]]:
    """The answers whose memories hold something that was said in these turns, by the turn."""
    query = (
        select(PositionRow.turn_id, AnswerRow)
        .join(AnswerRow, AnswerRow.id == PositionRow.answer_id)
        .where(PositionRow.turn_id.in_(turn_ids))
        .order_by(PositionRow.id)
    )
    found: dict[UUID, dict[UUID, Answer]] = {}
    for turn_id, row in await session.execute(query):
        if turn_id is not None:
            found.setdefault(turn_id, {})[row.id] = to_answer(row)
    return {turn_id: list(learned.values()) for turn_id, learned in found.items()}
