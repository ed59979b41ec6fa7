"""POST /ask: one question, one reply, nothing stored."""

from typing import Any

import httpx2
import pytest

from knowledge_base import dialogues
from knowledge_base.database import Database
from tests.bot.running_server import RunningServer
from tests.bot.script import PASSAGE, Script
from tests.patience import PATIENCE_SECONDS
from weaver_core.dialogue import Dialogue, Role, Turn


def ask(server: RunningServer, key: str, **body: object) -> httpx2.Response:
    return httpx2.post(
        f"{server.url}/api/v1/ask", json=body, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_SECONDS
    )


def test_an_answer_comes_with_what_it_was_chosen_from(server: RunningServer, keys: dict[str, str]) -> None:
    reply: dict[str, Any] = ask(server, keys["program"], text="How long?").json()
    first = {
        "answer_id": "shipping-time",
        "title": "How long does delivery take?",
        "text": "Parcels take three days.",
    }
    assert reply["answer"] == first
    assert reply["candidates"][0] == first | {"score": 0.9, "probability": 0.8}
    assert reply["sources"] == [{name: first[name] for name in ("answer_id", "title")}]
    assert (reply["decision"], reply["confidence"], reply["model_version"]) == ("answer", 0.8, "v7")
    assert reply["explanation"] is None


@pytest.mark.parametrize(("text", "decision", "sources"), [("which one", "clarify", 2), ("person", "handoff", 0)])
def test_without_an_answer_there_are_suggestions_or_nothing(
    server: RunningServer, keys: dict[str, str], text: str, decision: str, sources: int
) -> None:
    reply = ask(server, keys["program"], text=text).json()
    assert (reply["decision"], reply["answer"], len(reply["sources"])) == (decision, None, sources)
    assert len(reply["candidates"]) == 2


def test_the_history_reaches_the_model(server: RunningServer, keys: dict[str, str], script: Script) -> None:
    history = [{"role": "customer", "text": "I ordered a lamp"}, {"role": "agent", "text": "Which\x00 one?"}]
    ask(server, keys["program"], text="the  small one ", history=history, collection="lamps")
    (query,) = script.asked
    assert [(turn.role, turn.text) for turn in query.history] == [
        (Role.CUSTOMER, "I ordered a lamp"),
        (Role.AGENT, "Which one?"),
    ]
    assert (query.text, query.collection) == ("the  small one", "lamps")


@pytest.mark.parametrize(("role", "sees"), [("program", False), ("agent", True), ("reviewer", True), ("admin", True)])
def test_the_words_of_positions_are_for_agents_and_above(
    server: RunningServer, keys: dict[str, str], role: str, *, sees: bool
) -> None:
    response = ask(server, keys[role], text="How long?", explain=True)
    (position,) = response.json()["explanation"][0]["positions"]
    assert (position["kind"], position["weight"]) == ("question", 0.7)
    assert position["text"] == (PASSAGE if sees else None)
    assert (PASSAGE in response.text) is sees
    assert (response.json()["explanation"][0]["words"] is not None) is sees


@pytest.mark.anyio
async def test_an_explanation_says_in_which_dialogue_a_passage_was_said(database: Database) -> None:
    said = (Turn(Role.CUSTOMER, "How long?"), Turn(Role.AGENT, "Three days."))
    async with database.writing() as session:
        stored = await dialogues.add(session, Dialogue("call-7", said), "dialogues", "default", "hash")
        first = await dialogues.origin(session, stored.turn_ids[0])
        assert first == dialogues.Origin("call-7", "dialogues", 1)
        assert await dialogues.origin(session, None) is None
        assert await dialogues.origin(session, stored.id) is None


def test_an_empty_question_is_refused(server: RunningServer, keys: dict[str, str]) -> None:
    assert ask(server, keys["program"], text=" ").status_code == 422
