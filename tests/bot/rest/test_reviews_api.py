"""The review queue over REST: clusters, decisions with undo, what is noted beside them, filters, exports."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.bot.conftest import ANSWERS
from tests.bot.person import talk
from tests.bot.running_server import RunningServer
from tests.patience import PATIENCE_SECONDS, wait_until

QUESTIONS = ("my boots are too small what now", "My boots are too small, what now?", "四月份的发票什么时候开？")
FORMULA = '=HYPERLINK("http://evil.example","win a boot")'


@pytest.fixture
def api(server: RunningServer, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    """A client with a reviewer's key."""
    headers = {"Authorization": f"Bearer {keys['reviewer']}"}
    with httpx2.Client(base_url=f"{server.url}/api/v1/admin", headers=headers, timeout=20) as client:
        yield client


@pytest.fixture
def clusters(api: httpx2.Client, server: RunningServer) -> list[dict[str, Any]]:
    """Two clusters: a question that was asked twice, and another one."""
    for question in QUESTIONS:
        talk(server, question).vote_down(reason="wrong")
    wait_until(lambda: _queue(api)["total"] == 2, "two clusters wait")
    listed: list[dict[str, Any]] = _queue(api)["clusters"]
    return listed


def _queue(api: httpx2.Client, **filters: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/reviews", params=filters).raise_for_status().json()
    return found


def test_one_decision_closes_a_cluster_and_its_undo_opens_it_again(
    api: httpx2.Client, clusters: list[dict[str, Any]]
) -> None:
    first, other = clusters
    assert (first["failures"], first["customers"], other["customers"]) == (2, 2, 1)
    assert first["gain"] > other["gain"]
    item = {"id": first["items"][0]["id"], "version": first["version"]}
    body = {"items": [item], "kind": "correct", "answer_id": "returns"}
    decided = api.post("/reviews/decisions", json=body).raise_for_status().json()
    assert set(decided["judgements"]) == {one["id"] for one in first["items"]}
    assert decided["answer"]["answer_id"] == "returns"
    assert _queue(api)["total"] == 1
    assert [one["failures"] for one in _queue(api, state="saved")["clusters"]] == [2]
    trail = api.get(f"/reviews/{item['id']}").json()["trail"]
    assert [(entry["actor"], entry["action"]) for entry in trail] == [("key:reviewer", "correct")]
    undone = api.post(f"/reviews/decisions/{decided['id']}/undo").json()
    assert set(undone["judgements"]) == set(decided["judgements"])
    again = api.post(f"/reviews/decisions/{decided['id']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "decision_undone")


def test_who_saw_an_older_version_is_told_and_nothing_is_overwritten(
    api: httpx2.Client, clusters: list[dict[str, Any]]
) -> None:
    item = {"id": clusters[0]["items"][0]["id"], "version": clusters[0]["version"]}
    assert api.patch(f"/reviews/{item['id']}", json={"flagged": True, "note": "Ask the warehouse."}).status_code == 204
    late = api.post("/reviews/decisions", json={"items": [item], "kind": "reject"})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    held = api.get(f"/reviews/{item['id']}").json()
    assert (held["cluster"]["flagged"], held["notes"][0]["text"]) == (True, "Ask the warehouse.")
    assert [one["id"] for one in _queue(api, state="flagged")["clusters"]] == [clusters[0]["id"]]
    nobody = api.patch(f"/reviews/{item['id']}", json={"assignee": "nobody-like-it"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "account_not_found")


def test_a_judgement_is_taken_out_and_clusters_are_put_together(
    api: httpx2.Client, clusters: list[dict[str, Any]]
) -> None:
    one, two = (item["id"] for item in clusters[0]["items"])
    api.post(f"/reviews/{two}/split").raise_for_status()
    assert _queue(api)["total"] == 3
    api.post("/reviews/merge", json={"ids": [one, two, clusters[1]["items"][0]["id"]]}).raise_for_status()
    assert [cluster["failures"] for cluster in _queue(api)["clusters"]] == [3]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"reason": "wrong"}, 2),
        ({"reason": "unclear"}, 0),
        ({"vote": "up"}, 0),
        ({"vote": "any"}, 2),
        ({"sure_from": "0.9"}, 0),
        ({"sure_to": "0.9"}, 2),
        ({"unanswered": "yes"}, 0),
        ({"unanswered": "no"}, 2),
        ({"language": "zh"}, 0),
        ({"language": "en"}, 2),
        ({"collection": "default", "channel": ""}, 2),
        ({"collection": "other"}, 0),
        ({"model": "3"}, 0),
        ({"since": "2020-01-01", "until": "2020-01-02"}, 0),
        ({"since": "2020-01-01"}, 2),
        ({"assignee": "ruth"}, 0),
    ],
)
def test_filters_leave_what_they_say(
    api: httpx2.Client, clusters: list[dict[str, Any]], filters: dict[str, str], found: int
) -> None:
    assert len(clusters) == 2
    assert _queue(api, **filters)["total"] == found


def test_a_filter_that_cannot_be_read_is_named(api: httpx2.Client) -> None:
    refused = api.get("/reviews", params={"since": "yesterday"})
    assert (refused.status_code, "since" in refused.json()["detail"]) == (422, True)


def test_exports_hold_no_formula_and_every_judgement(api: httpx2.Client, server: RunningServer) -> None:
    for text in (FORMULA, "  +1+1 boots", "@sum of boots", "plain boots"):
        talk(server, text).vote_down(comment=FORMULA)
    table = api.get("/reviews/export.csv")
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [row["question"] for row in rows] == [f"'{FORMULA}", "'+1+1 boots", "'@sum of boots", "plain boots"]
    assert {row["comment"] for row in rows} == {f"'{FORMULA}"}
    assert {row["answer"] for row in rows} == {ANSWERS["shipping-time"][1]}
    lines = [json.loads(line) for line in api.get("/reviews/export.jsonl").text.splitlines()]
    assert lines[0]["question"] == FORMULA
    assert [line["id"] for line in lines] == [row["id"] for row in rows]


def test_views_are_kept_for_who_saved_them(server: RunningServer, api: httpx2.Client, keys: dict[str, str]) -> None:
    assert api.put("/reviews/views/Angry", json={"query": "reason=wrong"}).status_code == 204
    assert api.put("/reviews/views/Angry", json={"query": "reason=unclear"}).status_code == 204
    assert api.get("/reviews/views").json() == {"Angry": "reason=unclear"}
    admin = {"Authorization": f"Bearer {keys['admin']}"}
    assert httpx2.get(f"{server.url}/api/v1/admin/reviews/views", headers=admin, timeout=PATIENCE_SECONDS).json() == {}
    assert api.delete("/reviews/views/Angry").status_code == 204
    assert api.delete("/reviews/views/Angry").json()["code"] == "view_not_found"


def test_the_reading_says_which_words_are_attended_to(api: httpx2.Client, clusters: list[dict[str, Any]]) -> None:
    now = api.get(f"/reviews/{clusters[0]['items'][0]['id']}/reading").json()
    assert (now["question"], now["decision"], now["confidence"]) == (QUESTIONS[0], "answer", 0.8)
    assert [one["answer_id"] for one in now["candidates"]] == list(ANSWERS)


def test_an_agent_has_no_say_in_the_queue(server: RunningServer, keys: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {keys['agent']}"}
    for path in ("reviews", "reviews/export.csv", "reviews/views"):
        assert (
            httpx2.get(f"{server.url}/api/v1/admin/{path}", headers=headers, timeout=PATIENCE_SECONDS).status_code
            == 403
        )
