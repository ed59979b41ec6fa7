"""What helped the same customers, from what the bot told them."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answers, co_resolutions, conversations, event_log, feedback
from knowledge_base.answers import AnswerDraft
from knowledge_base.conversations import Opening
from knowledge_base.database import Database
from knowledge_base.feedback import Vote
from knowledge_base.messages import BotDecision
from knowledge_base.tables.base import now

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


async def told(session: AsyncSession, customer: str | None, *answer_ids: UUID | None) -> list[UUID]:
    """A conversation in which a customer was told these answers. Returns the bot's messages."""
    opened = await conversations.open_conversation(session, Opening(customer=customer))
    found = []
    for number, answer_id in enumerate(answer_ids):
        asked = await event_log.add_customer_message(session, opened.id, f"{number}", "Where is it?")
        decision = BotDecision("answer" if answer_id else "clarify", 0.9, answer_id)
        said = await event_log.add_bot_message(session, opened.id, asked.message.seq, "x", decision)
        assert said is not None
        found.append(said.id)
    return found


async def made(session: AsyncSession, *texts: str) -> list[UUID]:
    """Approved answers."""
    return [(await answers.create(session, AnswerDraft(text, text), "test")).id for text in texts]


async def test_a_customers_conversations_are_one_history_and_a_strangers_is_each_its_own(database: Database) -> None:
    async with database.writing() as session:
        refund, size, lamp = await made(session, "refund", "size", "lamp")
        await told(session, "ann", refund, None, size)
        await told(session, None, lamp, refund)
        await told(session, "ann", lamp)
        await told(session, None, None)
    async with database.reading() as session:
        found = [history async for history in co_resolutions.histories(session, now() - HOUR)]
        assert sorted(found) == sorted([[refund, size, lamp], [lamp, refund]])
        assert [history async for history in co_resolutions.histories(session, now() + HOUR)] == []


async def test_an_answer_that_was_voted_down_helped_nobody(database: Database) -> None:
    async with database.writing() as session:
        refund, size = await made(session, "refund", "size")
        first, second = await told(session, "ann", refund, size)
        await feedback.record(session, Vote(first, feedback.DOWN, "visitor:1", "visitor"))
        await feedback.record(session, Vote(second, feedback.UP, "visitor:1", "visitor"))
    async with database.reading() as session:
        assert [history async for history in co_resolutions.histories(session, now() - HOUR)] == [[size]]
