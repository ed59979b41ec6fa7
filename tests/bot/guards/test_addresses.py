"""Limits by network address, inside the socket too: one flood leaves the customers of other networks alone."""

import anyio
import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from bot.chat.socket import TRY_LATER
from bot.guards.limits import network_of
from bot.settings import Settings
from tests.bot.chat_client import open_chat
from tests.bot.conftest import Serve
from tests.bot.running_server import RunningServer
from tests.bot.script import Script
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

# A client's address as a proxy on this machine tells it.
HERE, THERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def slow_server(serve: Serve, script: Script) -> RunningServer:
    """A server that takes two messages of an address at once and hardly any more."""
    return serve(script, address_messages_a_second=0.001, address_message_burst=2)


async def test_many_conversations_of_one_address_share_its_limit(slow_server: RunningServer) -> None:
    async with (
        open_chat(slow_server.chat_url, address=HERE) as one,
        open_chat(slow_server.chat_url, address=HERE) as two,
        open_chat(slow_server.chat_url, address=THERE) as elsewhere,
        open_chat(slow_server.chat_url) as loopback,
    ):
        for client in (one, two, elsewhere, loopback):
            await client.hello()
        await one.say("How long does a parcel take?", "c1")
        await two.say("Can I return a lamp?", "c1")
        await two.send(type="message", client_id="c2", text="And a kettle?")
        error = await two.until_type("error")
        assert (error["code"], error["client_id"]) == ("rate_limited", "c2")
        assert error["detail"].startswith("Too many messages from this address; try again in ")
        await elsewhere.say("Where is my parcel?", "c1")
        for number in range(5):
            await loopback.say(f"Where is parcel {number}?", f"c{number}")


async def test_rest_counts_a_visitors_address_too_and_no_programs(
    slow_server: RunningServer, keys: dict[str, str]
) -> None:
    def post(secret: str, conversation_id: str, client_id: str) -> int:
        path = f"/api/v1/conversations/{conversation_id}/messages"
        headers = {"Authorization": f"Bearer {secret}", "X-Forwarded-For": HERE}
        body = {"client_id": client_id, "text": f"Where is parcel {client_id}?"}
        return httpx2.post(slow_server.url + path, json=body, headers=headers, timeout=30).status_code

    opened = httpx2.post(f"{slow_server.url}/api/v1/conversations", json={}, timeout=PATIENCE_SECONDS).json()
    assert [post(opened["token"], opened["id"], f"c{number}") for number in range(3)] == [200, 200, 429]
    assert [post(keys["program"], opened["id"], f"k{number}") for number in range(3)] == [200, 200, 200]


async def test_an_address_may_hold_so_many_connections_and_a_new_one_after_one_is_closed(
    serve: Serve, script: Script
) -> None:
    url = serve(script, address_sockets=2).chat_url
    async with open_chat(url, address=HERE) as first, open_chat(url, address=THERE), open_chat(url), open_chat(url):
        await first.hello()
        async with open_chat(url, address=HERE) as second:
            await second.hello()
            async with open_chat(url, address=HERE) as third:
                with pytest.raises(ConnectionClosed) as closed:
                    await third.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == TRY_LATER
        assert closed.value.rcvd.reason == "Your network has 2 connections open, which is the most; close some."
        with anyio.fail_after(PATIENCE_SECONDS):
            while not await comes_in(url):
                await anyio.sleep(0.05)


async def comes_in(url: str) -> bool:
    """Whether another connection from the full address is welcome."""
    async with open_chat(url, address=HERE) as client:
        try:
            await client.hello()
        except ConnectionClosed:
            return False
        return True


def test_the_limits_are_those_of_the_contract_unless_the_operator_says_otherwise() -> None:
    settings = Settings(_env_file=None)
    assert (settings.messages_a_second, settings.message_burst, settings.limit_loopback) == (10, 20, False)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("unknown", "unknown"),
    ],
)
def test_all_addresses_that_one_customer_has_in_ipv6_count_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
