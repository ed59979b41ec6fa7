"""A reviewer decides on answers that are alike, over REST and on the pages; commands and pages show them."""

from collections.abc import Iterator

import anyio
import httpx2
import pytest

from knowledge_base.accounts import AccountRole
from knowledge_base.database import Database
from knowledge_base.ingestion.importing import no_progress
from knowledge_base.pairing import pair
from tests.bot.person import Person, add_account, signed_in
from tests.bot.running_server import RunningServer
from tests.knowledge_base.test_answers import ENCODER
from tests.knowledge_base.test_pairing import THIRTY, THREE, told


@pytest.fixture
def ids(sqlite_url: str) -> list[str]:
    """Three answers: the second says what the first says, the third contradicts both."""

    async def store() -> list[str]:
        database = Database(sqlite_url)
        async with database.writing() as session:
            stored = [
                await told(session, "Can I send it back?", THIRTY, external_id="back", origin="faq"),
                await told(session, "Is there a return policy?", f"Please note that {THIRTY}"[17:-1]),
                await told(session, "How long may I think?", THREE),
            ]
        await pair(database, ENCODER, no_progress)
        await database.close()
        return [answer.answer_id for answer in stored]

    return anyio.run(store)


@pytest.fixture
def api(server: RunningServer, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    """A client with a reviewer's key."""
    headers = {"Authorization": f"Bearer {keys['reviewer']}"}
    with httpx2.Client(base_url=f"{server.url}/api/v1/admin", headers=headers, timeout=20) as client:
        yield client


def test_pairs_are_listed_decided_and_taken_back(api: httpx2.Client, ids: list[str]) -> None:
    listed = api.get("/answer-pairs").json()
    assert listed["waiting"] == {"duplicate": 1, "contradiction": 2, "same_question": 0}
    [same] = api.get("/answer-pairs?kind=duplicate").json()["pairs"]
    assert [same["first"]["answer_id"], same["second"]["answer_id"]] == ids[:2]
    merged = api.post(f"/answer-pairs/{same['id']}/merge").json()
    assert (merged["state"], merged["second"]["status"]) == ("merged", "retired")
    questions = [one["text"] for one in api.get("/answers/back").json()["positions"] if one["kind"] == "question"]
    assert questions == ["Can I send it back?", "Is there a return policy?"]
    again = api.post(f"/answer-pairs/{same['id']}/keep")
    assert (again.status_code, again.json()["code"]) == (409, "pair_decided")
    undone = api.post(f"/answer-pairs/{same['id']}/undo").json()
    assert (undone["state"], undone["second"]["status"]) == ("kept", "approved")
    assert api.post("/answer-pairs/00000000-0000-0000-0000-000000000000/keep").json()["code"] == "pair_not_found"


@pytest.fixture
def rhea(server: RunningServer, sqlite_url: str) -> Iterator[Person]:
    """A reviewer, signed in."""
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    with signed_in(server, "rhea") as person:
        yield person


def test_a_reviewer_sees_what_contradicts_an_answer_and_decides_there(
    rhea: Person, ids: list[str], api: httpx2.Client
) -> None:
    page = rhea.read("/admin/answer-pairs").text
    assert "Answers that are alike" in page
    assert '<del><span class="visually-hidden">removed: </span>30 </del>' in page
    page = rhea.read(f"/admin/answers/{ids[2]}").text
    assert "may contradict" in page
    assert THIRTY in page
    for waiting in api.get("/answer-pairs?kind=contradiction").json()["pairs"]:
        rhea.send(f"/admin/answer-pairs/{waiting['id']}", decision="keep", shown=ids[2])
    assert "both kept" in rhea.page
    assert api.get("/answer-pairs").json()["waiting"] == {"duplicate": 1, "contradiction": 0, "same_question": 0}
    refused = rhea.send(f"/admin/answer-pairs/{waiting['id']}", decision="keep", shown=ids[2])
    assert refused.status_code == httpx2.codes.CONFLICT
    assert "rhea has already decided on this pair" in rhea.page
