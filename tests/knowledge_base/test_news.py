"""PostgreSQL tells every process of what was committed in conversations, and of nothing that was not."""

from contextlib import aclosing
from uuid import UUID

import anyio
import pytest

from knowledge_base import conversations, event_log, news
from knowledge_base.conversations import Mode, Opening
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError, DialogueNotFoundError
from knowledge_base.identifiers import new_id
from knowledge_base.news import News

pytestmark = pytest.mark.anyio


async def test_what_is_committed_is_told_and_what_is_rolled_back_is_not(postgres_url: str) -> None:
    database, heard = Database(postgres_url), list[News]()

    async def listen() -> None:
        async with aclosing(news.heard(database)) as told:
            async for one in told:
                heard.append(one)

    async with database.writing() as session:
        conversation = await conversations.open_conversation(session, Opening())
    async with anyio.create_task_group() as group:
        group.start_soon(listen)
        with anyio.fail_after(30):
            while not heard:
                # Nobody listens yet when the first of these is told.
                async with database.writing() as session:
                    await news.tell(session, conversation.id, 0)
                await anyio.sleep(0.05)
        with pytest.raises(DialogueNotFoundError):
            await _fail_after_a_message(database, conversation.id)
        async with database.writing() as session:
            await event_log.add_customer_message(session, conversation.id, "c1", "where is it?")
            await event_log.set_mode(session, conversation.id, Mode.WAITING)
        with anyio.fail_after(30):
            while heard[-1].seq < 2:
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    assert [one for one in heard if one.seq] == [News(conversation.id, 1), News(conversation.id, 2)]
    await database.close()


async def _fail_after_a_message(database: Database, conversation_id: UUID) -> None:
    async with database.writing() as session:
        await event_log.add_customer_message(session, conversation_id, "lost", "lost")
        await event_log.set_mode(session, new_id(), Mode.WAITING)


async def test_a_database_that_cannot_be_reached_is_named() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseUnavailableError, match="does not tell its news"):
        await anext(news.heard(database))
    await database.close()
