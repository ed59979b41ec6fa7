"""The chat's websocket: what it says to a client that misbehaves, and when it has had enough."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import jwt
import pytest
from websockets.exceptions import ConnectionClosed

from bot.guards.tokens import SECRET, Tokens
from knowledge_base import conversations, secrets
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from tests.bot.chat_client import ChatClient, Frame, open_chat
from tests.bot.conftest import Serve
from tests.bot.running_server import RunningServer
from tests.bot.script import Script

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(server: RunningServer) -> AsyncIterator[ChatClient]:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        yield client


async def refusal(client: ChatClient, frame: str | bytes) -> Frame:
    """The error that a frame gets; the connection must live on and nothing else may come."""
    await client.socket.send(frame)
    error = await client.receive()
    assert error["type"] == "error"
    assert error["detail"].endswith(".")
    assert await client.quiet() == []
    return error


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{not json", "invalid_json"),
        ("", "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        ('{"type": "message", "client_id": "c", "text": ' + "9" * 5000 + "}", "invalid_json"),
        ("[]", "invalid_frame"),
        ('"hello"', "invalid_frame"),
        ("null", "invalid_frame"),
        ("{}", "invalid_frame"),
        ('{"type": 7}', "unknown_frame"),
        ('{"type": "dance"}', "unknown_frame"),
        ('{"type": "\\ud800"}', "unknown_frame"),
        ('{"type": "message", "text": "no client_id"}', "invalid_frame"),
        ('{"type": "message", "client_id": "", "text": "x"}', "invalid_frame"),
        ('{"type": "message", "client_id": "\\ud800", "text": "x"}', "invalid_frame"),
        ('{"type": "message", "client_id": "c", "text": null}', "invalid_frame"),
        ('{"type": "message", "client_id": "c", "text": ["x"]}', "invalid_frame"),
        ('{"type": "message", "client_id": "c", "text": "x", "attachments": [1]}', "invalid_frame"),
        (
            '{"type": "message", "client_id": "c", "text":"", "attachments": ["01890a5d-ac96-774b-bcce-b302099a8057"]}',
            "attachment_not_found",
        ),
        ('{"type": "feedback", "message_id": "nonsense", "rating": "up"}', "invalid_frame"),
        (
            '{"type": "feedback", "message_id": "01890a5d-ac96-774b-bcce-b302099a8057", "rating": "up"}',
            "message_not_found",
        ),
        ('{"type": "hello"}', "hello_repeated"),
        (b'{"type": "ping"}', "binary_unsupported"),
    ],
)
@pytest.mark.slow
async def test_a_frame_that_cannot_be_carried_out_gets_an_error_and_the_connection_lives_on(
    client: ChatClient, frame: str | bytes, code: str
) -> None:
    assert (await refusal(client, frame))["code"] == code


async def test_an_error_names_the_field_and_the_message(client: ChatClient) -> None:
    error = await refusal(client, '{"type": "message", "client_id": "c7"}')
    assert (error["detail"], error["client_id"]) == ("The field text is missing.", "c7")
    error = await refusal(client, json.dumps({"type": "message", "client_id": "x" * 200, "text": "hi"}))
    assert error["detail"] == "The field client_id should have at most 128 characters."


@pytest.mark.parametrize("frame", [{"type": "message", "client_id": "c", "text": "x"}, {"type": "handoff"}])
async def test_the_first_frame_must_be_a_hello(server: RunningServer, frame: Frame) -> None:
    async with open_chat(server.chat_url) as client:
        assert (await refusal(client, json.dumps(frame)))["code"] == "hello_required"
        await client.hello()


@pytest.mark.parametrize("text", ["", "   \n\t", "\0\x07", "\u200b\u2060", "\ud800"])
async def test_a_text_without_anything_to_see_is_refused_and_leaves_no_gap(client: ChatClient, text: str) -> None:
    await client.send(type="message", client_id="c1", text=text)
    error = await client.receive()
    assert (error["code"], error["client_id"]) == ("text_empty", "c1")
    assert error["detail"] == "The text is empty; it must have 1 to 4000 characters."
    assert (await client.say("hello", "c1"))["seq"] == 1


@pytest.mark.parametrize("character", ["x", "长", "😀"])
async def test_a_text_of_100000_characters_is_refused_and_nothing_is_stored(client: ChatClient, character: str) -> None:
    await client.send(type="message", client_id="c1", text=character * 100_000)
    error = await client.receive()
    assert (error["code"], error["client_id"]) == ("text_too_long", "c1")
    assert error["detail"] == "The text has 100000 characters; it must have 1 to 4000."
    assert (await client.say("hello", "c2"))["seq"] == 1


async def test_a_text_as_long_as_the_limit_is_taken(client: ChatClient) -> None:
    assert (await client.say("x" * 4000, "c1"))["seq"] == 1


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("a\x00b\x07c", "abc"),
        ("half \ud800 a pair", "half  a pair"),
        ("tab\tand\r\nnewline", "tab\tand\nnewline"),
        ("😀🎉", "😀🎉"),
        ("  <b>bold</b> ' OR 1=1 --  ", "<b>bold</b> ' OR 1=1 --"),
    ],
)
async def test_what_no_database_stores_is_stripped_and_the_rest_is_kept_and_answered(
    server: RunningServer, client: ChatClient, sent: str, stored: str
) -> None:
    await client.say(sent, "c1")
    await client.until_said("bot")
    async with open_chat(server.chat_url) as other:
        await other.back(client)
        assert (await other.receive())["text"] == stored


@pytest.fixture
async def hurried_client(serve: Serve, script: Script) -> AsyncIterator[ChatClient]:
    """A client of a server that gives no second chance while the test runs, however slow the machine."""
    server = serve(script, messages_a_second=0.001, message_burst=20)
    async with open_chat(server.chat_url) as client:
        await client.hello()
        yield client


async def test_a_flood_is_told_to_wait_and_what_was_acknowledged_is_answered(hurried_client: ChatClient) -> None:
    client = hurried_client
    for number in range(100):
        await client.send(type="message", client_id=f"c{number}", text=f"question {number}")
    await client.send(type="ping")
    frames = await client.until(lambda frame: frame["type"] == "pong")
    acks = [frame["seq"] for frame in frames if frame["type"] == "ack"]
    errors = [frame for frame in frames if frame["type"] == "error"]
    assert (len(acks), len(errors)) == (20, 80)
    assert {error["code"] for error in errors} == {"rate_limited"}
    assert {error["client_id"] for error in errors} <= {f"c{number}" for number in range(100)}
    answered = [frame["in_reply_to"] for frame in frames if frame.get("role") == "bot" and frame["type"] == "message"]
    while len(answered) < len(acks):
        answered.append((await client.until_said("bot"))["in_reply_to"])
    assert sorted(answered) == sorted(acks)


async def test_a_flood_counts_for_its_conversation_in_whatever_tab_and_for_no_other(
    serve: Serve, script: Script
) -> None:
    server = serve(script, messages_a_second=0.001, message_burst=2)
    async with (
        open_chat(server.chat_url) as one,
        open_chat(server.chat_url) as two,
        open_chat(server.chat_url) as else_,
    ):
        await one.hello()
        await two.back(one)
        await one.say("first", "c1")
        await two.say("second", "c2")
        await one.send(type="message", client_id="c3", text="third")
        assert (await one.until_type("error"))["client_id"] == "c3"
        await else_.hello()
        assert (await else_.say("I am someone else", "c1"))["seq"] == 1


async def test_a_flood_of_pings_is_told_to_wait(hurried_client: ChatClient) -> None:
    for _ in range(50):
        await hurried_client.send(type="ping")
    error = await hurried_client.until_type("error")
    assert error["code"] == "rate_limited"


async def test_nonsense_without_end_closes_the_connection(client: ChatClient) -> None:
    async def go_on() -> None:
        for _ in range(200):
            await client.socket.send("nonsense")
            await client.receive()

    with pytest.raises(ConnectionClosed) as closed:
        await go_on()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


async def test_a_frame_beyond_all_measure_closes_the_connection(client: ChatClient) -> None:
    await client.socket.send("x" * 1_500_001)
    assert (await client.receive())["code"] == "frame_too_big"
    with pytest.raises(ConnectionClosed) as closed:
        await client.socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


async def test_a_wrong_token_opens_nothing_and_the_visitor_can_begin_anew(
    server: RunningServer, client: ChatClient, sqlite_database: Database
) -> None:
    async with sqlite_database.writing() as session:
        tokens = Tokens(await secrets.get_or_make(session, SECRET), lasts=timedelta(seconds=-1))
    over = tokens.issue(new_id())
    async with open_chat(server.chat_url) as other, open_chat(server.chat_url) as third:
        await third.hello()
        for token in ("nonsense", "", "\ud800", over, client.token[:-2], third.token, None):
            await other.send(type="hello", conversation_id=client.conversation_id, token=token)
            error = await other.receive()
            assert (error["type"], error["code"]) == ("error", "token_invalid"), token
        await other.hello()


@pytest.mark.parametrize("name", ["01890a5d-ac96-774b-bcce-b302099a8057", "nonsense"])
async def test_an_unknown_conversation_is_named_in_the_error(server: RunningServer, name: str) -> None:
    async with open_chat(server.chat_url) as client:
        await client.send(type="hello", conversation_id=name, token="x")
        error = await client.receive()
    assert (error["code"], error["detail"]) == ("conversation_not_found", f"There is no conversation {name}.")


async def test_a_token_alone_finds_its_conversation(server: RunningServer, client: ChatClient) -> None:
    async with open_chat(server.chat_url) as other:
        assert (await other.hello(token=client.token))["conversation_id"] == client.conversation_id


async def test_new_conversations_from_one_address_are_limited_where_the_operator_says_so(
    serve: Serve, script: Script
) -> None:
    server = serve(script, limit_loopback=True, conversations_a_minute=2)
    async with open_chat(server.chat_url) as client:
        await client.hello()
    async with open_chat(server.chat_url) as client:
        await client.hello()
    async with open_chat(server.chat_url) as third:
        await third.send(type="hello")
        assert (await third.receive())["code"] == "rate_limited"
        assert (await third.back(client))["conversation_id"] == client.conversation_id


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "https://shop.example", "HTTPS://SHOP.EXAMPLE", None]
)
async def test_pages_of_allowed_sites_may_chat(serve: Serve, script: Script, origin: str | None) -> None:
    server = serve(script, allowed_origins="https://shop.example")
    async with open_chat(server.chat_url, origin) as client:
        await client.hello()


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://shop.example.evil.example", "file://", "https://[", "x"]
)
async def test_pages_of_other_sites_are_turned_away(serve: Serve, script: Script, origin: str) -> None:
    server = serve(script, allowed_origins="https://shop.example")
    async with open_chat(server.chat_url, origin) as client:
        with pytest.raises(ConnectionClosed) as closed:
            await client.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


async def test_a_signed_identity_names_the_customer_and_keeps_others_out(
    serve: Serve, script: Script, sqlite_database: Database
) -> None:
    secret = "a secret that only the shop and Weaver know"
    server = serve(script, identity_secret=secret)
    ada, grace = (jwt.encode({"sub": name}, secret, algorithm="HS256") for name in ("ada", "grace"))
    async with open_chat(server.chat_url) as anonymous, open_chat(server.chat_url) as signed_in:
        await anonymous.hello()
        await signed_in.hello(conversation_id=anonymous.conversation_id, token=anonymous.token, identity=ada)
        async with sqlite_database.reading() as session:
            held = await conversations.get(session, UUID(anonymous.conversation_id))
        assert held.customer == "ada"
        async with open_chat(server.chat_url) as other:
            await other.send(
                type="hello", conversation_id=anonymous.conversation_id, token=anonymous.token, identity=grace
            )
            assert (await other.receive())["code"] == "token_invalid"
            await other.send(type="hello", identity=jwt.encode({"sub": "ada"}, "x" * 32, algorithm="HS256"))
            assert (await other.receive())["code"] == "identity_invalid"
            await other.hello(identity=grace)


async def test_an_identity_is_refused_where_none_can_be_checked(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as client:
        await client.send(type="hello", identity=jwt.encode({"sub": "ada"}, "x" * 32, algorithm="HS256"))
        error = await client.receive()
    assert (error["code"], "WEAVER_IDENTITY_SECRET" in error["detail"]) == ("identity_invalid", True)
