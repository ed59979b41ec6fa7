"""Live conversations: an event log without gaps, whatever is sent twice or at once."""

import anyio
import pytest

from knowledge_base import conversations, event_log, messages
from knowledge_base.conversations import Mode, Opening
from knowledge_base.database import Database
from knowledge_base.errors import ClientIdReusedError, ConversationClosedError, ConversationTakenError
from knowledge_base.event_log import Status
from knowledge_base.messages import BotDecision, Message

pytestmark = pytest.mark.anyio


async def test_a_client_id_sent_twice_is_stored_once_with_one_seq(database: Database) -> None:
    async with database.writing() as session:
        conversation = await conversations.open_conversation(session, Opening())
        first = await event_log.add_customer_message(session, conversation.id, "c1", "Where is my parcel?")
    async with database.writing() as session:
        again = await event_log.add_customer_message(session, conversation.id, "c1", "Where is my parcel?")
    async with database.reading() as session:
        events = await event_log.events_after(session, conversation.id, 0)
    assert (first.message.seq, again.message.seq, again.duplicate) == (1, 1, True)
    assert [event.seq for event in events] == [1]


async def test_a_client_id_with_another_text_is_refused_and_leaves_no_gap(database: Database) -> None:
    async with database.writing() as session:
        conversation = await conversations.open_conversation(session, Opening())
        await event_log.add_customer_message(session, conversation.id, "c1", "one")
    with pytest.raises(ClientIdReusedError, match="c1"):
        async with database.writing() as session:
            await event_log.add_customer_message(session, conversation.id, "c1", "two")
    async with database.writing() as session:
        next_one = await event_log.add_customer_message(session, conversation.id, "c2", "three")
    assert next_one.message.seq == 2


async def test_writers_at_once_get_every_seq_exactly_once(database: Database) -> None:
    async with database.writing() as session:
        conversation = await conversations.open_conversation(session, Opening())

    async def send(number: int) -> None:
        async with database.writing() as session:
            await event_log.add_customer_message(session, conversation.id, f"c{number}", f"text {number}")

    async with anyio.create_task_group() as group:
        for number in range(12):
            group.start_soon(send, number)
    async with database.reading() as session:
        events = await event_log.events_after(session, conversation.id, 0)
    assert [event.seq for event in events] == list(range(1, 13))


async def test_a_customer_message_is_answered_once(database: Database) -> None:
    async with database.writing() as session:
        conversation = await conversations.open_conversation(session, Opening())
        await event_log.add_customer_message(session, conversation.id, "c1", "hello?")
        decision = BotDecision("handoff", 0.1)
        first = await event_log.add_bot_message(session, conversation.id, 1, "One moment.", decision)
        second = await event_log.add_bot_message(session, conversation.id, 1, "One moment.", decision)
        events = await event_log.events_after(session, conversation.id, 0)
    assert first is not None
    assert second is None
    assert [event.seq for event in events] == [1, 2]


async def test_the_bot_is_silent_while_a_person_has_the_turn(database: Database) -> None:
    async with database.writing() as session:
        conversation = await conversations.open_conversation(session, Opening())
        await event_log.add_customer_message(session, conversation.id, "c1", "hello?")
        await event_log.set_mode(session, conversation.id, Mode.AGENT, "ada")
        reply = await event_log.add_bot_message(session, conversation.id, 1, "Hi", BotDecision("answer", 0.9))
        await event_log.add_agent_message(session, conversation.id, "ada", "Ada here.")
        events = await event_log.events_after(session, conversation.id, 0)
    assert reply is None
    assert [type(event) for event in events] == [Message, Status, Message]
    assert [event.seq for event in events] == [1, 2, 3]


async def test_of_two_agents_one_takes_the_conversation_and_the_other_is_told(database: Database) -> None:
    async with database.writing() as session:
        conversation = await conversations.open_conversation(session, Opening())
        await event_log.set_mode(session, conversation.id, Mode.AGENT, "ada")
    with pytest.raises(ConversationTakenError, match="ada"):
        async with database.writing() as session:
            await event_log.set_mode(session, conversation.id, Mode.AGENT, "grace")
    async with database.reading() as session:
        assert (await conversations.get(session, conversation.id)).agent == "ada"


async def test_a_closed_conversation_takes_no_more_messages(database: Database) -> None:
    async with database.writing() as session:
        conversation = await conversations.open_conversation(session, Opening())
        await event_log.set_mode(session, conversation.id, Mode.CLOSED)
    with pytest.raises(ConversationClosedError):
        async with database.writing() as session:
            await event_log.add_customer_message(session, conversation.id, "c1", "anyone?")


async def test_an_external_id_names_one_conversation(database: Database) -> None:
    async with database.writing() as session:
        first = await conversations.open_conversation(session, Opening(external_id="rasa-7", channel="rasa"))
    async with database.writing() as session:
        again = await conversations.open_conversation(session, Opening(external_id="rasa-7", channel="rasa"))
    assert first.id == again.id


async def test_messages_that_nobody_answered_are_found(database: Database) -> None:
    async with database.writing() as session:
        conversation = await conversations.open_conversation(session, Opening())
        await event_log.add_customer_message(session, conversation.id, "c1", "one")
        await event_log.add_bot_message(session, conversation.id, 1, "Hi", BotDecision("answer", 0.9))
        lost = await event_log.add_customer_message(session, conversation.id, "c2", "two")
        taken = await conversations.open_conversation(session, Opening())
        await event_log.add_customer_message(session, taken.id, "c1", "with a person")
        await event_log.set_mode(session, taken.id, Mode.AGENT, "ada")
    async with database.reading() as session:
        found = await messages.unanswered(session, before=lost.message.at.replace(year=2999))
    assert [message.id for message in found] == [lost.message.id]
