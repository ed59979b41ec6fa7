"""Which mined answers hold for more than one customer, so that the bot may send them once they are approved."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from uuid import UUID

from anyio import to_thread
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answers, changes
from knowledge_base.changes import ChangeKind
from knowledge_base.conversations import SOURCE as LIVE
from knowledge_base.database import Database
from knowledge_base.ingestion.dialogue_store import ORIGIN
from knowledge_base.ingestion.mining import answer_title
from knowledge_base.ingestion.rows import AUTHOR
from knowledge_base.privacy import has_slot, particulars
from knowledge_base.tables import AnswerRow, DialogueRow, TurnRow
from weaver_core.dialogue import Role

PAGE = 500
ANSWERS_A_TRANSACTION = 16


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A mined answer that is kept from customers for its facts only, not for a slot."""

    id: UUID
    text_facts: frozenset[str]
    title_facts: frozenset[str]


@dataclass(slots=True)
class _Support:
    """For each fact that matters the one customer who was told it, or that it is known to be more general."""

    general: set[str]
    told: dict[str, str]

    def add(self, found: Collection[str], customer: str) -> None:
        for fact in found:
            if self.told.setdefault(fact, customer) != customer:
                self.general.add(fact)


async def settle(database: Database) -> int:
    """Release the mined answers whose every fact is the company's own or was told to two customers or more.

    A dialogue without a customer counts as a customer of its own. Returns how many answers were released. What is
    not released stays personal, so that a run that is killed here has kept too much back, never too little.
    """
    candidates = [candidate async for candidate in _candidates(database)]
    if not candidates:
        return 0
    wanted = {fact for candidate in candidates for fact in candidate.text_facts | candidate.title_facts}
    support = _Support(set(), {})
    async for texts in _own_words(database):
        support.general |= wanted & await to_thread.run_sync(_facts_of, texts)
    async for told in _told(database):
        for customer, found in await to_thread.run_sync(_facts_by_customer, told):
            support.add(wanted & found, customer)
    released = [candidate for candidate in candidates if candidate.text_facts <= support.general]
    for start in range(0, len(released), ANSWERS_A_TRANSACTION):
        async with database.writing() as session:
            await _release(session, released[start : start + ANSWERS_A_TRANSACTION], support.general)
    return len(released)


async def _candidates(database: Database) -> AsyncIterator[_Candidate]:
    last = UUID(int=0)
    while True:
        query = (
            select(AnswerRow.id, AnswerRow.title, AnswerRow.text)
            .where(AnswerRow.id > last, AnswerRow.origin == ORIGIN, AnswerRow.personal.is_(True))
            .order_by(AnswerRow.id)
            .limit(PAGE)
        )
        async with database.reading() as session:
            rows = (await session.execute(query)).all()
        for answer_id, title, text in rows:
            last = answer_id
            if not has_slot(text):
                yield _Candidate(answer_id, particulars.of(text), particulars.of(title))
        if len(rows) < PAGE:
            return


async def _own_words(database: Database) -> AsyncIterator[list[str]]:
    """What the company says to everybody: its answers that were not mined."""
    last = UUID(int=0)
    while True:
        query = select(AnswerRow).where(AnswerRow.id > last, AnswerRow.origin != ORIGIN).order_by(AnswerRow.id)
        async with database.reading() as session:
            rows = (await session.execute(query.limit(PAGE))).scalars().all()
        if rows:
            last = rows[-1].id
            yield [f"{row.title}\n{row.text}" for row in rows]
        if len(rows) < PAGE:
            return


async def _told(database: Database) -> AsyncIterator[list[tuple[str, str]]]:
    """What agents told customers: (customer, text)."""
    last = UUID(int=0)
    while True:
        query = (
            select(TurnRow.id, TurnRow.text, DialogueRow.customer, DialogueRow.id)
            .join(DialogueRow, DialogueRow.id == TurnRow.dialogue_id)
            .where(TurnRow.id > last, TurnRow.role == Role.AGENT.value, DialogueRow.source != LIVE)
            .order_by(TurnRow.id)
            .limit(PAGE)
        )
        async with database.reading() as session:
            rows = (await session.execute(query)).all()
        if rows:
            last = rows[-1][0]
            yield [(customer or str(dialogue_id), text) for _, text, customer, dialogue_id in rows]
        if len(rows) < PAGE:
            return


def _facts_of(texts: list[str]) -> set[str]:
    return {fact for text in texts for fact in particulars.of(text)}


def _facts_by_customer(told: list[tuple[str, str]]) -> list[tuple[str, frozenset[str]]]:
    return [(customer, particulars.of(text)) for customer, text in told]


async def _release(session: AsyncSession, released: list[_Candidate], general: set[str]) -> None:
    for candidate in released:
        if not candidate.title_facts <= general:
            answer = await answers.get(session, candidate.id)
            await answers.revise(session, answer.id, answer_title(answer.text), answer.text, AUTHOR)
    ids = [candidate.id for candidate in released]
    await session.execute(update(AnswerRow).where(AnswerRow.id.in_(ids)).values(personal=False))
    await changes.record(session, ChangeKind.ANSWER, ids)
