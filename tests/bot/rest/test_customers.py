"""One person's data over REST: taken out, and erased with a receipt."""

import json
from collections.abc import Iterator

import anyio
import httpx2
import pytest

from knowledge_base.database import Database
from knowledge_base.forgetting import hash_of
from tests.bot.running_server import RunningServer
from tests.knowledge_base.test_erasure import HERS, mined

VERA = "Vera/2"


@pytest.fixture(autouse=True)
def stored(sqlite_url: str) -> None:
    """One imported dialogue of Vera's, whose name has a slash in it."""

    async def store() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            await mined(session, "1", VERA, HERS, "Rinse it twice.")
        await database.close()

    anyio.run(store)


@pytest.fixture
def api(server: RunningServer, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    """A client with an administrator's key."""
    headers = {"Authorization": f"Bearer {keys['admin']}"}
    with httpx2.Client(base_url=f"{server.url}/api/v1/admin", headers=headers, timeout=20) as client:
        yield client


def test_all_of_one_person_is_taken_out(api: httpx2.Client) -> None:
    held = api.get(f"/customers/{VERA}").json()
    assert held["customer"] == VERA
    assert [turn["text"] for turn in held["turn"]] == [HERS, "Rinse it twice."]
    nobody = api.get("/customers/nobody").json()
    assert not any(rows for table, rows in nobody.items() if table != "customer")


def test_a_person_is_erased_with_a_receipt_that_does_not_name_them(api: httpx2.Client) -> None:
    tried = api.delete(f"/customers/{VERA}?dry_run=true").json()
    assert tried["dry_run"]
    assert api.get(f"/customers/{VERA}").json()["dialogue"]
    receipt = api.delete(f"/customers/{VERA}").json()
    assert (receipt["counts"], receipt["dry_run"]) == (tried["counts"], False)
    assert receipt["counts"]["dialogues"] == 1
    assert receipt["customer"] == hash_of(VERA, receipt["salt"])
    assert VERA not in json.dumps(receipt)
    assert HERS not in api.get(f"/customers/{VERA}").text
    assert api.delete(f"/customers/{VERA}").json()["counts"] == {}


def test_a_reviewer_may_do_neither(api: httpx2.Client, keys: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {keys['reviewer']}"}
    for method in ("GET", "DELETE"):
        assert api.request(method, f"/customers/{VERA}", headers=headers).status_code == httpx2.codes.FORBIDDEN
    assert api.get(f"/customers/{VERA}").json()["dialogue"]
