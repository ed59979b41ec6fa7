"""The answers of a map of the memory: a few keys of each, how often it was sent, and what it is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.answers import AnswerStatus
from knowledge_base.keys import id_of, unpack
from knowledge_base.tables import AnswerRow, BotMessageRow, KeyRow, PositionRow

# More answers than this are not told apart on a page; a few keys say where one lies.
MOST_ANSWERS, KEYS = 1500, 3
IDS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class Place:
    """What an answer on the map is called, and where its page is."""

    answer_id: str
    title: str


async def some_answers(session: AsyncSession) -> list[UUID]:
    """Approved answers, evenly chosen where there are many."""
    query = select(AnswerRow.id).where(AnswerRow.status == AnswerStatus.APPROVED.value).order_by(AnswerRow.id)
    found = list((await session.execute(query)).scalars())
    if len(found) <= MOST_ANSWERS:
        return found
    return [found[int(place)] for place in np.linspace(0, len(found) - 1, MOST_ANSWERS)]


async def keys(session: AsyncSession, encoder: str, ids: Sequence[UUID]) -> dict[UUID, NDArray[np.float32]]:
    """The mean of the first keys of each answer in one encoder's space, those left out that have none. Shape: (d,)."""
    found: dict[UUID, list[bytes]] = {}
    for at in range(0, len(ids), IDS_A_QUERY):
        place = func.row_number().over(partition_by=PositionRow.answer_id, order_by=PositionRow.id)
        of_answers = PositionRow.answer_id.in_(ids[at : at + IDS_A_QUERY])
        first = select(PositionRow.id, PositionRow.answer_id, place.label("place")).where(of_answers).subquery()
        query = select(first.c.answer_id, KeyRow.vector).join(KeyRow, KeyRow.position_id == first.c.id)
        query = query.where(first.c.place <= KEYS, KeyRow.encoder_id == id_of(encoder))
        for answer_id, vector in await session.execute(query):
            found.setdefault(answer_id, []).append(vector)
    return {answer_id: unpack(stored).mean(axis=0) for answer_id, stored in found.items()}


async def sent(session: AsyncSession) -> dict[UUID, int]:
    """How often each answer was sent."""
    query = select(BotMessageRow.answer_id, func.count()).where(BotMessageRow.answer_id.is_not(None))
    rows = await session.execute(query.group_by(BotMessageRow.answer_id))
    return {answer_id: count for answer_id, count in rows if answer_id is not None}


async def places(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Place]:
    """The approved ones of these answers by name."""
    found: dict[UUID, Place] = {}
    columns = (AnswerRow.id, AnswerRow.external_id, AnswerRow.title)
    for at in range(0, len(ids), IDS_A_QUERY):
        some = AnswerRow.id.in_(ids[at : at + IDS_A_QUERY])
        query = select(*columns).where(some, AnswerRow.status == AnswerStatus.APPROVED.value)
        for key, external_id, title in await session.execute(query):
            found[key] = Place(external_id or str(key), title)
    return found
