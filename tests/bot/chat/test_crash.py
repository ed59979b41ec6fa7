"""A server that is killed: what was acknowledged is there afterwards, and is answered exactly once."""

from pathlib import Path
from uuid import UUID

import anyio
import pytest

from knowledge_base import conversations
from knowledge_base.conversations import Message
from knowledge_base.database import Database
from tests.bot.chat_client import open_chat
from tests.bot.running_server import start_process
from weaver_core.dialogue import Role

pytestmark = pytest.mark.anyio


async def test_what_was_acknowledged_before_a_kill_is_answered_exactly_once_after_it(
    sqlite_url: str, encoder_folder: Path, sqlite_database: Database
) -> None:
    with start_process(sqlite_url, encoder_folder, slow=True) as (process, url):
        async with open_chat(url) as client:
            await client.hello()
            acks = [await client.say(f"question {number}", f"c{number}") for number in range(3)]
            process.kill()
    assert [ack["seq"] for ack in acks] == [1, 2, 3]
    with start_process(sqlite_url, encoder_folder, slow=False) as (_, url):
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


async def test_two_processes_on_one_database_answer_what_a_third_left_exactly_once(
    sqlite_url: str, encoder_folder: Path, sqlite_database: Database
) -> None:
    async with sqlite_database.writing() as session:
        conversation = await conversations.open_conversation(session, conversations.Opening())
        for number in range(5):
            await conversations.add_customer_message(session, conversation.id, f"c{number}", f"question {number}")
    with (
        start_process(sqlite_url, encoder_folder, slow=False),
        start_process(sqlite_url, encoder_folder, slow=False),
        anyio.fail_after(60),
    ):
        while len(answered := await _answered(sqlite_database, conversation.id)) < 5:
            await anyio.sleep(0.05)
    assert sorted(answered) == [1, 2, 3, 4, 5]


async def _answered(database: Database, conversation_id: UUID) -> list[int]:
    async with database.reading() as session:
        log = await conversations.events_after(session, conversation_id, 0)
    said = [event for event in log if isinstance(event, Message) and event.role is Role.BOT]
    return [message.in_reply_to or 0 for message in said]
