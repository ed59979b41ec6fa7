"""Which mined answers hold for more than one customer, so that the bot may send them once they are approved."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from anyio import to_thread
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answers, changes
from knowledge_base.changes import ChangeKind
from knowledge_base.database import Database
from knowledge_base.ingestion.mining import answer_title
from knowledge_base.ingestion.rows import AUTHOR
from knowledge_base.privacy import has_slot, particulars, seen
from knowledge_base.tables import MINED, AnswerRow

PAGE = 200
ANSWERS_A_TRANSACTION = 16


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A mined answer that is kept from customers for its particulars only, not for a slot."""

    id: UUID
    of_text: frozenset[str]
    of_title: frozenset[str]


async def settle(database: Database) -> int:
    """Release the mined answers whose every particular is the company's own or was seen with two customers or more.

    Returns how many answers were released. What is not released stays personal, so that a run that is killed here has
    kept too much back, never too little. It holds one page of answers at a time, however many there are.
    """
    released, own_words_noted = 0, False
    async for candidates in _candidates(database):
        if not own_words_noted:
            await _note_own_words(database)
            own_words_noted = True
        found = {particular for one in candidates for particular in one.of_text | one.of_title}
        async with database.reading() as session:
            lonely = await seen.lonely(session, found)
        free = [candidate for candidate in candidates if not candidate.of_text & lonely]
        for start in range(0, len(free), ANSWERS_A_TRANSACTION):
            async with database.writing() as session:
                await _release(session, free[start : start + ANSWERS_A_TRANSACTION], lonely)
        released += len(free)
    return released


async def _candidates(database: Database) -> AsyncIterator[list[_Candidate]]:
    last = UUID(int=0)
    while True:
        query = (
            select(AnswerRow.id, AnswerRow.title, AnswerRow.text)
            .where(AnswerRow.id > last, AnswerRow.origin == MINED, AnswerRow.personal.is_(True))
            .order_by(AnswerRow.id)
            .limit(PAGE)
        )
        async with database.reading() as session:
            rows = [(row.id, row.title, row.text) for row in await session.execute(query)]
        found = await to_thread.run_sync(_without_slots, rows)
        if found:
            yield found
        if len(rows) < PAGE:
            return
        last = rows[-1][0]


def _without_slots(rows: Sequence[tuple[UUID, str, str]]) -> list[_Candidate]:
    return [
        _Candidate(answer_id, particulars.of(text), particulars.of(title))
        for answer_id, title, text in rows
        if not has_slot(text)
    ]


async def _note_own_words(database: Database) -> None:
    """What the company says to everybody: its answers that were not mined."""
    last = UUID(int=0)
    while True:
        query = (
            select(AnswerRow.id, AnswerRow.title, AnswerRow.text)
            .where(AnswerRow.id > last, AnswerRow.origin != MINED)
            .order_by(AnswerRow.id)
            .limit(PAGE)
        )
        async with database.reading() as session:
            rows = (await session.execute(query)).all()
        if rows:
            last = rows[-1].id
            found = await to_thread.run_sync(_particulars_of, [f"{row.title}\n{row.text}" for row in rows])
            async with database.writing() as session:
                await seen.note_own(session, found)
        if len(rows) < PAGE:
            return


def _particulars_of(texts: Sequence[str]) -> set[str]:
    return {particular for text in texts for particular in particulars.of(text)}


async def _release(session: AsyncSession, released: Sequence[_Candidate], lonely: frozenset[str]) -> None:
    for candidate in released:
        if candidate.of_title & lonely:
            answer = await answers.get(session, candidate.id)
            await answers.revise(session, answer.id, answer_title(answer.text), answer.text, AUTHOR)
    ids = [candidate.id for candidate in released]
    await session.execute(update(AnswerRow).where(AnswerRow.id.in_(ids)).values(personal=False))
    await changes.record(session, ChangeKind.ANSWER, ids)
