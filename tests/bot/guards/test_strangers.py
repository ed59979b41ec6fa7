"""Whoever comes with something that is not theirs, over or forged is told so in one clear sentence, on both faces."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import anyio
import httpx2
import jwt
import pytest

from bot.guards.tokens import Tokens
from knowledge_base import event_log, secrets
from knowledge_base.conversations import Mode
from knowledge_base.database import Database
from tests.bot.chat_client import Frame, open_chat
from tests.bot.conftest import Count, Serve
from tests.bot.drawn import saved, wordless
from tests.bot.running_server import RunningServer
from tests.bot.script import Script
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

SECRET = "a secret that only the shop and Weaver know"
OTHER = "a secret that only a stranger knows about"
CUT = saved(wordless())[: len(saved(wordless())) // 2]
LONG_AGO, MUCH_LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
NOT_SIGNED = "The identity is not a JWT that this service's secret has signed."


def signed(claims: dict[str, Any], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, secret, algorithm=algorithm)


@pytest.mark.parametrize(
    ("identity", "sentence"),
    [
        (signed({"sub": "ada", "exp": LONG_AGO}), "The identity is over; sign a new one."),
        (signed({"sub": "ada"}, OTHER), NOT_SIGNED),
        (signed({"sub": "ada"}, "", "none"), NOT_SIGNED),
        (signed({"sub": "ada"}, SECRET * 2, "HS512"), NOT_SIGNED),
        (signed({"sub": "ada"})[:-3], NOT_SIGNED),
        (signed({"sub": "ada", "nbf": MUCH_LATER}), NOT_SIGNED),
        (signed({"name": "ada"}), NOT_SIGNED),
        (signed({"sub": "  "}), "The identity's sub must have 1 to 255 characters."),
        ("ada", NOT_SIGNED),
    ],
    ids=["over", "forged", "unsigned", "other algorithm", "cut", "not yet", "nobody", "blank", "no token"],
)
async def test_an_identity_that_is_over_or_forged_opens_nothing(
    serve: Serve, script: Script, dialogue_count: Count, identity: str, sentence: str
) -> None:
    server = serve(script, identity_secret=SECRET)
    async with open_chat(server.chat_url) as client:
        await client.send(type="hello", identity=identity)
        error = await client.receive()
        assert (error["code"], error["detail"]) == ("identity_invalid", sentence)
        assert await anyio.to_thread.run_sync(dialogue_count) == 0
        await client.hello(identity=signed({"sub": "ada", "exp": MUCH_LATER}))


async def greeted(server: RunningServer, **hello: object) -> Frame:
    """What a hello is answered with."""
    async with open_chat(server.chat_url) as client:
        await client.send(type="hello", **hello)
        return await client.receive()


async def test_a_token_of_another_conversation_opens_neither(server: RunningServer, sqlite_url: str) -> None:
    async with open_chat(server.chat_url) as mine, open_chat(server.chat_url) as theirs:
        await mine.hello()
        await theirs.hello()
        await theirs.say("My parcel to Elm Street is late", "c1")
    refused = await greeted(server, conversation_id=theirs.conversation_id, token=mine.token)
    assert (refused["code"], refused["detail"]) == ("token_invalid", "The token is for another conversation.")
    database = Database(sqlite_url)
    async with database.writing() as session:
        secret = await secrets.get_or_make(session, "visitor-tokens")
    await database.close()
    over = Tokens(secret, timedelta(seconds=-1)).issue(UUID(theirs.conversation_id))
    for token, sentence in (
        (over, "The token is over; open a new conversation."),
        (Tokens(OTHER).issue(UUID(theirs.conversation_id)), "The token is not one of this service."),
        (signed({"sub": theirs.conversation_id}, secret), "The token is not one of this service."),
    ):
        refused = await greeted(server, conversation_id=theirs.conversation_id, token=token)
        assert (refused["code"], refused["detail"]) == ("token_invalid", sentence)
        path = f"{server.url}/api/v1/conversations/{theirs.conversation_id}/events"
        told = httpx2.get(path, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS)
        assert (told.status_code, told.json()["detail"]) == (401, sentence)


async def test_a_message_for_a_closed_conversation_is_refused_on_both_faces_and_nothing_is_stored(
    server: RunningServer, sqlite_database: Database
) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        await client.say("Can I return a lamp?", "c1")
        await client.until_said("bot")
        async with sqlite_database.writing() as session:
            await event_log.set_mode(session, UUID(client.conversation_id), Mode.CLOSED)
        await client.until_type("status")
        await client.send(type="message", client_id="c2", text="And a kettle?")
        error = await client.until_type("error")
        sentence = "This conversation is closed."
        assert (error["code"], error["detail"], error["client_id"]) == ("conversation_closed", sentence, "c2")
        # What was acknowledged before the end is acknowledged again all the same.
        assert (await client.say("Can I return a lamp?", "c1"))["seq"] == 1
    with httpx2.Client(
        base_url=f"{server.url}/api/v1/conversations/{client.conversation_id}", timeout=PATIENCE_SECONDS
    ) as http:
        http.headers["Authorization"] = f"Bearer {client.token}"
        told = http.post("/messages", json={"client_id": "c2", "text": "And a kettle?"})
        assert (told.status_code, told.json()["detail"]) == (409, sentence)
        assert [event["seq"] for event in http.get("/events").json()["events"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"MZ\x90\x00 a program", 415, "The file is not a PNG, JPEG, WebP or GIF image."),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            415,
            "The file is not a PNG, JPEG, WebP or GIF image.",
        ),
        (CUT, 422, "The image is damaged; it cannot be opened."),
        (b"", 415, "The file is not a PNG, JPEG, WebP or GIF image."),
    ],
    ids=["a program", "a drawing with a script", "half a picture", "nothing"],
)
async def test_an_image_that_is_not_one_is_told_so(
    server: RunningServer, content: bytes, status: int, sentence: str
) -> None:
    opened = httpx2.post(f"{server.url}/api/v1/conversations", json={}, timeout=PATIENCE_SECONDS).json()
    path = f"{server.url}/api/v1/conversations/{opened['id']}/attachments"
    headers = {"Authorization": f"Bearer {opened['token']}"}
    told = httpx2.post(path, files={"file": ("lamp.png", content, "image/png")}, headers=headers, timeout=60)
    assert (told.status_code, told.json()["detail"]) == (status, sentence)
