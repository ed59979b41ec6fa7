"""A server that is killed: what was acknowledged is there afterwards, and is answered exactly once."""

from contextlib import suppress
from pathlib import Path
from random import Random
from uuid import UUID

import anyio
import pytest
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.protocol import State

from knowledge_base import conversations, event_log
from knowledge_base.database import Database
from knowledge_base.messages import Message
from tests.bot.chat.test_drops import Widget, enter
from tests.bot.chat_client import ChatClient, open_chat
from tests.bot.running_server import start_process
from weaver_core.dialogue import Role

pytestmark = pytest.mark.anyio

# What one customer writes to one process.
MOST_WRITTEN = 12
CUSTOMERS, KILLS = 5, 3
UNLIMITED = {"WEAVER_MESSAGES_A_SECOND": "100000", "WEAVER_MESSAGE_BURST": "100000"}


@pytest.mark.slow
async def test_what_was_acknowledged_before_a_kill_is_answered_exactly_once_after_it(
    sqlite_url: str, encoder_folder: Path, sqlite_database: Database
) -> None:
    with start_process(sqlite_url, encoder_folder, answers_after=60) as (process, url):
        async with open_chat(url) as client:
            await client.hello()
            acks = [await client.say(f"question {number}", f"c{number}") for number in range(3)]
            process.kill()
    assert [ack["seq"] for ack in acks] == [1, 2, 3]
    with start_process(sqlite_url, encoder_folder) as (_, url):
        async with open_chat(url) as again:
            await again.back(client)
            frames = await again.until(lambda frame: frame.get("in_reply_to") == 3)
            # A resend by a client that never saw its ack changes nothing.
            assert (await again.say("question 1", "c1"))["seq"] == 2
            assert await again.quiet() == []
    events = [frame for frame in frames if frame["type"] in ("message", "status")]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["client_id"] for event in events if event.get("role") == "customer"] == ["c0", "c1", "c2"]
    assert [event["in_reply_to"] for event in events if event.get("role") == "bot"] == [1, 2, 3]
    assert await _answered(sqlite_database, UUID(client.conversation_id)) == [1, 2, 3]


@pytest.mark.slow
async def test_two_processes_on_one_database_answer_what_a_third_left_exactly_once(
    sqlite_url: str, encoder_folder: Path, sqlite_database: Database
) -> None:
    async with sqlite_database.writing() as session:
        conversation = await conversations.open_conversation(session, conversations.Opening())
        for number in range(5):
            await event_log.add_customer_message(session, conversation.id, f"c{number}", f"question {number}")
    with (
        start_process(sqlite_url, encoder_folder),
        start_process(sqlite_url, encoder_folder),
        anyio.fail_after(60),
    ):
        while len(answered := await _answered(sqlite_database, conversation.id)) < 5:
            await anyio.sleep(0.05)
    assert sorted(answered) == [1, 2, 3, 4, 5]


@pytest.mark.slow
async def test_kills_at_random_moments_under_load_lose_nothing_and_answer_nothing_twice(
    sqlite_url: str, encoder_folder: Path, sqlite_database: Database
) -> None:
    chance = Random(7)
    widgets = [Widget() for _ in range(CUSTOMERS)]
    for _ in range(KILLS):
        with start_process(sqlite_url, encoder_folder, answers_after=0.02, variables=UNLIMITED) as (process, url):
            async with anyio.create_task_group() as customers:
                for widget in widgets:
                    customers.start_soon(hurry, url, widget, Random(chance.random()))
                # Each has something acknowledged by this process before it dies in the middle of the rest.
                goals = [len(widget.rendered) + 1 for widget in widgets]
                with anyio.fail_after(120):
                    while any(len(widget.rendered) < goal for widget, goal in zip(widgets, goals, strict=True)):
                        await anyio.sleep(0.01)
                await anyio.sleep(chance.uniform(0.05, 1.0))
                process.kill()
    with start_process(sqlite_url, encoder_folder, variables=UNLIMITED) as (_, url):
        async with anyio.create_task_group() as customers:
            for widget in widgets:
                customers.start_soon(come_to_rest, url, widget)
    for widget in widgets:
        async with sqlite_database.reading() as session:
            log = await event_log.events_after(session, UUID(widget.conversation_id), 0)
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        asked = {said.client_id: said for said in log if isinstance(said, Message) and said.role is Role.CUSTOMER}
        assert asked.keys() == {f"c{number}" for number in range(1, widget.sent + 1)}
        answered = [said.in_reply_to for said in log if isinstance(said, Message) and said.role is Role.BOT]
        assert sorted(answered, key=lambda seq: seq or 0) == sorted(said.seq for said in asked.values())
        assert sorted(widget.rendered) == [event.seq for event in log]


async def hurry(url: str, widget: Widget, chance: Random) -> None:
    """A customer who writes without waiting for answers, until the server is gone."""
    with suppress(OSError, ConnectionClosed, WebSocketException):
        async with open_chat(url) as client:
            before = await enter(client, widget)
            async with anyio.create_task_group() as both:
                both.start_soon(read_on, client, widget, before)
                for _ in range(MOST_WRITTEN):
                    widget.write()
                    number = f"c{widget.sent}"
                    with suppress(ConnectionClosed):
                        await client.send(type="message", client_id=number, text=widget.outbox[number])
                    if client.socket.state is not State.OPEN:
                        return
                    await anyio.sleep(chance.uniform(0.005, 0.05))


async def read_on(client: ChatClient, widget: Widget, before: int) -> None:
    """Render what comes, until the server is gone."""
    with suppress(ConnectionClosed):
        while True:
            widget.take(await client.receive(), before)


async def come_to_rest(url: str, widget: Widget) -> None:
    """Come back, send again what has no ack, and read until every message has its answer."""
    async with open_chat(url) as client:
        before = await enter(client, widget)
        # A question and its answer each, and that a person was asked for.
        while len(widget.rendered) < 2 * widget.sent + 1:
            widget.take(await client.receive(), before)
        for late in await client.quiet():
            assert late["type"] == "ack", late
    assert widget.outbox == {}


async def _answered(database: Database, conversation_id: UUID) -> list[int]:
    async with database.reading() as session:
        log = await event_log.events_after(session, conversation_id, 0)
    said = [event for event in log if isinstance(event, Message) and event.role is Role.BOT]
    return [message.in_reply_to or 0 for message in said]
