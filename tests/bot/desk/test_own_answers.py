"""What an agent answers after a hand-off waits for the reviewer, masked and tied to the question; nothing is taught."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from knowledge_base.accounts import AccountRole
from tests.bot.conftest import ANSWERS
from tests.bot.person import Talk, add_account, signed_in, talk
from tests.bot.running_server import RunningServer

QUESTION = "person please, do you ship my boots to Norway?"
OWN = "We ship to all of Europe. It takes five days and costs eight euros."


@pytest.fixture
def http(server: RunningServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"{server.url}/api/v1", timeout=30) as client:
        yield client


class House:
    """An agent and a reviewer, over REST."""

    def __init__(self, http: httpx2.Client, keys: dict[str, str]) -> None:
        self._http = http
        self._keys = keys

    def _as(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._keys[role]}"}

    def say(self, held: Talk, text: str) -> None:
        """The agent writes."""
        path = f"/agent/conversations/{held.id}/messages"
        self._http.post(path, json={"text": text}, headers=self._as("agent")).raise_for_status()

    def give_back(self, held: Talk) -> None:
        """The bot has the turn again."""
        self._http.post(f"/agent/conversations/{held.id}/return", headers=self._as("agent")).raise_for_status()

    def waiting(self) -> list[dict[str, Any]]:
        """What waits for the reviewer."""
        items: list[dict[str, Any]] = self._http.get("/admin/feedback", headers=self._as("reviewer")).json()["items"]
        return items

    def teach(self, item: dict[str, Any], text: str) -> httpx2.Response:
        """The reviewer decides with a text."""
        path = f"/admin/feedback/{item['id']}/correct"
        return self._http.post(path, json={"text": text}, headers=self._as("reviewer"))


@pytest.fixture
def house(http: httpx2.Client, keys: dict[str, str]) -> House:
    return House(http, keys)


def test_the_first_message_that_answers_waits_as_what_the_bot_should_have_said(
    house: House, server: RunningServer
) -> None:
    held = talk(server, "hello", QUESTION)
    held.say("are you there?")
    house.say(held, "Hello! One moment please.")
    assert house.waiting() == []
    house.say(held, OWN)
    house.say(held, "You can also pick your parcel up yourself in our shop in Berlin.")
    [item] = house.waiting()
    assert (item["suggested_text"], item["rater"], item["rater_role"]) == (OWN, "handoff:key:agent", "handoff")
    assert (item["question"], item["message_id"]) == (QUESTION, held.replies[1]["id"])


@pytest.mark.parametrize(
    ("language", "told"), [("en", "answered by key:agent after"), ("zh", "key:agent 在转人工后回答")]
)
def test_the_reviewers_page_shows_it_with_who_wrote_it(
    house: House, server: RunningServer, sqlite_url: str, language: str, told: str
) -> None:
    house.say(talk(server, QUESTION), OWN)
    add_account(sqlite_url, "rhea", AccountRole.REVIEWER)
    with signed_in(server, "rhea", language) as rhea:
        rhea.read("/admin")
        assert told in rhea.page
        assert rhea.page.count(OWN) >= 2


def test_what_it_says_of_the_customer_is_masked_and_cannot_be_taught_as_it_is(
    house: House, server: RunningServer
) -> None:
    held = talk(server, "My name is Ingrid Solberg.", QUESTION)
    house.say(held, "We ship to all of Europe, Ingrid. Please call me at +49 170 5551234 for the postage to Norway.")
    [item] = house.waiting()
    text = item["suggested_text"]
    assert "Ingrid" not in text
    assert "5551234" not in text
    refused = house.teach(item, text)
    assert (refused.status_code, "slot" in refused.json()["detail"]) == (422, True)
    assert house.teach(item, OWN).json()["answer"]["text"] == OWN
    assert house.waiting() == []


def test_a_stored_answers_very_words_are_that_answer_and_the_bots_own_are_none(
    house: House, server: RunningServer, http: httpx2.Client, keys: dict[str, str]
) -> None:
    held = talk(server, "how long does it take?")
    held.post(f"/conversations/{held.id}/handoff")
    house.say(held, ANSWERS["shipping-time"][1])
    assert house.waiting() == []
    http.post(
        f"/messages/{held.replies[0]['id']}/feedback",
        json={"rating": "down", "correction": {"text": OWN}},
        headers={"Authorization": f"Bearer {keys['reviewer']}"},
    ).raise_for_status()
    other = talk(server, QUESTION)
    house.say(other, OWN)
    [item] = house.waiting()
    assert (item["suggested_answer"]["text"], item["suggested_text"]) == (OWN, None)


def test_each_hand_off_of_a_conversation_has_its_own_answer(house: House, server: RunningServer) -> None:
    held = talk(server, QUESTION)
    house.say(held, OWN)
    house.give_back(held)
    held.say("person please, and how do I send them back from there?")
    house.say(held, "Print the label in your account and hand the parcel in at any post office.")
    assert [item["question"] for item in house.waiting()] == [
        QUESTION,
        "person please, and how do I send them back from there?",
    ]


def test_a_customers_vote_leaves_the_agents_answer_where_it_is(house: House, server: RunningServer) -> None:
    held = talk(server, QUESTION)
    house.say(held, OWN)
    held.vote_down()
    assert [item["rater_role"] for item in house.waiting()] == ["handoff", "visitor"]
