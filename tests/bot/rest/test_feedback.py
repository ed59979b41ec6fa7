"""Judgements over REST: whose counts how, and a correction that is served from the next turn on."""

from collections.abc import Iterator
from typing import Any

import anyio
import httpx2
import pytest

from knowledge_base import feedback
from knowledge_base.database import Database
from knowledge_base.feedback import Feedback
from tests.bot.conftest import Serve
from tests.bot.running_server import RunningServer

QUESTION = "Do you gift wrap teapots?"


@pytest.fixture
def http(server: RunningServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"{server.url}/api/v1", timeout=30) as client:
        yield client


def talk(http: httpx2.Client, text: str = QUESTION) -> tuple[dict[str, Any], dict[str, str]]:
    """A visitor's new conversation with one question. Returns the bot's message, and the visitor's header."""
    opened = http.post("/conversations", json={}).json()
    headers = {"Authorization": f"Bearer {opened['token']}"}
    path = f"/conversations/{opened['id']}/messages"
    reply: dict[str, Any] = http.post(path, json={"client_id": "c1", "text": text}, headers=headers).json()["reply"]
    return reply, headers


def stored(url: str) -> list[Feedback]:
    """All judgements."""

    async def read() -> list[Feedback]:
        database = Database(url)
        async with database.reading() as session:
            found = [
                judgement
                for state in (feedback.OPEN, feedback.RESOLVED)
                for judgement in await feedback.queue(session, state=state, ratings=["up", "down"])
            ]
        await database.close()
        return found

    return anyio.run(read)


def judge(http: httpx2.Client, message: dict[str, Any], headers: dict[str, str], **body: object) -> httpx2.Response:
    return http.post(f"/messages/{message['id']}/feedback", json=body, headers=headers)


def test_a_visitors_correction_waits_for_a_reviewer(http: httpx2.Client, sqlite_url: str) -> None:
    message, visitor = talk(http)
    correction = {"text": "Yes, for two euros."}
    given = judge(http, message, visitor, rating="up", comment="nice\x00", correction=correction)
    assert given.json() == {"message_id": message["id"]}
    (held,) = stored(sqlite_url)
    assert (held.rating, held.suggested_text, held.state) == ("down", "Yes, for two euros.", "open")
    assert (held.rater_role, held.comment) == ("visitor", "nice")


def test_a_programs_correction_may_name_an_answer(http: httpx2.Client, sqlite_url: str, keys: dict[str, str]) -> None:
    message, _ = talk(http)
    headers = {"Authorization": f"Bearer {keys['program']}"}
    assert judge(http, message, headers, rating="down", correction={"answer_id": "returns"}).status_code == 200
    (held,) = stored(sqlite_url)
    assert (held.suggested_answer_id is not None, held.rater, held.rater_role) == (True, "key:program", "program")
    unknown = judge(http, message, headers, rating="down", correction={"answer_id": "nothing"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "answer_not_found")


@pytest.mark.parametrize("correction", [{"answer_id": "shipping-time"}, {"text": " Parcels take\nthree days. "}])
def test_a_correction_that_is_the_answer_shown_counts_as_up(
    http: httpx2.Client, sqlite_url: str, correction: dict[str, str]
) -> None:
    message, visitor = talk(http)
    judge(http, message, visitor, rating="down", correction=correction)
    (held,) = stored(sqlite_url)
    assert (held.rating, held.suggested_text, held.suggested_answer_id) == ("up", None, None)


@pytest.mark.parametrize("correction", [{}, {"text": "x", "answer_id": "returns"}, {"text": " "}])
def test_a_correction_is_an_answer_or_a_text_with_words(http: httpx2.Client, correction: dict[str, str]) -> None:
    message, visitor = talk(http)
    refused = judge(http, message, visitor, rating="down", correction=correction)
    assert (refused.status_code, refused.json()["code"]) == (422, "correction_refused")


def test_a_visitor_judges_their_own_conversation_only(http: httpx2.Client) -> None:
    message, _ = talk(http)
    _, other = talk(http)
    assert judge(http, message, other, rating="down").status_code == 404


def test_an_unknown_rating_is_refused(http: httpx2.Client) -> None:
    message, visitor = talk(http)
    refused = judge(http, message, visitor, rating="meh")
    assert refused.json()["detail"] == "The field rating should be 'up' or 'down'."


@pytest.mark.parametrize("role", ["agent", "reviewer"])
def test_an_agents_correction_is_served_from_the_next_turn_on(
    serve: Serve, sqlite_url: str, keys: dict[str, str], role: str
) -> None:
    server = serve(None, wrong_per_hundred=100)
    with httpx2.Client(base_url=f"{server.url}/api/v1", timeout=30) as http:
        message, _ = talk(http)
        headers = {"Authorization": f"Bearer {keys[role]}"}
        correction = {"text": "Yes, we gift wrap teapots for two euros."}
        given = judge(http, message, headers, rating="down", reason="wrong", correction=correction)
        assert given.status_code == 200, given.text
        after, _ = talk(http)
    assert after["text"] == "Yes, we gift wrap teapots for two euros."
    (held,) = stored(sqlite_url)
    assert (held.rating, held.reason, held.resolution) == ("down", "wrong", "corrected")
