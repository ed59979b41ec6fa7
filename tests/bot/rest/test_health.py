"""Whether the service lives, and whether it can answer."""

import anyio
import httpx2
import pytest

from bot.rest.health import reasons
from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from knowledge_base.database import Database
from tests.bot.running_server import RunningServer
from tests.patience import PATIENCE_SECONDS
from weaver_core.encoders.encoder import OnnxEncoder


def test_a_running_service_is_alive_and_ready(server: RunningServer) -> None:
    assert httpx2.get(f"{server.url}/healthz", timeout=PATIENCE_SECONDS).json() == {"status": "alive"}
    ready = httpx2.get(f"{server.url}/readyz", timeout=PATIENCE_SECONDS)
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


@pytest.mark.anyio
async def test_what_is_missing_is_named(sqlite_url: str, encoder: OnnxEncoder) -> None:
    database = Database(sqlite_url)
    serving = Serving(database, [encoder], DecisionOptions())
    assert await reasons(database, serving) == {"model": "The model is not loaded yet."}
    await serving.load()
    assert await reasons(database, serving) == {}
    await database.close()
    gone = Database("postgresql://nobody@127.0.0.1:1/nothing")
    found = await reasons(gone, serving)
    assert list(found) == ["database"]
    await gone.close()
    serving.close()


def test_a_service_without_its_database_says_so_and_lives_on(server: RunningServer, sqlite_url: str) -> None:
    async def spoil() -> None:
        database = Database(sqlite_url)
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql("ALTER TABLE change_counter RENAME TO elsewhere")
        await database.close()

    anyio.run(spoil)
    response = httpx2.get(f"{server.url}/readyz", timeout=PATIENCE_SECONDS)
    assert (response.status_code, response.json()["code"]) == (503, "not_ready")
    assert "change_counter" in response.json()["reasons"]["database"]
    assert httpx2.get(f"{server.url}/healthz", timeout=PATIENCE_SECONDS).status_code == 200
