"""What Prometheus reads of a service: how many turns, how long, what came of them, and none of anybody's words."""

import anyio
import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from knowledge_base.database import Database
from tests.bot.chat_client import open_chat
from tests.bot.running_server import RunningServer
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

SECRET = "zanzibar"


async def measured(server: RunningServer) -> tuple[dict[str, float], str]:
    """The samples that are not the library's own, by name and labels, and the whole text."""
    async with httpx2.AsyncClient(timeout=PATIENCE_SECONDS) as http:
        text = (await http.get(f"{server.url}/metrics")).text
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples if not sample.name.endswith("_created")]
    return {" ".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}, text


async def test_turns_judgements_and_sockets_are_counted(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        await client.say(f"where is {SECRET}?", "c1")
        told = await client.until_said("bot")
        await client.send(type="feedback", message_id=told["id"], rating="down")
        await client.until_type("feedback_ack")
        await client.say("thanks", "c2")
        await client.until_said("bot")
        # What a customer said of the answer before is stored after the reply: the turn is over a little later.
        with anyio.fail_after(PATIENCE_SECONDS):
            while (during := (await measured(server))[0])["weaver_turns_answering"]:
                await anyio.sleep(0.02)
    assert during["weaver_sockets"] == 1
    assert during["weaver_replies_total answer answer"] == during["weaver_replies_total clarify thanks"] == 1
    assert during["weaver_judgements_total visitor down"] == 1
    assert during["weaver_turn_seconds_count turn"] == during["weaver_turn_seconds_count store"] == 2
    assert 0 < during["weaver_turn_seconds_sum decide"] < during["weaver_turn_seconds_sum turn"]
    assert during["weaver_conversations_waiting"] == 0


async def test_who_waits_is_told_and_no_words_are(server: RunningServer) -> None:
    async with open_chat(server.chat_url) as client:
        await client.hello()
        await client.say(f"person {SECRET}", "c1")
        await client.until_said("bot")
    with anyio.fail_after(PATIENCE_SECONDS):
        while (found := await measured(server))[0]["weaver_sockets"]:
            await anyio.sleep(0.02)
    samples, text = found
    assert samples["weaver_conversations_waiting"] == samples["weaver_database_up"] == 1
    assert SECRET not in text


async def test_without_its_database_the_service_still_says_what_it_counted(
    server: RunningServer, sqlite_database: Database
) -> None:
    async with sqlite_database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE conversation RENAME TO elsewhere")
    samples, _ = await measured(server)
    assert samples["weaver_database_up"] == 0
    assert "weaver_conversations_waiting" not in samples
