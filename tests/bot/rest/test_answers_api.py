"""Answers over REST: searched, written, changed by one of two who saw the same, dated, approved all at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.bot.conftest import ANSWERS, Serve
from tests.bot.running_server import RunningServer

TOMORROW, YESTERDAY = (datetime.now(UTC) + timedelta(days=days) for days in (1, -1))


def caller(server: RunningServer, key: str) -> httpx2.Client:
    """A client with a key."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx2.Client(base_url=f"{server.url}/api/v1/admin", headers=headers, timeout=20)


@pytest.fixture
def api(server: RunningServer, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    """A reviewer."""
    with caller(server, keys["reviewer"]) as client:
        yield client


def read(api: httpx2.Client, answer_id: str) -> dict[str, Any]:
    """An answer's file."""
    found: dict[str, Any] = api.get(f"/answers/{answer_id}").raise_for_status().json()
    return found


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(
    api: httpx2.Client, server: RunningServer, keys: dict[str, str]
) -> None:
    seen = read(api, "returns")["updated_at"]
    with caller(server, keys["admin"]) as other:
        other.patch("/answers/returns", json={"text": "Return it within 60 days.", "seen": seen}).raise_for_status()
    late = api.patch("/answers/returns", json={"text": "Return it within 14 days.", "seen": seen})
    assert (late.status_code, late.json()["code"]) == (409, "answer_changed")
    assert "key:admin has changed the answer returns meanwhile" in late.json()["detail"]
    assert read(api, "returns")["text"] == "Return it within 60 days."
    # Who has looked at it again may.
    again = {"text": "Return it within 14 days.", "seen": read(api, "returns")["updated_at"]}
    assert api.patch("/answers/returns", json=again).is_success


def test_an_edit_of_an_answer_that_was_retired_meanwhile_is_refused(api: httpx2.Client) -> None:
    seen = read(api, "returns")["updated_at"]
    api.patch("/answers/returns", json={"status": "retired"}).raise_for_status()
    late = api.patch("/answers/returns", json={"text": "Return it within 14 days.", "seen": seen})
    assert (late.status_code, late.json()["code"]) == (409, "answer_retired")
    assert read(api, "returns")["text"] == ANSWERS["returns"][1]


def test_every_wording_is_kept_with_what_it_changed_and_who_did_what(api: httpx2.Client) -> None:
    api.patch("/answers/returns", json={"text": "You can return it within 14 days, for free."}).raise_for_status()
    file = read(api, "returns")
    assert [(one["number"], one["author"]) for one in file["revisions"]] == [(2, "key:reviewer"), (1, "test")]
    assert [(piece["kind"], piece["text"]) for piece in file["revisions"][0]["changed"]] == [
        ("same", "You can return it within "),
        ("gone", "30 "),
        ("new", "14 "),
        ("same", "days"),
        ("new", ", for free"),
        ("same", "."),
    ]
    assert {piece["kind"] for piece in file["revisions"][1]["changed"]} == {"same"}
    assert [(entry["actor"], entry["action"]) for entry in file["trail"]] == [("key:reviewer", "revise")]


def test_an_answer_outside_of_its_validity_is_not_sent_and_a_date_may_be_taken_away(
    serve: Serve, keys: dict[str, str]
) -> None:
    server = serve()
    with caller(server, keys["reviewer"]) as api:
        new = {"text": "We are closed on Boxing Day.", "questions": ["boxing day opening hours"]}
        answer_id = api.post("/answers", json=new).raise_for_status().json()["answer_id"]
        ask = {"text": "boxing day opening hours"}

        def told() -> list[str]:
            asked = api.post(f"{server.url}/api/v1/ask", json=ask).raise_for_status().json()
            return [one["answer_id"] for one in asked["candidates"]]

        assert told() == [answer_id]
        changed = api.patch(f"/answers/{answer_id}", json={"valid_from": TOMORROW.isoformat()}).raise_for_status()
        assert datetime.fromisoformat(changed.json()["valid_from"]) == TOMORROW
        assert told() == []
        assert [one["answer_id"] for one in api.get("/answers?span=coming").json()["answers"]] == [answer_id]
        wrong = api.patch(f"/answers/{answer_id}", json={"valid_until": YESTERDAY.isoformat()})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "validity_invalid")
        api.patch(f"/answers/{answer_id}", json={"valid_from": None}).raise_for_status()
        assert told() == [answer_id]
        assert [one["action"] for one in read(api, answer_id)["trail"]] == ["validity", "validity", "write"]


def test_a_written_answer_is_stored_once_and_never_empty_nor_with_a_slot(api: httpx2.Client) -> None:
    new = {"text": "The seal costs £4.", "questions": ["seal price?", "  ", "seal price?"]}
    made = api.post("/answers", json=new)
    assert (made.status_code, made.json()["title"], made.json()["status"]) == (201, "seal price?", "approved")
    kinds = [one["kind"] for one in read(api, made.json()["answer_id"])["positions"]]
    assert kinds == ["question", "sentence"]
    refused = [api.post("/answers", json={**new, **bad}) for bad in ({}, {"text": "…"}, {"text": "Dear ‹name›, hi."})]
    assert [one.json()["code"] for one in refused] == ["answer_exists", "text_empty", "correction_refused"]


def test_statuses_change_all_at_once_or_not_at_all(api: httpx2.Client) -> None:
    seen = {name: read(api, name)["updated_at"] for name in ANSWERS}
    api.patch("/answers/returns", json={"title": "Returns!"}).raise_for_status()
    items = [{"answer_id": name, "seen": moment} for name, moment in seen.items()]
    refused = api.post("/answers/statuses", json={"answers": items, "status": "retired"})
    assert refused.json()["code"] == "answer_changed"
    assert {read(api, name)["status"] for name in ANSWERS} == {"approved"}
    items = [{"answer_id": name} for name in ANSWERS]
    changed = api.post("/answers/statuses", json={"answers": items, "status": "retired"}).raise_for_status().json()
    assert [one["status"] for one in changed["answers"]] == ["retired", "retired"]


def test_answers_are_found_by_words_and_filters_page_by_page(api: httpx2.Client) -> None:
    api.post("/answers", json={"text": "海豹每只4英镑。", "collection": "zoo"}).raise_for_status()
    found = api.get("/answers?limit=2&offset=2").json()
    assert (found["total"], len(found["answers"]), found["counts"]) == (
        3,
        1,
        {"pending": 0, "approved": 3, "retired": 0},
    )
    assert [one["text"] for one in api.get("/answers?collection=zoo").json()["answers"]] == ["海豹每只4英镑。"]
    assert api.get("/answers?origin=reviewer&language=zh").json()["total"] == 1
    assert api.get("/answers?q=30+days").json()["total"] == 1
    assert api.get("/answers?personal=true").json()["total"] == 0


@pytest.mark.parametrize("role", ["program", "agent"])
def test_answers_and_imports_are_the_reviewers(server: RunningServer, keys: dict[str, str], role: str) -> None:
    with caller(server, keys[role]) as api:
        for path in ("/answers", "/imports", "/dialogues", "/answer-pairs"):
            assert api.get(path).status_code == 403, path
        assert api.post("/imports", files={"file": ("faq.csv", b"question,answer\na,b\n")}).status_code == 403
