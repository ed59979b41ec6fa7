"""A service that is told to stop, and a database that goes away and comes back: nothing acknowledged is lost."""

import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import anyio
import anyio.to_thread
import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from bot.rest.problems import ONE_MOMENT
from knowledge_base import event_log, schema
from knowledge_base.database import Database
from knowledge_base.messages import Message
from tests.bot.chat_client import ChatClient, Frame, open_chat
from tests.bot.running_server import start_process
from tests.patience import PATIENCE_SECONDS
from tests.postgres import TemporaryPostgres
from weaver_core.dialogue import Role

pytestmark = pytest.mark.anyio

CUSTOMERS = 4


async def in_reply_to(database: Database, conversation_id: str) -> list[int | None]:
    """What the bot has answered in a conversation, by the seq of the question."""
    async with database.reading() as session:
        log = await event_log.events_after(session, UUID(conversation_id), 0)
    return [said.in_reply_to for said in log if isinstance(said, Message) and said.role is Role.BOT]


async def test_a_stop_under_load_lets_turns_end_closes_sockets_with_a_code_and_refuses_new_ones(
    sqlite_url: str, encoder_folder: Path, sqlite_database: Database
) -> None:
    acknowledged: dict[str, list[int]] = {}
    codes: list[int] = []

    async def hurry(url: str) -> None:
        async with open_chat(url) as client:
            await client.hello()
            acks = acknowledged[client.conversation_id] = []
            number = 0
            try:
                while True:
                    number += 1
                    ack = await client.say(f"How heavy is lamp {number}?", f"c{number}")
                    acks.append(ack["seq"])
                    await anyio.sleep(0.1)
            except ConnectionClosed as closed:
                codes.append(closed.rcvd.code if closed.rcvd else 1006)

    # Each turn is under way for so long that the stop comes in the middle of some.
    with start_process(sqlite_url, encoder_folder, answers_after=0.3) as (process, url):
        async with anyio.create_task_group() as customers:
            for _ in range(CUSTOMERS):
                customers.start_soon(hurry, url)
            with anyio.fail_after(PATIENCE_SECONDS):
                while len(acknowledged) < CUSTOMERS or not all(len(acks) > 2 for acks in acknowledged.values()):
                    await anyio.sleep(0.02)
            process.send_signal(signal.SIGTERM)
        assert codes == [1012] * CUSTOMERS
        with pytest.raises(ConnectionRefusedError):
            async with open_chat(url):
                pass
        code = await anyio.to_thread.run_sync(lambda: process.wait(timeout=60))
    # Nobody started again: the process itself has answered what it had taken, before it went.
    assert code in (0, -signal.SIGTERM)
    for conversation_id, acks in acknowledged.items():
        assert set(acks) <= set(await in_reply_to(sqlite_database, conversation_id))


async def test_what_a_stop_does_not_wait_for_is_answered_after_the_next_start(
    sqlite_url: str, encoder_folder: Path, sqlite_database: Database
) -> None:
    with start_process(sqlite_url, encoder_folder, answers_after=600, variables={"TEST_DRAIN": "0.5"}) as (
        process,
        url,
    ):
        async with open_chat(url) as client:
            await client.hello()
            assert (await client.say("How heavy is the lamp?", "c1"))["seq"] == 1
            process.send_signal(signal.SIGTERM)
            await anyio.to_thread.run_sync(lambda: process.wait(timeout=60))
    assert await in_reply_to(sqlite_database, client.conversation_id) == []
    with start_process(sqlite_url, encoder_folder) as (_, url):
        async with open_chat(url) as again:
            await again.back(client)
            assert (await again.until_said("bot"))["in_reply_to"] == 1
            assert await again.quiet() == [] or await in_reply_to(sqlite_database, client.conversation_id) == [1]


@pytest.fixture
def own_postgres() -> Iterator[TemporaryPostgres]:
    """A PostgreSQL that this test may stop."""
    with TemporaryDirectory(prefix="weaver-postgres-") as folder, TemporaryPostgres(Path(folder)) as server:
        yield server


async def readiness(http: httpx2.AsyncClient) -> dict[str, Any]:
    """What /readyz says, with the status of the response."""
    response = await http.get("/readyz")
    document: dict[str, Any] = response.json()
    return {**document, "http": response.status_code}


async def until_ready(http: httpx2.AsyncClient, *, ready: bool) -> dict[str, Any]:
    """Ask until the service is ready, or no longer."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while ((said := await readiness(http))["http"] == 200) is not ready:
            await anyio.sleep(0.1)
    return said


async def delayed(client: ChatClient) -> Frame:
    """The word that asks for patience; it must come, and name nothing of the inside."""
    error = await client.until_type("error")
    assert (error["code"], error["detail"][:10]) == ("unavailable", "One moment")
    assert "postgres" not in error["detail"]
    return error


@pytest.mark.slow
async def test_a_database_that_goes_away_in_the_middle_of_a_turn_and_comes_back(
    own_postgres: TemporaryPostgres, encoder_folder: Path, tmp_path: Path
) -> None:
    url, thought_of = own_postgres.create("weaver"), tmp_path / "thought-of"
    await anyio.to_thread.run_sync(schema.upgrade, url)
    with start_process(url, encoder_folder, variables={"TEST_ANSWERS_ONCE": str(thought_of)}) as (process, chat_url):
        address = chat_url.replace("ws", "http", 1).removesuffix("/ws/chat")
        async with open_chat(chat_url) as client, httpx2.AsyncClient(base_url=address, timeout=30) as http:
            await until_ready(http, ready=True)
            await client.hello()
            assert (await client.say("How heavy is the lamp?", "c1"))["seq"] == 1
            # The question is safe; while its answer is thought of, the database goes away.
            await client.until_type("typing")
            await anyio.to_thread.run_sync(own_postgres.stop)
            thought_of.touch()
            assert "client_id" not in await delayed(client)
            await client.send(type="message", client_id="c2", text="And the kettle?")
            assert (await delayed(client))["client_id"] == "c2"
            told = await until_ready(http, ready=False)
            assert (told["code"], list(told["reasons"])) == ("not_ready", ["database"])
            assert (await http.get("/healthz")).status_code == 200
            refused = await http.post("/api/v1/conversations", json={})
            assert (refused.status_code, refused.json()["detail"]) == (503, ONE_MOMENT)
            assert refused.headers["retry-after"] == "1"
            await anyio.to_thread.run_sync(own_postgres.start)
            # Nobody restarts anything: the same process, the same socket.
            assert (await until_ready(http, ready=True))["status"] == "ready"
            assert (await client.until_said("bot"))["in_reply_to"] == 1
            assert (await client.say("And the kettle?", "c2"))["seq"] > 1
            await client.until_said("bot")
            assert process.poll() is None
        database = Database(url)
        answered = await in_reply_to(database, client.conversation_id)
        await database.close()
        assert len(answered) == len(set(answered)) == 2
