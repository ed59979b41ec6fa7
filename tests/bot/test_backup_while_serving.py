"""A backup while customers write: what was acknowledged before it is in it, and what is restored from it serves."""

from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from websockets.exceptions import ConnectionClosed

from tests.bot.chat_client import ChatClient, Frame, open_chat
from tests.bot.installation import Installation, until_ready

pytestmark = pytest.mark.anyio

CUSTOMERS = 3


class Customer:
    """Somebody who writes one message after the other."""

    def __init__(self) -> None:
        self.client: ChatClient | None = None
        self.acknowledged: dict[str, int] = {}

    async def write(self, url: str) -> None:
        """Write until the service is gone."""
        try:
            async with open_chat(url) as self.client:
                await self.client.hello()
                while True:
                    number = f"c{len(self.acknowledged) + 1}"
                    ack = await self.client.say(f"How heavy is lamp {number}?", number)
                    self.acknowledged[number] = ack["seq"]
                    await anyio.sleep(0.15)
        except ConnectionClosed:
            pass


@pytest.mark.slow
async def test_what_was_acknowledged_before_a_backup_is_in_it_and_the_restored_service_answers(
    installation: Installation, tmp_path: Path
) -> None:
    file, other = tmp_path / "weaver.backup", tmp_path / "other"
    customers = [Customer() for _ in range(CUSTOMERS)]
    with installation.serving() as (process, address):
        await anyio.to_thread.run_sync(until_ready, address)
        async with anyio.create_task_group() as writing:
            for customer in customers:
                writing.start_soon(customer.write, chat(address))
            with anyio.fail_after(60):
                while not all(len(customer.acknowledged) > 2 for customer in customers):
                    await anyio.sleep(0.02)
            before = [dict(customer.acknowledged) for customer in customers]
            saved = await anyio.to_thread.run_sync(installation.run, "db", "backup", str(file))
            assert saved.returncode == 0, saved.stderr
            assert all(len(customer.acknowledged) > len(was) for customer, was in zip(customers, before, strict=True))
            process.terminate()
    elsewhere = {"WEAVER_HOME": str(other)}
    for arguments in (("db", "upgrade"), ("db", "restore", str(file))):
        done = installation.run(*arguments, **elsewhere)
        assert done.returncode == 0, done.stderr
    with installation.serving(**elsewhere) as (_, address):
        await anyio.to_thread.run_sync(until_ready, address)
        for customer, was in zip(customers, before, strict=True):
            assert customer.client is not None
            async with open_chat(chat(address)) as again:
                # The token is good here too: the secret that signed it is in the backup.
                welcome = await again.back(customer.client)
                frames = await read_to(again, welcome["last_seq"])
                stored = {frame["client_id"]: frame["seq"] for frame in frames if frame.get("client_id")}
                assert was.items() <= stored.items() <= customer.acknowledged.items()
                asked = await again.say("And how heavy is the kettle?", "new")
                await read_reply(again, asked["seq"])
            async with open_chat(chat(address)) as whole:
                welcome = await whole.back(customer.client)
                frames = await read_to(whole, welcome["last_seq"])
                answers = [frame["in_reply_to"] for frame in frames if frame.get("in_reply_to")]
                assert sorted(answers) == sorted([*stored.values(), asked["seq"]])


async def read_to(client: ChatClient, seq: int) -> list[Frame]:
    """What comes up to a seq."""
    return await client.until(lambda frame: frame.get("seq", 0) >= seq)


async def read_reply(client: ChatClient, seq: int) -> None:
    """Read up to the answer to a message."""
    await client.until(lambda frame: frame.get("in_reply_to") == seq)


def chat(address: str) -> str:
    """The address of a service's websocket."""
    return address.replace("http", "ws", 1) + "/ws/chat"
