"""Dialogues over REST: found by what was said, read with what came of them; an erased one is gone."""

from collections.abc import Iterator

import anyio
import httpx2
import pytest

from knowledge_base import answers, dialogues, forgetting, positions
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database
from knowledge_base.positions import PositionDraft
from tests.bot.person import talk
from tests.bot.running_server import RunningServer
from weaver_core.dialogue import Dialogue, PositionKind, Role, Turn


@pytest.fixture
def api(server: RunningServer, keys: dict[str, str]) -> Iterator[httpx2.Client]:
    """A reviewer."""
    headers = {"Authorization": f"Bearer {keys['reviewer']}"}
    with httpx2.Client(base_url=f"{server.url}/api/v1/admin", headers=headers, timeout=20) as client:
        yield client


@pytest.fixture
def imported(sqlite_url: str) -> tuple[str, str]:
    """An imported dialogue of Ada's, and the answer that learned from it."""

    async def store() -> tuple[str, str]:
        database = Database(sqlite_url)
        turns = (Turn(Role.CUSTOMER, "Is the 100% wool seal soft?"), Turn(Role.AGENT, "Very soft indeed."))
        async with database.writing() as session:
            stored = await dialogues.add(session, Dialogue("d1", turns, "ada"), "dialogues", "zoo", "hash")
            answer = await answers.create(session, AnswerDraft("Very soft indeed.", "Seals"), "import")
            asked = PositionDraft(PositionKind.QUESTION, turns[0].text, turn_id=stored.turn_ids[0])
            await positions.add(session, answer.id, [asked])
        await database.close()
        return str(stored.id), answer.answer_id

    return anyio.run(store)


def test_dialogues_are_found_by_what_was_said_and_by_what_they_are(
    api: httpx2.Client, server: RunningServer, imported: tuple[str, str]
) -> None:
    live = talk(server, "where is my boot?", "and my hat?")

    def found(query: str) -> list[str]:
        return [one["id"] for one in api.get(f"/dialogues?{query}").raise_for_status().json()["dialogues"]]

    assert found("") == [live.id, imported[0]]
    assert found("q=HAT+boot") == [live.id]
    assert found("q=100%25") == found("q=soft") == found("kind=imported") == found("collection=zoo") == [imported[0]]
    assert found("customer=ada") == [imported[0]]
    assert found("kind=live") == [live.id]
    assert found(f"before={live.id}") == [imported[0]]
    assert found("limit=1") == [live.id]
    assert found("until=2020-01-01") == []
    listed = api.get("/dialogues").json()["dialogues"][0]
    assert (listed["beginning"], listed["turns"], listed["mode"]) == ("where is my boot?", 4, "bot")


def test_a_dialogue_shows_what_was_sent_and_what_learned_from_it(
    api: httpx2.Client, server: RunningServer, imported: tuple[str, str]
) -> None:
    dialogue_id, answer_id = imported
    said = api.get(f"/dialogues/{dialogue_id}").raise_for_status().json()["said"]
    assert [(one["role"], one["taught"]) for one in said] == [("customer", [answer_id]), ("agent", [])]
    live = api.get(f"/dialogues/{talk(server, 'where is my boot?').id}").json()["said"]
    assert (live[1]["role"], live[1]["answer_id"], live[1]["decision"]) == ("bot", "shipping-time", "answer")


def test_an_erased_dialogue_is_told_as_gone_and_nobody_is_named(
    api: httpx2.Client, imported: tuple[str, str], sqlite_url: str
) -> None:
    async def forget() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            await forgetting.forget(session, "ada", "rhea")
        await database.close()

    anyio.run(forget)
    gone = api.get(f"/dialogues/{imported[0]}")
    assert (gone.status_code, gone.json()["code"]) == (404, "conversation_not_found")
    listed = api.get("/dialogues")
    assert listed.json()["dialogues"] == []
    assert [(one["by"], one["dialogues"]) for one in listed.json()["erased"]] == [("rhea", 1)]
    assert "ada" not in listed.text
