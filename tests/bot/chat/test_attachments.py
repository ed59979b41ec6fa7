"""Images over the websocket: sent once, shown to every tab, answered after a crash, masked like other words."""

from pathlib import Path
from uuid import UUID

import anyio.to_thread
import httpx2
import pytest

from bot.images.received import MOST_BYTES
from bot.turns import judged_turn
from knowledge_base import event_log
from knowledge_base.database import Database
from knowledge_base.messages import Message
from tests.bot.chat_client import ChatClient, Frame, open_chat
from tests.bot.drawn import ERROR, saved, screenshot, wordless
from tests.bot.running_server import RunningServer, start_process
from tests.bot.script import Script

pytestmark = pytest.mark.anyio


async def attached(url: str, client: ChatClient, content: bytes) -> Frame:
    """An image, attached to a client's conversation."""

    def post() -> httpx2.Response:
        path = f"{url}/api/v1/conversations/{client.conversation_id}/attachments"
        headers = {"Authorization": f"Bearer {client.token}"}
        return httpx2.post(path, files={"file": ("photo", content, "image/png")}, headers=headers, timeout=120)

    response = await anyio.to_thread.run_sync(post)
    assert response.status_code == 200, response.text
    frame: Frame = response.json()
    return frame


async def test_an_image_is_sent_once_and_every_tab_and_replay_has_it(server: RunningServer, script: Script) -> None:
    async with open_chat(server.chat_url) as sender, open_chat(server.chat_url) as other:
        welcome = await sender.hello()
        assert (
            welcome["config"]["limits"] | {"attachments": 4, "attachment_bytes": MOST_BYTES}
            == (welcome["config"]["limits"])
        )
        await other.back(sender)
        image = await attached(server.url, sender, saved(screenshot()))
        for _ in range(2):
            await sender.send(type="message", client_id="c1", text="", attachments=[image["id"]])
            assert (await sender.until_type("ack"))["seq"] == 1
        seen = await other.until_said("customer")
        assert (seen["text"], seen["attachments"]) == ("", [image])
        assert image["text_found"] == "\n".join(ERROR)
        await sender.until_said("bot")
        assert [query.text for query in script.asked] == [image["text_found"]]
        await sender.send(type="message", client_id="c1", text="", attachments=[])
        assert (await sender.receive())["code"] == "text_empty"
        await sender.send(type="message", client_id="c1", text="other", attachments=[image["id"]])
        assert (await sender.receive())["code"] == "client_id_reused"
    async with open_chat(server.chat_url) as again:
        await again.back(sender)
        assert (await again.until_said("customer"))["attachments"] == [image]


async def test_another_conversation_s_image_is_refused_and_leaves_no_gap(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as mine, open_chat(server.chat_url) as theirs:
        await mine.hello()
        await theirs.hello()
        image = await attached(server.url, theirs, saved(wordless()))
        await mine.send(type="message", client_id="c1", text="look", attachments=[image["id"]])
        error = await mine.receive()
        assert (error["code"], error["client_id"]) == ("attachment_not_found", "c1")
        assert (await mine.say("hello", "c1"))["seq"] == 1
        await theirs.send(type="message", client_id="c1", text="", attachments=[image["id"]])
        assert (await theirs.until_type("ack"))["seq"] == 1


@pytest.mark.slow
async def test_an_image_that_a_crash_left_unanswered_is_answered_exactly_once(
    sqlite_url: str, encoder_folder: Path, sqlite_database: Database
) -> None:
    with start_process(sqlite_url, encoder_folder, answers_after=60) as (process, url):
        async with open_chat(url) as client:
            await client.hello()
            web = url.replace("ws://", "http://").removesuffix("/ws/chat")
            image = await attached(web, client, saved(screenshot()))
            await client.send(type="message", client_id="c1", text="", attachments=[image["id"]])
            assert (await client.until_type("ack"))["seq"] == 1
            process.kill()
    with start_process(sqlite_url, encoder_folder) as (_, url):
        async with open_chat(url) as again:
            await again.back(client)
            frames = await again.until(lambda frame: frame.get("in_reply_to") == 1)
            assert [frame["type"] for frame in await again.quiet()] == ["status"]
    assert [frame["attachments"] for frame in frames if "attachments" in frame] == [[image]]
    async with sqlite_database.reading() as session:
        log = await event_log.events_after(session, UUID(client.conversation_id), 0)
    assert [event.in_reply_to for event in log if isinstance(event, Message) and event.bot] == [1]


async def test_what_is_learnt_from_an_image_is_masked(server: RunningServer, sqlite_database: Database) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        lines = ["My name is Vera Plum", "vera.plum@example.org", "The lamp is broken"]
        image = await attached(server.url, client, saved(screenshot(lines)))
        await client.send(type="message", client_id="c1", text="Please help", attachments=[image["id"]])
        reply = await client.until_said("bot")
    judged = await judged_turn.read(sqlite_database, (), UUID(reply["id"]))
    assert judged.question == "Please help\nMy name is ‹name›\n‹email›\nThe lamp is broken"
