"""Outside texts: reviews, posts and the like, kept once for each source's own id."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, false, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import audit
from knowledge_base.errors import ObservationNotFoundError
from knowledge_base.identifiers import new_id
from knowledge_base.tables import HeardRow, ObservationRow
from knowledge_base.tables.base import now

ERASED = "erase observation"
NEW, CHANGED, KNOWN = "new", "changed", "known"


@dataclass(frozen=True, slots=True)
class Observation:
    """An outside text, masked, as its source has it; `rating` are stars from 1 to 5."""

    source: str
    external_id: str
    text: str
    at: datetime
    language: str | None = None
    rating: float | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An outside text as it is stored."""

    id: UUID
    observation: Observation


@dataclass(frozen=True, slots=True)
class Source:
    """What a source brought in a time: how many texts, of so many of them the stars, and their mean."""

    name: str
    texts: int
    rated: int
    rating: float | None


async def put(session: AsyncSession, observations: Sequence[Observation]) -> Counter[str]:
    """Store texts; one that is known stays as it is, unless its source has given it other words or stars.

    Returns how many were new, changed and known. A text that two processes store at once is stored once.
    """
    counts: Counter[str] = Counter({NEW: 0, CHANGED: 0, KNOWN: 0})
    for one in observations:
        counts[await _put(session, one)] += 1
    return counts


async def _put(session: AsyncSession, one: Observation) -> str:
    values = {"text": one.text, "language": one.language, "rating": one.rating, "at": one.at}
    key = (ObservationRow.source == one.source, ObservationRow.external_id == one.external_id)
    row = (await session.execute(select(ObservationRow).where(*key))).scalar_one_or_none()
    if row is None:
        named = {"id": new_id(), "source": one.source, "external_id": one.external_id, "created_at": now()}
        try:
            async with session.begin_nested():
                await session.execute(insert(ObservationRow).values(named | values))
        except IntegrityError:
            return KNOWN
        return NEW
    if (row.text, row.rating) == (one.text, one.rating):
        return KNOWN
    # It is heard anew.
    await session.execute(delete(HeardRow).where(HeardRow.observation_id == row.id))
    await session.execute(update(ObservationRow).where(ObservationRow.id == row.id).values(values))
    return CHANGED


async def of_ids(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Stored]:
    """These texts, those left out that are there no more."""
    rows = (await session.execute(select(ObservationRow).where(ObservationRow.id.in_(ids)))).scalars()
    return {row.id: _stored(row) for row in rows}


async def sources(session: AsyncSession, since: datetime) -> list[Source]:
    """What each source brought since a moment, the busiest first."""
    count = func.count()
    query = (
        select(ObservationRow.source, count, func.count(ObservationRow.rating), func.avg(ObservationRow.rating))
        .where(ObservationRow.at >= since)
        .group_by(ObservationRow.source)
        .order_by(count.desc(), ObservationRow.source)
    )
    return [Source(name, texts, rated, rating) for name, texts, rated, rating in await session.execute(query)]


async def erase(session: AsyncSession, source: str, external_id: str, by: str) -> None:
    """Erase one text, with what was heard in it. Raises ObservationNotFoundError."""
    key = (ObservationRow.source == source, ObservationRow.external_id == external_id)
    found = (await session.execute(select(ObservationRow.id).where(*key))).scalar_one_or_none()
    if found is None:
        raise ObservationNotFoundError(f"{source}/{external_id}")
    await _erase(session, [found])
    await audit.record(session, by, ERASED, str(found), source=source)


def expired(before: datetime | None, by_source: Mapping[str, datetime]) -> Select[UUID]:
    """Texts older than a moment (None: there is none for all), or than their source's own."""
    over: list[ColumnElement[bool]] = [
        and_(ObservationRow.source == source, ObservationRow.at < moment) for source, moment in by_source.items()
    ]
    if before is not None:
        over.append(and_(ObservationRow.source.not_in(list(by_source)), ObservationRow.at < before))
    return select(ObservationRow.id).where(or_(false(), *over)).order_by(ObservationRow.id)


async def erase_some(session: AsyncSession, query: Select[UUID], limit: int) -> int:
    """Erase so many of the texts that a query finds. Returns how many went."""
    found = list((await session.execute(query.limit(limit))).scalars())
    await _erase(session, found)
    return len(found)


async def _erase(session: AsyncSession, ids: Sequence[UUID]) -> None:
    await session.execute(delete(HeardRow).where(HeardRow.observation_id.in_(ids)))
    await session.execute(delete(ObservationRow).where(ObservationRow.id.in_(ids)))


def _stored(row: ObservationRow) -> Stored:
    return Stored(row.id, Observation(row.source, row.external_id, row.text, row.at, row.language, row.rating))
