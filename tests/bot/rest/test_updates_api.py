"""Updates over REST: asked for, carried out by the service in a process of its own, taken over, rolled back."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from bot.updates import learning
from knowledge_base import update_runs
from knowledge_base.accounts import AccountRole
from knowledge_base.database import Database
from tests.bot import updating
from tests.bot.conftest import Serve
from tests.bot.person import add_account, signed_in
from tests.bot.running_server import RunningServer
from tests.patience import wait_until
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder

FEW = 8


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return updating.write_encoder(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def encoder(transformer: Path, cache: Path) -> OnnxEncoder:
    return OnnxEncoder(export.exported(sources.find(str(transformer)), cache / "weaver" / "encoders"))


@pytest.fixture
def taught(sqlite_url: str, encoder: OnnxEncoder, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory with a version fitted on it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    async def store() -> None:
        database = Database(sqlite_url)
        # So few that encoders are not trained: what is fitted anew is no worse, whatever the ids.
        await updating.teach(database, encoder, FEW)
        assert await learning.refit(database, [encoder], "import") is not None
        await database.close()

    anyio.run(store)


@pytest.fixture
def server(serve: Serve, taught: None, transformer: Path) -> RunningServer:
    """A service with that memory."""
    del taught
    return serve(encoders=(str(transformer),))


@pytest.fixture
def http(server: RunningServer, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    """A reviewer's client."""
    headers = {"Authorization": f"Bearer {keys['reviewer']}"}
    with httpx2.Client(base_url=server.url, headers=headers, timeout=30) as client:
        yield client


def ended(http: httpx2.Client, run_id: str) -> dict[str, Any]:
    """An update once it is over."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        run: dict[str, Any] = http.get(f"/api/v1/admin/updates/{run_id}").json()
        if run["state"] not in (update_runs.QUEUED, update_runs.RUNNING):
            return run
        time.sleep(0.5)
    raise AssertionError(run)


def answering(http: httpx2.Client, name: str) -> None:
    """Wait until a version answers."""
    wait_until(lambda: bool(http.get("/readyz").json()["model_version"] == name), f"{name} answers")


@pytest.mark.slow
def test_an_update_is_asked_for_carried_out_taken_over_and_rolled_back(
    http: httpx2.Client, server: RunningServer, sqlite_url: str
) -> None:
    asked = http.post("/api/v1/admin/updates")
    assert asked.status_code == 202
    assert http.post("/api/v1/admin/updates").json()["id"] == asked.json()["id"]
    run = ended(http, asked.json()["id"])
    assert run["state"] == update_runs.DONE, run["log"]
    assert run["requested_by"] == "key:reviewer"
    assert run["figures"]["gate"]["passed"], run["figures"]
    assert "v2 answers now." in run["log"]
    answering(http, "v2")
    listed = http.get("/api/v1/admin/models").json()["models"]
    assert [(version["version"], version["state"]) for version in listed] == [("v2", "active"), ("v1", "retired")]
    assert [(version["parent"], version["asked_by"]) for version in listed] == [("v1", "key:reviewer"), (None, None)]
    assert listed[0]["learned_since"] == listed[1]["learned_until"] < listed[0]["learned_until"]
    assert (listed[0]["gate"]["passed"], listed[1]["gate"]) == (True, {})
    guard = http.get("/api/v1/admin/models/guard").json()
    assert (guard["active"]["version"], guard["before"]["version"]) == ("v2", "v1")
    assert (guard["votes_evidence"], guard["turns_evidence"]) == (None, None)
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    with signed_in(server, "rhea") as person:
        person.read("/admin/models")
        assert "the memory&#39;s own questions" in person.page
        assert "v2 answers now." in person.page
        assert "0 turns, 0 handed over, 0 answered from judgements; 0 of 0 votes down" in person.page
        person.send("/admin/models/rollback")
        answering(http, "v1")
        person.send("/admin/models/v2/promote")
        answering(http, "v2")
        assert "合计" in person.read("/admin/models?lang=zh").text
        person.send("/admin/models/update")
        run_id = http.get("/api/v1/admin/updates").json()["updates"][0]["id"]
        person.send(f"/admin/models/update/{run_id}/cancel")
        assert "已取消" in person.page
    assert http.post("/api/v1/admin/models/rollback").json()["version"] == "v1"
    answering(http, "v1")
    assert http.post("/api/v1/admin/models/v2/promote").json()["version"] == "v2"
    answering(http, "v2")


def test_an_update_that_waits_can_be_cancelled_and_what_is_unknown_is_named(http: httpx2.Client) -> None:
    run_id = http.post("/api/v1/admin/updates").json()["id"]
    assert http.delete(f"/api/v1/admin/updates/{run_id}").json()["state"] == update_runs.CANCELLED
    assert ended(http, run_id)["log"].strip().endswith("Cancelled by key:reviewer.")
    unknown = http.get("/api/v1/admin/updates/01a21a03-6fc2-74cd-86ab-40c45e7001a0")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "update_not_found")
    assert http.post("/api/v1/admin/models/v9/promote").json()["code"] == "model_version_not_found"
    assert http.post("/api/v1/admin/models/rollback").json()["code"] == "no_earlier_version"


def test_programs_and_agents_ask_for_no_update(http: httpx2.Client, keys: dict[str, str]) -> None:
    for role in ("program", "agent"):
        headers = {"Authorization": f"Bearer {keys[role]}"}
        assert http.post("/api/v1/admin/updates", headers=headers).status_code == 403
