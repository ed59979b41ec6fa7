"""The feed: whatever a reader misses or is told twice, it gets every event once and in order."""

import random

import anyio
import pytest

from bot.feed import INBOX, Delay, Feed, Typing
from knowledge_base import conversations, event_log
from knowledge_base.conversations import Conversation, Opening
from knowledge_base.database import Database
from knowledge_base.event_log import Event, Status
from knowledge_base.messages import BotDecision, Message
from weaver_core.dialogue import Role

pytestmark = pytest.mark.anyio


@pytest.fixture
async def conversation(sqlite_database: Database) -> Conversation:
    async with sqlite_database.writing() as session:
        return await conversations.open_conversation(session, Opening())


async def store(database: Database, conversation: Conversation, *texts: str) -> list[Message]:
    """Store messages of the customer's."""
    stored: list[Message] = []
    for text in texts:
        async with database.writing() as session:
            stored.append((await event_log.add_customer_message(session, conversation.id, text, text)).message)
    return stored


async def test_what_was_stored_before_and_after_subscribing_comes_once(
    sqlite_database: Database, conversation: Conversation
) -> None:
    feed = Feed(sqlite_database)
    early = await store(sqlite_database, conversation, "a", "b")
    with feed.subscribe(conversation.id, 0) as reader:
        late = await store(sqlite_database, conversation, "c", "d")
        # Published twice, late, and after it was read from the log already.
        feed.publish(conversation.id, *early, *late, *late)
        seen: list[int] = []
        while len(seen) < 4:
            seen += [item.seq for item in await reader.read() if isinstance(item, Message | Status)]
        feed.show_typing(conversation.id, Role.AGENT)
        assert await reader.read() == [Typing(Role.AGENT)]
    assert seen == [1, 2, 3, 4]


@pytest.mark.parametrize("seed", range(20))
async def test_events_published_in_any_order_or_not_at_all_come_in_order(
    sqlite_database: Database, conversation: Conversation, seed: int
) -> None:
    chance = random.Random(seed)
    feed = Feed(sqlite_database)
    seen: list[int] = []
    with feed.subscribe(conversation.id, 0) as reader:
        for round_number in range(4):
            stored = await store(sqlite_database, conversation, *(f"{round_number} {n}" for n in range(4)))
            kept: list[Event] = [message for message in stored if chance.random() < 0.7]
            chance.shuffle(kept)
            feed.publish(conversation.id, *kept)
            # Another process may have stored what was not published here.
            await feed.look()
            reader.hear_of(stored[-1].seq)
            while reader.seq < (round_number + 1) * 4:
                seen += [item.seq for item in await reader.read() if isinstance(item, Message | Status)]
                await feed.look()
    assert seen == list(range(1, 17))


async def test_a_reader_that_does_not_read_costs_a_bounded_inbox_and_loses_nothing(
    sqlite_database: Database, conversation: Conversation
) -> None:
    feed = Feed(sqlite_database)
    with feed.subscribe(conversation.id, 0) as reader:
        stored = await store(sqlite_database, conversation, *(str(number) for number in range(INBOX + 40)))
        feed.publish(conversation.id, *stored)
        assert len(reader._inbox) <= INBOX
        seen: list[int] = []
        while len(seen) < len(stored):
            seen += [item.seq for item in await reader.read() if isinstance(item, Message | Status)]
    assert seen == [message.seq for message in stored]


async def test_typing_that_comes_after_its_message_is_left_out(
    sqlite_database: Database, conversation: Conversation
) -> None:
    feed = Feed(sqlite_database)
    await store(sqlite_database, conversation, "a")
    async with sqlite_database.writing() as session:
        decision = BotDecision("answer", 0.9)
        await event_log.add_bot_message(session, conversation.id, 1, "Hi", decision)
    with feed.subscribe(conversation.id, 0) as reader:
        feed.show_typing(conversation.id, Role.BOT, in_reply_to=1)
        feed.show_typing(conversation.id, Role.BOT, in_reply_to=3)
        assert len(await reader.read()) == 2
        assert await reader.read() == [Typing(Role.BOT, 3)]


async def test_what_another_process_stores_is_noticed(sqlite_database: Database, conversation: Conversation) -> None:
    feed = Feed(sqlite_database)
    async with feed.watching():
        with feed.subscribe(conversation.id, 0) as reader:
            await reader.replay()
            await store(sqlite_database, conversation, "from elsewhere")
            with anyio.fail_after(30):
                (event,) = await reader.read()
    assert isinstance(event, Message)
    assert event.text == "from elsewhere"


async def test_a_feed_without_readers_keeps_nothing(sqlite_database: Database, conversation: Conversation) -> None:
    feed = Feed(sqlite_database)
    with feed.subscribe(conversation.id, 0), feed.subscribe(conversation.id, 0):
        assert len(feed._subscriptions) == 1
    feed.publish(conversation.id, *await store(sqlite_database, conversation, "a"))
    assert feed._subscriptions == {}


async def test_a_delay_is_told_to_whoever_reads_now_and_is_not_kept(
    sqlite_database: Database, conversation: Conversation
) -> None:
    feed = Feed(sqlite_database)
    with feed.subscribe(conversation.id, 0) as reader:
        assert await reader.replay() == []
        feed.show_delay(conversation.id)
        assert await reader.read() == [Delay()]
    with feed.subscribe(conversation.id, 0) as later:
        assert await later.replay() == []
        feed.show_typing(conversation.id, Role.AGENT)
        assert await later.read() == [Typing(Role.AGENT)]
