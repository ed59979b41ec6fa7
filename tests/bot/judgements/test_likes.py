"""A like teaches at once, as far as it can be believed, and is taken back with its vote."""

from collections.abc import Iterator
from typing import Any

import anyio
import httpx2
import pytest

from bot.judgements.liking import MOST_OF_A_RATER
from knowledge_base import answers, positions
from knowledge_base.answers import AnswerDraft, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.positions import Position
from tests.bot.conftest import Serve
from tests.bot.running_server import RunningServer
from tests.bot.serving.test_active_model import QUESTIONS, teach
from weaver_core import trust
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import OnnxEncoder

# Known word for word but for its signs, so that it is answered surely and is yet another position.
ASKED = "how long does delivery take"


@pytest.fixture
def taught(serve: Serve, sqlite_url: str, encoder: OnnxEncoder) -> RunningServer:
    """A running service with a memory of two answers."""

    async def store() -> None:
        database = Database(sqlite_url)
        for name, questions in QUESTIONS.items():
            draft = AnswerDraft(f"About {name}.", name, external_id=name, language="en")
            await teach(database, encoder, draft, questions)
        await database.close()

    anyio.run(store)
    return serve()


@pytest.fixture
def http(taught: RunningServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"{taught.url}/api/v1", timeout=30) as client:
        yield client


class Visitor:
    """A visitor's conversation."""

    def __init__(self, http: httpx2.Client) -> None:
        self._http, self._said = http, 0
        opened = http.post("/conversations", json={}).json()
        self._path = f"/conversations/{opened['id']}/messages"
        self.headers = {"Authorization": f"Bearer {opened['token']}"}

    def ask(self, text: str = ASKED) -> dict[str, Any]:
        """The bot's message in reply."""
        self._said += 1
        body = {"client_id": f"c{self._said}", "text": text}
        reply: dict[str, Any] = self._http.post(self._path, json=body, headers=self.headers).json()["reply"]
        return reply

    def vote(self, message: dict[str, Any], rating: str, **headers: str) -> None:
        """Judge a message, as somebody else where other headers are given."""
        path = f"/messages/{message['id']}/feedback"
        self._http.post(path, json={"rating": rating}, headers=headers or self.headers).raise_for_status()


def liked(url: str) -> list[Position]:
    """What likes have written into the memory of the answer that is asked for."""

    async def read() -> list[Position]:
        database = Database(url)
        async with database.reading() as session:
            answer = await answers.by_public_id(session, "shipping-time")
            held = await positions.of_answer(session, answer.id)
        await database.close()
        return [position for position in held if position.kind is PositionKind.LIKE]

    return anyio.run(read)


def test_a_visitors_like_writes_the_question_as_far_as_it_is_believed(http: httpx2.Client, sqlite_url: str) -> None:
    visitor = Visitor(http)
    message = visitor.ask()
    assert (message["decision"], message["answer_id"]) == ("answer", "shipping-time")
    visitor.vote(message, "up")
    visitor.vote(message, "up")
    (position,) = liked(sqlite_url)
    assert position.text == ASKED
    assert position.trust == pytest.approx(trust.log_trust(message["confidence"], trust.PRIOR_NOISE), abs=1e-6)


def test_a_like_that_is_taken_back_leaves_nothing_and_given_again_it_is_there_again(
    http: httpx2.Client, sqlite_url: str
) -> None:
    visitor = Visitor(http)
    message = visitor.ask()
    for rating, written in (("up", 1), ("down", 0), ("up", 1)):
        visitor.vote(message, rating)
        assert len(liked(sqlite_url)) == written


def test_a_reviewers_like_counts_in_full(http: httpx2.Client, sqlite_url: str, keys: dict[str, str]) -> None:
    visitor = Visitor(http)
    visitor.vote(visitor.ask(), "up", Authorization=f"Bearer {keys['reviewer']}")
    assert [position.trust for position in liked(sqlite_url)] == [0.0]


def test_a_like_of_what_is_no_answer_or_no_answer_any_more_writes_nothing(http: httpx2.Client, sqlite_url: str) -> None:
    visitor = Visitor(http)
    unsure, message = visitor.ask("zebra crossing"), visitor.ask()
    assert unsure["decision"] != "answer"
    visitor.vote(unsure, "up")

    async def retire() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            answer = await answers.by_public_id(session, "shipping-time")
            await answers.set_status(session, answer.id, AnswerStatus.RETIRED)
        await database.close()

    anyio.run(retire)
    visitor.vote(message, "up")
    assert liked(sqlite_url) == []


def test_one_raters_likes_write_so_much_and_no_more(http: httpx2.Client, sqlite_url: str, keys: dict[str, str]) -> None:
    for number in range(MOST_OF_A_RATER + 2):
        # One program, and a conversation each: an answer is not given twice in a row.
        message = Visitor(http).ask(ASKED + "!" * number)
        Visitor(http).vote(message, "up", Authorization=f"Bearer {keys['program']}")
    assert len(liked(sqlite_url)) == MOST_OF_A_RATER
    other = Visitor(http)
    other.vote(other.ask(ASKED + "?!"), "up")
    assert len(liked(sqlite_url)) == MOST_OF_A_RATER + 1
