"""Outside texts over REST: taken in once, masked, all of a batch or none, and never part of what answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import anyio
import httpx2
import pytest
from sqlalchemy import select

from knowledge_base.database import Database
from knowledge_base.tables import ObservationRow, PositionRow
from tests.bot.running_server import RunningServer

REVIEW = {"text": "The kettle leaks after a week", "source": "reviews", "at": "2026-03-01T10:00:00+01:00", "id": "r1"}


@pytest.fixture
def program(server: RunningServer, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    """A program's client."""
    headers = {"Authorization": f"Bearer {keys['program']}"}
    with httpx2.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=20) as client:
        yield client


@pytest.fixture
def reviewer(server: RunningServer, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    """A reviewer's client."""
    headers = {"Authorization": f"Bearer {keys['reviewer']}"}
    with httpx2.Client(base_url=f"{server.url}/api/v1/admin", headers=headers, timeout=20) as client:
        yield client


def stored(url: str) -> list[ObservationRow]:
    """All outside texts, oldest first."""

    async def read() -> list[ObservationRow]:
        database = Database(url)
        async with database.reading() as session:
            assert (
                await session.execute(select(PositionRow).where(PositionRow.text.contains("kettle")))
            ).first() is None
            rows = list((await session.execute(select(ObservationRow).order_by(ObservationRow.id))).scalars())
        await database.close()
        return rows

    return anyio.run(read)


def observe(client: httpx2.Client, body: object) -> dict[str, int]:
    taken: dict[str, int] = client.post("/observations", json=body).raise_for_status().json()
    return taken


def test_a_text_is_taken_in_once_and_masked(program: httpx2.Client, sqlite_url: str) -> None:
    told = REVIEW | {"text": "The kettle leaks, write to mia.keller@example.com or call +44 20 7946 0958", "rating": 2}
    assert observe(program, told) == {"new": 1, "changed": 0, "known": 0}
    assert observe(program, told) == {"new": 0, "changed": 0, "known": 1}
    assert observe(program, told | {"source": "forum"}) == {"new": 1, "changed": 0, "known": 0}
    assert observe(program, told | {"text": "The kettle is mended", "rating": 5}) == {
        "new": 0,
        "changed": 1,
        "known": 0,
    }
    first, other = stored(sqlite_url)
    assert (first.text, first.rating, first.language) == ("The kettle is mended", 5, "en")
    assert "mia.keller" not in other.text
    assert "7946" not in other.text
    assert other.at == datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_a_text_without_an_id_is_known_again_by_its_words_and_time(program: httpx2.Client) -> None:
    told = {name: value for name, value in REVIEW.items() if name != "id"}
    assert observe(program, told)["new"] == 1
    assert observe(program, told)["known"] == 1
    assert observe(program, told | {"at": "2026-03-01T11:00:00Z"})["new"] == 1
    assert observe(program, {"text": "水壶漏水", "source": "评论"})["new"] == 1


def test_of_a_batch_all_texts_are_taken_in_or_none(program: httpx2.Client, sqlite_url: str) -> None:
    good = [REVIEW | {"id": f"r{number}"} for number in range(3)]
    refused = program.post("/observations", json={"observations": [*good, REVIEW | {"rating": 9}]})
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "The field observations.3.rating should be less than or equal to 5.",
    )
    assert stored(sqlite_url) == []
    assert observe(program, {"observations": good}) == {"new": 3, "changed": 0, "known": 0}
    assert len(stored(sqlite_url)) == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"text": " "}, "The field text must not be empty."),
        ({"text": 7}, "The field text should be a valid string."),
        ({"text": None}, "The field text should be a valid string."),
        ({"source": ""}, "The field source should have at least 1 characters."),
        ({"rating": "good"}, "The field rating should be a valid number, unable to parse string as a number."),
        ({"rating": 0}, "The field rating should be greater than or equal to 1."),
        ({"at": "yesterday"}, "The field at should be a valid datetime or date, input is too short."),
        ({"at": "2026-03-01T10:00:00"}, "The field at should have timezone info."),
        (
            {"at": (datetime.now(UTC) + timedelta(days=2)).isoformat()},
            "The field at must not lie in the future.",
        ),
        ({"text": "x" * 9000}, "The field text should have at most 8000 characters."),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    program: httpx2.Client, sqlite_url: str, change: dict[str, object], sentence: str
) -> None:
    told = program.post("/observations", json=REVIEW | change)
    assert (told.status_code, told.json()["detail"]) == (422, sentence)
    assert stored(sqlite_url) == []


@pytest.mark.parametrize(
    "body", [[], "text", 7, None, {"observations": []}, {"observations": "x"}, {"observations": [7]}]
)
def test_what_is_no_observation_at_all_is_refused(program: httpx2.Client, body: object) -> None:
    told = program.post("/observations", json=body)
    assert told.status_code == 422
    assert told.json()["detail"].startswith(("The body ", "The field observations"))


def test_visitors_and_strangers_may_not_observe(server: RunningServer) -> None:
    with httpx2.Client(base_url=f"{server.url}/api/v1", timeout=20) as client:
        assert client.post("/observations", json=REVIEW).status_code == 401
        token = client.post("/conversations", json={}).json()["token"]
        told = client.post("/observations", json=REVIEW, headers={"Authorization": f"Bearer {token}"})
        assert told.status_code == 403


def test_an_author_may_ask_for_a_text_to_be_erased(
    program: httpx2.Client, reviewer: httpx2.Client, sqlite_url: str
) -> None:
    observe(program, REVIEW)
    gone = reviewer.delete("/observations", params={"source": "reviews", "id": "r1"})
    assert gone.status_code == 204
    assert stored(sqlite_url) == []
    again = reviewer.delete("/observations", params={"source": "reviews", "id": "r1"})
    assert (again.status_code, again.json()["code"]) == (404, "observation_not_found")
    assert program.delete("/admin/observations", params={"source": "reviews", "id": "r1"}).status_code == 403


def test_the_watch_is_told_over_rest(reviewer: httpx2.Client, program: httpx2.Client, server: RunningServer) -> None:
    observe(program, {"observations": [REVIEW | {"at": datetime.now(UTC).isoformat(), "rating": 2}]})
    seen = reviewer.get("/watching", params={"days": 1}).raise_for_status().json()
    assert len(seen["slots"]) == 24
    assert seen["sources"] == [{"name": "reviews", "texts": 1, "rated": 1, "rating": 2.0}]
    assert reviewer.get("/watching/alarms").json() == {"alarms": []}
    assert reviewer.get("/watching/map").json() == {"answers": []}
    unknown = reviewer.post("/watching/alarms/01890a5d-ac96-774b-bcce-b302099a8057/acknowledge")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "topic_alarm_not_found")
    counted = httpx2.get(f"{server.url}/metrics", timeout=20).text
    assert 'weaver_topic_alarms{kind="volume"} 0.0' in counted
    assert reviewer.get("/watching", params={"days": 999}).status_code == 422
