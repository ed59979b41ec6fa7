"""The chat's websocket: what is promised to a client that behaves."""

from uuid import UUID

import anyio
import pytest

from knowledge_base import event_log, feedback
from knowledge_base.conversations import Mode
from knowledge_base.database import Database
from tests.bot.chat_client import ChatClient, open_chat
from tests.bot.running_server import RunningServer
from tests.bot.script import Script

pytestmark = pytest.mark.anyio


async def test_a_message_is_stored_then_acknowledged_then_answered(
    server: RunningServer, sqlite_database: Database, script: Script
) -> None:
    script.gate.clear()
    async with open_chat(server.chat_url) as client:
        await client.hello()
        await client.send(type="message", client_id="c1", text="Where is it?")
        assert await client.receive() == {"type": "ack", "client_id": "c1", "seq": 1}
        async with sqlite_database.reading() as session:
            stored = await event_log.events_after(session, _key(client), 0)
        assert [event.seq for event in stored] == [1]
        script.gate.set()
        assert await client.receive() == {"type": "typing", "role": "bot"}
        said = await client.receive()
    assert said | {"id": "", "at": ""} == {
        "type": "message",
        "seq": 2,
        "id": "",
        "role": "bot",
        "text": "Parcels take three days.",
        "at": "",
        "in_reply_to": 1,
        "answer_id": "shipping-time",
        "confidence": 0.8,
        "decision": "answer",
        "sources": [{"answer_id": "shipping-time", "title": "How long does delivery take?"}],
    }


async def test_an_acknowledgement_never_waits_for_an_answer(server: RunningServer, script: Script) -> None:
    script.gate.clear()
    async with open_chat(server.chat_url) as client:
        await client.hello()
        acks = [await client.say(f"question {number}", f"c{number}") for number in range(3)]
        assert [ack["seq"] for ack in acks] == [1, 2, 3]
        script.gate.set()
        replies = [await client.until_said("bot") for _ in range(3)]
    assert [(reply["seq"], reply["in_reply_to"]) for reply in replies] == [(4, 1), (5, 2), (6, 3)]


async def test_a_client_id_sent_twice_is_stored_once_and_acknowledged_twice(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        first = await client.say("hello there", "c1")
        await client.until_said("bot")
        assert await client.say("hello there", "c1") == first
        assert await client.quiet() == []
        async with open_chat(server.chat_url) as again:
            await again.back(client)
            assert [frame["seq"] for frame in await again.quiet()] == [1, 2]


async def test_a_client_id_with_another_text_is_refused_and_nothing_is_stored(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        await client.say("one", "c1")
        await client.until_said("bot")
        await client.send(type="message", client_id="c1", text="two")
        error = await client.receive()
        assert (error["code"], error["client_id"]) == ("client_id_reused", "c1")
        assert (await client.say("three", "c2"))["seq"] == 3


async def test_two_tabs_see_one_conversation(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as one, open_chat(server.chat_url) as two:
        await one.hello()
        await two.back(one)
        await one.say("from the first tab", "c1")
        mine = await one.until_said("bot")
        theirs = await two.until(lambda frame: frame.get("role") == "bot" and frame["type"] == "message")
    assert [(frame["type"], frame.get("seq"), frame.get("client_id")) for frame in theirs] == [
        ("message", 1, "c1"),
        ("typing", None, None),
        ("message", 2, None),
    ]
    assert theirs[-1] == mine


async def test_a_reload_replays_the_whole_history_and_a_return_only_what_was_missed(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        await client.say("first", "c1")
        await client.until_said("bot")
        await client.say("second", "c2")
        await client.until_said("bot")
    async with open_chat(server.chat_url) as reloaded:
        assert (await reloaded.back(client))["last_seq"] == 4
        frames = [await reloaded.receive() for _ in range(4)]
    async with open_chat(server.chat_url) as returned:
        await returned.back(client, last_seq=3)
        missed = await returned.receive()
        assert await returned.quiet() == []
    assert [(frame["seq"], frame["role"], frame.get("client_id")) for frame in frames] == [
        (1, "customer", "c1"),
        (2, "bot", None),
        (3, "customer", "c2"),
        (4, "bot", None),
    ]
    assert missed == frames[3]


async def test_a_client_that_claims_to_have_seen_more_than_there_is_still_gets_what_comes(
    server: RunningServer,
) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello(last_seq=1000)
        await client.say("hello", "c1")
        assert (await client.until_said("bot"))["seq"] == 2


async def test_the_greeting_is_in_the_welcome_in_the_visitors_language(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as english, open_chat(server.chat_url) as chinese:
        welcome = await english.hello(locale="en-GB")
        assert welcome["config"]["greeting"].startswith("Hello!")
        assert welcome["config"]["limits"]["text"] == server.settings.text_limit
        assert (await chinese.hello(locale="zh-CN"))["config"]["greeting"].startswith("您好")
        assert (await chinese.quiet()) == []


async def test_a_hand_off_is_answered_and_then_waits_for_a_person_while_the_bot_goes_on(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        await client.say("person please", "c1")
        said = await client.until_said("bot")
        status = await client.receive()
        await client.say("person again", "c2")
        again = await client.until_said("bot")
        assert await client.quiet() == []
    assert (said["decision"], said["seq"]) == ("handoff", 2)
    assert {name: status[name] for name in ("type", "seq", "mode")} == {"type": "status", "seq": 3, "mode": "waiting"}
    assert (again["decision"], again["seq"]) == ("handoff", 5)


async def test_a_clarification_offers_answers_by_their_titles(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        await client.say("which one", "c1")
        said = await client.until_said("bot")
    assert said["suggestions"] == [
        {"answer_id": "shipping-time", "title": "How long does delivery take?"},
        {"answer_id": "returns", "title": "Can I send it back?"},
    ]
    assert "answer_id" not in said


async def test_asking_for_a_person_is_noted_once(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello(locale="zh")
        await client.send(type="handoff")
        notice, status = await client.receive(), await client.receive()
        await client.send(type="handoff")
        assert await client.quiet() == []
    assert (notice["role"], notice["text"]) == ("system", "好的，同事会来为您服务，您可以继续留言。")
    assert (status["type"], status["mode"], status["seq"]) == ("status", "waiting", 2)


async def test_the_bot_is_silent_while_a_person_has_the_turn_and_a_closed_conversation_takes_nothing(
    server: RunningServer, sqlite_database: Database
) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        async with sqlite_database.writing() as session:
            await event_log.set_mode(session, _key(client), Mode.AGENT, "ada")
            await event_log.add_agent_message(session, _key(client), "ada", "Ada here.")
        # Another process stored these: the feed finds them by itself.
        assert (await client.until_type("status"))["mode"] == "agent"
        said = await client.until_said("agent")
        assert (said["text"], said["author"]) == ("Ada here.", "ada")
        await client.say("thank you", "c1")
        async with sqlite_database.writing() as session:
            await event_log.set_mode(session, _key(client), Mode.CLOSED)
        assert (await client.until_type("status"))["mode"] == "closed"
        await client.send(type="message", client_id="c2", text="anyone?")
        error = await client.receive()
        assert (error["code"], error["client_id"]) == ("conversation_closed", "c2")


async def test_feedback_is_stored_and_acknowledged(server: RunningServer, sqlite_database: Database) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        await client.say("hello", "c1")
        said = await client.until_said("bot")
        await client.send(type="feedback", message_id=said["id"], rating="down", reason="wrong", comment="no\x07pe")
        assert await client.receive() == {"type": "feedback_ack", "message_id": said["id"]}
        await client.send(type="feedback", message_id=said["id"], rating="up")
        await client.receive()
    async with sqlite_database.reading() as session:
        (held,) = await feedback.queue(session, ratings=["up", "down"])
    assert (held.rating, held.rater_role, held.comment) == ("up", "visitor", None)


async def test_feedback_about_another_conversations_message_is_refused(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as one, open_chat(server.chat_url) as two:
        await one.hello()
        await one.say("hello", "c1")
        said = await one.until_said("bot")
        await two.hello()
        await two.send(type="feedback", message_id=said["id"], rating="down")
        assert (await two.receive())["code"] == "message_not_found"


async def test_conversations_are_answered_at_once_each_in_its_own_order(server: RunningServer, script: Script) -> None:
    script.gate.clear()
    async with open_chat(server.chat_url) as one, open_chat(server.chat_url) as two:
        await one.hello()
        await two.hello()
        await one.say("one a", "c1")
        await one.say("one b", "c2")
        await two.say("two a", "c1")
        with anyio.fail_after(30):
            while len(script.asked) < 2:
                await anyio.sleep(0.01)
        assert sorted(query.text for query in script.asked) == ["one a", "two a"]
        script.gate.set()
        assert (await one.until_said("bot"))["in_reply_to"] == 1
        assert (await one.until_said("bot"))["in_reply_to"] == 2
        assert (await two.until_said("bot"))["in_reply_to"] == 1


def _key(client: ChatClient) -> UUID:
    return UUID(client.conversation_id)
