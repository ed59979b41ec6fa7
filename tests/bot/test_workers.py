"""Several processes on one PostgreSQL: what one stores reaches the tabs of all, and one that is killed is replaced."""

import os
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import httpx2
import pytest

from bot.commands.serve import ONE_PROCESS
from tests.bot.chat_client import ChatClient, open_chat
from tests.bot.installation import Installation
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

TABS = 8


@pytest.fixture
def serving(installation: Installation, postgres_url: str) -> Iterator[tuple[int, str]]:
    """Two workers: the process that started them, and their common address."""
    with installation.serving("--workers", "2", WEAVER_DATABASE_URL=postgres_url) as (process, address):
        yield process.pid, address


async def ready(address: str) -> None:
    """Wait until the service answers, which two processes that were just started do after a while."""
    async with httpx2.AsyncClient(timeout=PATIENCE_SECONDS) as http:
        with anyio.fail_after(2 * PATIENCE_SECONDS):
            while True:
                try:
                    if (await http.get(f"{address}/readyz")).status_code == 200:
                        return
                except httpx2.TransportError:
                    pass
                await anyio.sleep(0.1)


def workers_of(parent: int) -> set[int]:
    """The processes that serve: those of its children that hold the listening socket, which a helper does not."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {int(child) for child in children if b"spawn_main" in command_of(child)}


def command_of(process: str) -> bytes:
    """How a process was started; nothing for one that has just ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


async def until_two_serve(parent: int, *dead: int) -> None:
    """Wait until there are two processes that serve, none of which is known to be dead."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while len(workers_of(parent) - set(dead)) != 2:
            await anyio.sleep(0.1)


async def tabs(stack: AsyncExitStack, url: str, first: ChatClient | None = None) -> list[ChatClient]:
    """So many tabs of one conversation, on whichever worker takes each."""
    opened = [await stack.enter_async_context(open_chat(url)) for _ in range(TABS)]
    for tab in opened:
        if tab is opened[0] and first is None:
            await tab.hello()
        else:
            await tab.back(first or opened[0])
    return opened


@pytest.mark.slow
async def test_what_one_worker_stores_reaches_every_tab_once(serving: tuple[int, str]) -> None:
    parent, address = serving
    await ready(address)
    await until_two_serve(parent)
    async with AsyncExitStack() as stack:
        opened = await tabs(stack, address.replace("http", "ws") + "/ws/chat")
        for number, tab in enumerate(opened[:4]):
            await tab.say(f"how many lamps are {number}?", f"c{number}")
        for tab in opened[4:]:
            told = [await tab.until_type("message") for _ in range(8)]
            assert [frame["seq"] for frame in told] == sorted({frame["seq"] for frame in told})
            assert [frame["role"] for frame in told].count("bot") == 4


@pytest.mark.slow
async def test_a_worker_that_is_killed_is_replaced_and_loses_nothing(serving: tuple[int, str]) -> None:
    parent, address = serving
    await ready(address)
    url = address.replace("http", "ws") + "/ws/chat"
    killed, *_ = workers_of(parent)
    async with AsyncExitStack() as stack:
        first = (await tabs(stack, url))[0]
        await first.say("how many lamps?", "c1")
        os.kill(killed, signal.SIGKILL)
    await until_two_serve(parent, killed)
    await ready(address)
    async with open_chat(url) as again:
        await again.back(first)
        answered = await again.until_said("bot")
    assert answered["in_reply_to"] == 1


def test_sqlite_is_served_by_one_process(installation: Installation) -> None:
    said = installation.run("serve", "--workers", "2")
    assert said.returncode == 2
    assert ONE_PROCESS in " ".join(said.stderr.split())
