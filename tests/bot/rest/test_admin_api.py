"""The reviewer's routes: the queue, decisions and their undo, answers, versions."""

from collections.abc import Iterator

import anyio
import httpx2
import pytest

from knowledge_base import answers, models
from knowledge_base.answers import Answer, AnswerDraft, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.models import ModelDraft
from tests.bot.conftest import ANSWERS, Serve
from tests.bot.person import talk
from tests.bot.running_server import RunningServer
from tests.patience import PATIENCE_SECONDS

SHIPPING, RETURNS = (ANSWERS[name][1] for name in ("shipping-time", "returns"))


@pytest.fixture
def api(server: RunningServer, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    """A client with a reviewer's key."""
    headers = {"Authorization": f"Bearer {keys['reviewer']}"}
    with httpx2.Client(base_url=f"{server.url}/api/v1/admin", headers=headers, timeout=20) as client:
        yield client


@pytest.fixture
def waiting(api: httpx2.Client, server: RunningServer) -> str:
    """The id of a judgement that waits."""
    said = talk(server, "hello", "where is my boot?")
    said.vote_down(reason="wrong", comment="I did not ask that", correction={"text": "It is in the post."})
    item = api.get("/feedback").json()["items"][0]["id"]
    assert isinstance(item, str)
    return item


def test_the_queue_shows_the_conversation_the_answer_and_what_else_was_considered(
    api: httpx2.Client, waiting: str
) -> None:
    queue = api.get("/feedback").json()
    item = queue["items"][0]
    assert (queue["waiting"], item["id"], item["question"]) == (1, waiting, "where is my boot?")
    assert [(said["role"], said["judged"]) for said in item["conversation"]] == [
        ("customer", False),
        ("bot", False),
        ("customer", False),
        ("bot", True),
    ]
    assert (item["reason"], item["comment"], item["suggested_text"]) == (
        "wrong",
        "I did not ask that",
        "It is in the post.",
    )
    assert item["answer"]["answer_id"] == "shipping-time"
    candidates = item["candidates"]
    assert [(one["answer_id"], one["shown"]) for one in candidates] == [("shipping-time", True), ("returns", False)]
    assert [one["probability"] for one in candidates] == pytest.approx([0.8, 0.7])
    assert [one["score"] for one in candidates] == pytest.approx([0.9, 0.8])
    assert api.get(f"/feedback/{waiting}").json() == item


def test_a_chosen_answer_learns_the_question_and_undo_makes_it_forget(api: httpx2.Client, waiting: str) -> None:
    decided = api.post(f"/feedback/{waiting}/correct", json={"answer_id": "returns"})
    assert decided.status_code == 200
    assert decided.json()["feedback"]["resolution"] == "corrected"
    assert decided.json()["answer"]["answer_id"] == "returns"
    assert api.get("/feedback").json() == {"waiting": 0, "items": []}
    assert [item["id"] for item in api.get("/feedback?state=resolved").json()["items"]] == [waiting]
    [position] = api.get("/answers/returns").json()["positions"]
    assert (position["kind"], position["text"]) == ("correction", "where is my boot?")
    assert [turn["text"] for turn in position["dialogue"]][-1] == SHIPPING
    assert api.post(f"/feedback/{waiting}/undo").json()["feedback"]["state"] == "open"
    assert api.get("/answers/returns").json()["positions"] == []


def test_a_written_answer_is_stored_under_its_title(api: httpx2.Client, waiting: str) -> None:
    body = {"text": "Boots ship on Friday.", "title": "When boots ship"}
    answer = api.post(f"/feedback/{waiting}/correct", json=body).json()["answer"]
    assert (answer["title"], answer["status"], answer["origin"]) == ("When boots ship", "approved", "reviewer")
    assert api.get("/answers?q=friday boots").json()["answers"] == [answer]


def test_a_dismissed_judgement_is_closed_once(api: httpx2.Client, waiting: str) -> None:
    assert api.post(f"/feedback/{waiting}/dismiss").json()["feedback"]["resolution"] == "dismissed"
    again = api.post(f"/feedback/{waiting}/dismiss")
    assert (again.status_code, again.json()["code"]) == (409, "feedback_resolved")


def test_the_next_customer_who_asks_gets_the_written_answer(serve: Serve, keys: dict[str, str]) -> None:
    server = serve(wrong_per_hundred=100)
    asked = talk(server, "where is my boot?")
    assert asked.replies[0]["decision"] == "handoff"
    asked.vote_down()
    headers = {"Authorization": f"Bearer {keys['reviewer']}"}
    with httpx2.Client(base_url=f"{server.url}/api/v1/admin", headers=headers, timeout=20) as api:
        [item] = api.get("/feedback").json()["items"]
        api.post(f"/feedback/{item['id']}/correct", json={"text": "It is in the post."}).raise_for_status()
    again = talk(server, "where is my boot?").replies[0]
    assert (again["decision"], again["text"]) == ("answer", "It is in the post.")


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        ({}, 422, "either answer_id or text"),
        ({"answer_id": "returns", "text": "both"}, 422, "either answer_id or text"),
        ({"text": "  "}, 422, "no words"),
        ({"answer_id": "nothing-like-it"}, 404, "nothing-like-it"),
        ({"text": "x" * 20_001}, 422, "text"),
    ],
)
def test_a_correction_that_makes_no_sense_is_one_sentence_and_changes_nothing(
    api: httpx2.Client, waiting: str, body: dict[str, str], code: int, says: str
) -> None:
    refused = api.post(f"/feedback/{waiting}/correct", json=body)
    assert (refused.status_code, refused.headers["content-type"]) == (code, "application/problem+json")
    assert says in refused.json()["detail"]
    assert api.get("/feedback").json()["waiting"] == 1


def test_feedback_that_is_not_there_is_not_found(api: httpx2.Client) -> None:
    missing = "/feedback/01a209ad-0000-7000-8000-000000000000"
    codes = [api.get(missing), *(api.post(f"{missing}/{verb}") for verb in ("dismiss", "undo"))]
    assert [response.status_code for response in codes] == [404, 404, 404]


def test_an_answer_is_reworded_with_its_history_kept(api: httpx2.Client) -> None:
    changed = api.patch("/answers/returns", json={"text": "Thirty days. Keep the box.", "title": "Returns"}).json()
    assert (changed["title"], changed["text"]) == ("Returns", "Thirty days. Keep the box.")
    file = api.get("/answers/returns").json()
    assert [(one["number"], one["text"], one["author"]) for one in file["revisions"]] == [
        (2, "Thirty days. Keep the box.", "key:reviewer"),
        (1, RETURNS, "test"),
    ]
    assert [one["text"] for one in file["positions"]] == ["Thirty days.", "Keep the box."]


def test_an_answer_is_approved_and_retired_and_found_by_its_status(
    api: httpx2.Client, stored_answers: list[Answer], sqlite_url: str
) -> None:
    assert len(stored_answers) == 2

    async def mine() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            draft = AnswerDraft("Ask the shoemaker.", "Shoes", "shoes/mending", status=AnswerStatus.PENDING)
            await answers.create(session, draft, "import")
        await database.close()

    anyio.run(mine)
    assert [one["answer_id"] for one in api.get("/answers?status=pending").json()["answers"]] == ["shoes/mending"]
    assert api.patch("/answers/shoes/mending", json={"status": "approved"}).json()["status"] == "approved"
    assert api.patch("/answers/returns", json={"must_not_break": True}).json()["must_not_break"]
    assert api.patch("/answers/returns", json={"status": "retired"}).json()["must_not_break"]
    assert not api.patch("/answers/returns", json={"must_not_break": False}).json()["must_not_break"]
    assert api.patch("/answers/returns", json={"status": "retired"}).json()["status"] == "retired"
    listed = api.get("/answers").json()
    assert listed["counts"] == {"pending": 0, "approved": 2, "retired": 1}
    assert {one["answer_id"] for one in listed["answers"]} == {"shoes/mending", "returns", "shipping-time"}


def test_an_empty_text_leaves_the_answer_as_it_was(api: httpx2.Client) -> None:
    refused = api.patch("/answers/returns", json={"title": "New", "text": " \u0007 ", "status": "retired"})
    assert refused.status_code == 422
    file = api.get("/answers/returns").json()
    assert (file["title"], file["status"], len(file["revisions"])) == (ANSWERS["returns"][0], "approved", 1)


def test_versions_are_listed_with_their_figures(api: httpx2.Client, sqlite_url: str) -> None:
    assert api.get("/models").json() == {"models": []}

    async def promote() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            await models.promote_fit(session, ModelDraft("tiny@1", {"scale": 5.0}, {"accuracy": 0.91}, ""), "rhea")
        await database.close()

    anyio.run(promote)
    [version] = api.get("/models").json()["models"]
    assert (version["version"], version["state"], version["metrics"]) == ("v1", "active", {"accuracy": 0.91})


@pytest.mark.parametrize("role", ["program", "agent"])
def test_the_reviewers_routes_are_for_reviewers(server: RunningServer, keys: dict[str, str], role: str) -> None:
    for path in ("/feedback", "/answers", "/answers/returns", "/models"):
        asked = httpx2.get(
            f"{server.url}/api/v1/admin{path}",
            headers={"Authorization": f"Bearer {keys[role]}"},
            timeout=PATIENCE_SECONDS,
        )
        assert asked.status_code == 403
    assert httpx2.get(f"{server.url}/api/v1/admin/feedback", timeout=PATIENCE_SECONDS).status_code == 401
