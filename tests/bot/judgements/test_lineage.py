"""Why an answer came: the votes and corrections that moved it are named, and one of them is forgotten."""

import httpx2
import pytest

from knowledge_base.accounts import AccountRole
from tests.bot.judgements.test_likes import ASKED, Visitor, http, liked, taught
from tests.bot.person import add_account, signed_in
from tests.bot.running_server import RunningServer

__all__ = ["http", "taught"]
RIGHT = "returns"


def headers(keys: dict[str, str], role: str = "reviewer") -> dict[str, str]:
    """What a key of a role sends."""
    return {"Authorization": f"Bearer {keys[role]}"}


def test_a_vote_that_moved_an_answer_is_named_and_forgotten(
    http: httpx2.Client, keys: dict[str, str], sqlite_url: str
) -> None:
    visitor = Visitor(http)
    visitor.vote(visitor.ask(), "up")
    message = Visitor(http).ask()
    found = http.get(f"/admin/messages/{message['id']}/lineage", headers=headers(keys)).json()
    assert (found["message_id"], found["model_version"], found["gone"]) == (message["id"], None, 0)
    assert found["propensity"] == 1.0
    by_kind = {cause["kind"]: cause for cause in found["causes"]}
    assert by_kind["question"]["judgement"] is None
    assert (by_kind["like"]["text"], by_kind["like"]["judgement"]["rater_role"]) == (ASKED, "visitor")
    assert sum(cause["weight"] for cause in found["causes"]) == pytest.approx(1.0, abs=1e-4)
    judgement = by_kind["like"]["judgement"]["id"]
    assert http.delete(f"/admin/feedback/{judgement}", headers=headers(keys)).status_code == 204
    assert liked(sqlite_url) == []
    after = http.get(f"/admin/messages/{message['id']}/lineage", headers=headers(keys)).json()
    assert (after["gone"], {cause["kind"] for cause in after["causes"]}) == (1, {"question"})
    assert http.delete(f"/admin/feedback/{judgement}", headers=headers(keys)).status_code == 404


def test_a_correction_that_is_forgotten_leaves_the_answer_as_it_was(http: httpx2.Client, keys: dict[str, str]) -> None:
    visitor = Visitor(http)
    before = visitor.ask()
    body = {"rating": "down", "correction": {"answer_id": RIGHT}}
    http.post(f"/messages/{before['id']}/feedback", json=body, headers=headers(keys)).raise_for_status()
    corrected = visitor.ask()
    assert corrected["answer_id"] == RIGHT
    found = http.get(f"/admin/messages/{corrected['id']}/lineage", headers=headers(keys)).json()
    (cause,) = [cause for cause in found["causes"] if cause["kind"] == "correction"]
    assert cause["judgement"]["resolution"] == "corrected"
    assert cause["answered"] == 1
    again = Visitor(http).ask()
    found = http.get(f"/admin/messages/{again['id']}/lineage", headers=headers(keys)).json()
    assert [cause["answered"] for cause in found["causes"] if cause["kind"] == "correction"] == [2]
    assert [cause["answered"] for cause in found["causes"] if cause["judgement"] is None] == [0] * (
        len(found["causes"]) - 1
    )
    http.delete(f"/admin/feedback/{cause['judgement']['id']}", headers=headers(keys)).raise_for_status()
    assert Visitor(http).ask()["answer_id"] == before["answer_id"]


def test_only_a_reviewer_sees_why_and_of_messages_of_the_bot(http: httpx2.Client, keys: dict[str, str]) -> None:
    visitor = Visitor(http)
    message = visitor.ask()
    path = f"/admin/messages/{message['id']}/lineage"
    assert http.get(path, headers=visitor.headers).status_code == 403
    assert http.get(path, headers=headers(keys, "agent")).status_code == 403
    unknown = path.replace(message["id"][:8], "00000000")
    assert http.get(unknown, headers=headers(keys)).json()["code"] == "message_not_found"


def test_the_reviewers_page_says_why_and_forgets_with_one_click(
    http: httpx2.Client, taught: RunningServer, sqlite_url: str
) -> None:
    for rating in ("up", "down"):
        visitor = Visitor(http)
        visitor.vote(visitor.ask(), rating)
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    for language, title, button in (
        ("en", "Why this answer", "Forget this judgement"),
        ("zh", "为什么", "忘记这条评价"),
    ):
        with signed_in(taught, "rhea", language) as rhea:
            rhea.read("/admin")
            assert title in rhea.page
            assert button in rhea.page
            path, shown = (
                rhea.page.split('/forget">')[0].rsplit('action="', 1)[1],
                rhea.page.split('name="shown" value="')[1],
            )
            if language == "zh":
                rhea.send(f"{path}/forget", shown=shown.split('"')[0])
                assert title in rhea.page
                assert button not in rhea.page
    assert liked(sqlite_url) == []
