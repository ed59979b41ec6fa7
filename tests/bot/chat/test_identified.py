"""Customers whom the shop knows: called by their names, in their language, with what they said on another device."""

from uuid import UUID

import jwt
import pytest

from knowledge_base import conversations, event_log
from knowledge_base.conversations import Mode
from knowledge_base.database import Database
from tests.bot.chat_client import open_chat
from tests.bot.conftest import Serve
from tests.bot.running_server import RunningServer
from tests.bot.script import Script

pytestmark = pytest.mark.anyio
SECRET = "a secret that only the shop and Weaver know"


def identity(customer: str, **claims: str) -> str:
    """What the shop's page hands over."""
    return jwt.encode({"sub": customer, **claims}, SECRET, algorithm="HS256")


@pytest.fixture
def shop(serve: Serve, script: Script) -> RunningServer:
    """A server that can check the shop's identities."""
    return serve(script, identity_secret=SECRET)


async def test_a_customer_is_called_by_name_in_the_language_that_the_shop_knows(shop: RunningServer) -> None:
    async with open_chat(shop.chat_url) as client:
        welcome = await client.hello(identity=identity("17", name="王芳", locale="zh-CN"), locale="en-GB")
        assert (welcome["config"]["locale"], welcome["config"]["greeting"][:4]) == ("zh-CN", "王芳，您")
    async with open_chat(shop.chat_url) as client:
        assert "{" not in (await client.hello(identity=identity("18", name="{name}")))["config"]["greeting"][12:]


async def test_a_customer_goes_on_on_another_device_with_all_that_was_said(shop: RunningServer) -> None:
    async with open_chat(shop.chat_url) as phone:
        await phone.hello(identity=identity("17"))
        await phone.say("Where is my parcel?", "1")
        await phone.until_said("bot")
    async with open_chat(shop.chat_url) as laptop, open_chat(shop.chat_url) as stranger:
        await laptop.hello(identity=identity("17"))
        assert laptop.conversation_id == phone.conversation_id
        assert (await laptop.until_said("customer"))["text"] == "Where is my parcel?"
        await stranger.hello(identity=identity("18"))
        assert stranger.conversation_id != phone.conversation_id
        assert await stranger.quiet() == []


async def test_what_was_closed_is_not_opened_again_by_signing_in(
    shop: RunningServer, sqlite_database: Database
) -> None:
    async with open_chat(shop.chat_url) as phone:
        await phone.hello(identity=identity("17"))
    async with sqlite_database.writing() as session:
        await event_log.set_mode(session, UUID(phone.conversation_id), Mode.CLOSED)
    async with open_chat(shop.chat_url) as laptop:
        await laptop.hello(identity=identity("17"))
    assert laptop.conversation_id != phone.conversation_id
    async with sqlite_database.reading() as session:
        held = await conversations.of_customer(session, "17")
    assert [str(one.id) for one in held] == [laptop.conversation_id, phone.conversation_id]
