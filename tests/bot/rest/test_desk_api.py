"""The desk's routes: suggestions, the brief, notes, canned texts, presence, and answers that wait for the customer."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import anyio
import httpx2
import pytest

from bot.office_hours import DAYS
from knowledge_base import event_log
from knowledge_base.answers import AnswerDraft, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from knowledge_base.messages import BotDecision
from tests.bot.chat_client import open_chat
from tests.bot.conftest import ANSWERS, Serve
from tests.bot.person import Talk, talk
from tests.bot.rest.test_agent_api import Desk, ada, desk, waiting
from tests.bot.running_server import RunningServer
from tests.bot.script import PASSAGE, Script
from tests.bot.serving.test_active_model import teach
from tests.patience import PATIENCE_SECONDS
from weaver_core.encoders.encoder import OnnxEncoder

__all__ = ["ada", "desk", "waiting"]

NORWAY = "person do you ship boots to Norway?"


def _about(held: Talk, what: str) -> str:
    return f"/conversations/{held.id}/{what}"


def _teach(url: str, encoder: OnnxEncoder, *drafts: AnswerDraft) -> None:
    """Store answers that are found by what NORWAY asks, and read the memory again."""

    async def store() -> None:
        database = Database(url)
        for draft in drafts:
            await teach(database, encoder, draft, [NORWAY, draft.text])
        await database.close()

    anyio.run(store)


def test_the_last_question_has_suggestions_with_their_sources_whatever_came_after_it(
    ada: httpx2.Client, server: RunningServer
) -> None:
    held = talk(server, "how long does it take?", NORWAY, "thanks", "talk to a human please")
    found = ada.get(_about(held, "suggestions")).json()
    assert found["question"]["text"] == NORWAY
    assert [one["answer"]["answer_id"] for one in found["suggestions"]] == ["shipping-time", "returns"]
    first, second = found["suggestions"]
    assert (first["given"], second["given"]) == (True, False)
    assert (second["answer"]["origin"], second["probability"]) == ("faq", pytest.approx(0.7))
    [source] = second["sources"]
    assert (source["kind"], source["text"], source["weight"]) == ("question", PASSAGE, pytest.approx(0.7))


def test_agents_are_suggested_what_the_bot_may_not_send_with_its_dialogue(
    ada: httpx2.Client, server: RunningServer, sqlite_url: str, encoder: OnnxEncoder
) -> None:
    pending = AnswerDraft("We ship to Norway by boat.", "Norway", language="en", origin="dialogue")
    personal = AnswerDraft("Your boots are at ‹address›.", "Boots", language="en", origin="dialogue", personal=True)
    _teach(sqlite_url, encoder, replace(pending, status=AnswerStatus.PENDING), personal)
    held = talk(server, NORWAY)
    found = ada.get(_about(held, "suggestions")).json()["suggestions"]
    by_text = {one["answer"]["text"]: one for one in found}
    waits, theirs = by_text[pending.text], by_text[personal.text]
    assert (waits["answer"]["status"], waits["has_slot"]) == ("pending", False)
    assert (theirs["answer"]["personal"], theirs["has_slot"]) == (True, True)
    assert NORWAY in {source["text"] for source in waits["sources"]}
    for text in ("Your boots are at ‹address›.", "Fill in ‹name› here."):
        refused = ada.post(_about(held, "messages"), json={"text": text, "answer_id": theirs["answer"]["answer_id"]})
        assert (refused.status_code, refused.json()["code"]) == (422, "slot_unfilled")
    sent = ada.post(_about(held, "messages"), json={"text": "Your boots are at Kirkegata 1."})
    assert sent.status_code == 200


def test_who_has_asked_nothing_gets_no_suggestions(ada: httpx2.Client, server: RunningServer) -> None:
    assert ada.get(_about(talk(server), "suggestions")).json() == {"question": None, "suggestions": []}
    missing = f"/conversations/{new_id()}"
    found = [ada.get(f"{missing}/{what}").status_code for what in ("suggestions", "brief", "notes")]
    assert found == [404, 404, 404]


def test_a_suggestion_that_is_sent_unedited_counts_for_its_answer_and_an_edited_one_as_a_new_one(
    ada: httpx2.Client, server: RunningServer, keys: dict[str, str]
) -> None:
    name, text = "returns", ANSWERS["returns"][1]
    for words, with_name in ((text, True), (text, False), (f"{text} The label is in your account.", True)):
        body = {"text": words} | ({"answer_id": name} if with_name else {})
        ada.post(_about(talk(server, NORWAY), "messages"), json=body).raise_for_status()
    queue = httpx2.get(
        f"{server.url}/api/v1/admin/feedback",
        headers={"Authorization": f"Bearer {keys['reviewer']}"},
        timeout=PATIENCE_SECONDS,
    ).json()["items"]
    kept = [((one["suggested_answer"] or {}).get("answer_id"), one["suggested_text"]) for one in queue]
    assert kept == [(name, None), (name, None), (None, f"{text} The label is in your account.")]


def test_the_brief_says_why_what_was_tried_and_what_became_of_it(ada: httpx2.Client, server: RunningServer) -> None:
    held = talk(server, "how long does it take?")
    held.vote_down()
    held.say(NORWAY)
    found = ada.get(_about(held, "brief")).json()
    assert (found["why"], found["sentiment"], found["summary"]) == ("unsure", None, [])
    [tried] = found["tried"]
    assert (tried["message"]["answer_id"], tried["message"]["seq"], tried["rating"]) == ("shipping-time", 2, "down")
    wished = talk(server, "how long does it take?")
    wished.post(f"/conversations/{wished.id}/handoff")
    assert ada.get(_about(wished, "brief")).json()["why"] == "asked_for_person"
    assert ada.get(_about(talk(server, "how long does it take?"), "brief")).json()["why"] == ""


def test_the_brief_names_a_known_customers_other_conversations(
    ada: httpx2.Client, server: RunningServer, keys: dict[str, str]
) -> None:
    program = {"Authorization": f"Bearer {keys['program']}"}
    opened = [
        httpx2.post(
            f"{server.url}/api/v1/conversations", json={"identity": who}, headers=program, timeout=PATIENCE_SECONDS
        ).json()["id"]
        for who in ("17", "17", "18")
    ]
    found = ada.get(f"/conversations/{opened[0]}/brief").json()["earlier"]
    assert [(one["id"], one["customer"]) for one in found] == [(opened[1], "17")]
    assert ada.get(f"/conversations/{opened[2]}/brief").json()["earlier"] == []


def test_the_brief_says_how_the_customers_last_messages_sound(
    ada: httpx2.Client, server: RunningServer, sqlite_url: str
) -> None:
    held = talk(server)

    async def grow_angry() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            for number, sounds in enumerate((0.9, -0.3, -0.9, -0.9)):
                asked = await event_log.add_customer_message(session, UUID(held.id), f"c{number}", "Where is it?")
                decided = BotDecision("clarify", 0.1, why="clarify", sentiment=sounds)
                reply = (session, UUID(held.id), asked.message.seq, "Which of these is it about?", decided)
                await event_log.add_bot_message(*reply)
                await event_log.add_further_bot_message(*reply)
        await database.close()

    anyio.run(grow_angry)
    assert ada.get(_about(held, "brief")).json()["sentiment"] == pytest.approx(-0.7)


def test_a_long_conversation_is_summed_up_in_its_own_sentences(ada: httpx2.Client, server: RunningServer) -> None:
    said = [
        "person I ordered a kettle in May. It came without its lid. I called you twice about that.",
        "person the second kettle has a lid. It leaks at the handle though. My kitchen floor is wet.",
        "person I want my money back for both. I can bring them to your shop. When are you open on Saturday?",
    ]
    found = ada.get(_about(talk(server, *said), "brief")).json()["summary"]
    assert len(found) == 4
    assert [one["seq"] for one in found] == sorted(one["seq"] for one in found)
    assert all(one["role"] == "customer" and one["text"] in " ".join(said) for one in found)


def test_notes_are_for_colleagues_and_no_customer_or_program_sees_one(
    desk: Desk, ada: httpx2.Client, waiting: Talk, keys: dict[str, str]
) -> None:
    grace = desk("grace")
    noted = ada.post(_about(waiting, "notes"), json={"text": " Called back at noon.\u0007 "}).json()
    assert (noted["author"], noted["text"]) == ("ada", "Called back at noon.")
    assert grace.get(_about(waiting, "notes")).json() == {"notes": [noted]}
    place = f"{waiting.server.url}/api/v1"
    shown = httpx2.get(
        f"{place}/conversations/{waiting.id}/events",
        headers={"Authorization": f"Bearer {waiting.token}"},
        timeout=PATIENCE_SECONDS,
    )
    assert "noon" not in shown.text
    for secret in (waiting.token, keys["program"]):
        refused = httpx2.get(
            f"{place}/agent{_about(waiting, 'notes')}",
            headers={"Authorization": f"Bearer {secret}"},
            timeout=PATIENCE_SECONDS,
        )
        assert refused.status_code == 403
    own = _about(waiting, f"notes/{noted['id']}")
    assert [one.delete(own).status_code for one in (grace, ada, ada)] == [404, 204, 404]
    assert ada.post(_about(waiting, "notes"), json={"text": " "}).status_code == 422


def test_canned_texts_are_shared_changed_and_deleted_by_any_agent(desk: Desk, ada: httpx2.Client) -> None:
    grace, place = desk("grace"), "/canned-texts"
    made = ada.post(place, json={"shortcut": "/Refund", "text": "Your money is back in five days."})
    assert (made.status_code, made.json()["shortcut"], made.json()["language"]) == (201, "refund", "en")
    again = grace.post(place, json={"shortcut": "refund", "text": "Another one."})
    assert (again.status_code, again.json()["code"]) == (409, "canned_text_exists")
    other = grace.post(place, json={"shortcut": "退款", "language": "zh", "text": "款项五天内退回。"}).json()
    path = f"{place}/{made.json()['id']}"
    changed = grace.put(path, json={"shortcut": "refund", "text": "Your money is back in a week."}).json()
    assert (changed["text"], changed["author"]) == ("Your money is back in a week.", "grace")
    assert ada.get(place).json() == {"canned_texts": [changed, other]}
    assert [ada.delete(path).status_code for _ in range(2)] == [204, 404]
    assert ada.put(path, json={"shortcut": "refund", "text": "Gone."}).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"shortcut": "two words", "text": "Hello."}, "shortcut_invalid"),
        ({"shortcut": "/", "text": "Hello."}, "shortcut_invalid"),
        ({"shortcut": "x" * 33, "text": "Hello."}, "shortcut_invalid"),
        ({"shortcut": "hi", "text": " "}, "text_empty"),
        ({"shortcut": "hi", "text": "x" * 4001}, "text_too_long"),
        ({"shortcut": "hi", "text": "Hallo.", "language": "de"}, "invalid_request"),
    ],
)
def test_a_canned_text_that_cannot_be_used_is_refused_by_name(
    ada: httpx2.Client, body: dict[str, str], code: str
) -> None:
    refused = ada.post("/canned-texts", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert ada.get("/canned-texts").json() == {"canned_texts": []}


def test_colleagues_see_who_is_there_and_what_they_have_open(desk: Desk, ada: httpx2.Client, waiting: Talk) -> None:
    grace = desk("grace")
    ada.put("/presence").raise_for_status()
    assert grace.put("/presence", json={"conversation_id": waiting.id}).status_code == 200
    found = ada.get("/presence").json()
    assert [(one["agent"], one["conversation_id"]) for one in found["present"]] == [
        ("ada", None),
        ("grace", waiting.id),
    ]
    assert found["seconds"] > 20
    assert grace.put("/presence", json={"conversation_id": str(new_id())}).status_code == 404
    assert grace.delete("/presence").status_code == 204
    assert [one["agent"] for one in ada.get("/presence").json()["present"]] == ["ada"]


def test_the_list_says_who_waits_since_when_and_how_much_is_unanswered(ada: httpx2.Client, waiting: Talk) -> None:
    [line] = ada.get("/conversations").json()["waiting"]
    assert line["unanswered"] == 2
    assert line["since"] >= line["created_at"]
    ada.post(_about(waiting, "messages"), json={"text": "Ada here."}).raise_for_status()
    assert [one["unanswered"] for one in ada.get("/conversations").json()["mine"]] == [0]
    waiting.say("and my lamp?")
    assert [one["unanswered"] for one in ada.get("/conversations").json()["mine"]] == [1]


def test_who_is_handed_over_out_of_hours_is_told_when_unless_an_agent_is_there_all_the_same(
    serve: Serve, script: Script, keys: dict[str, str]
) -> None:
    another_day = DAYS[(datetime.now(UTC).weekday() + 3) % 7]
    server = serve(script, office_hours=f"{another_day} 09:00-10:00")
    assert "They are here again on" in talk(server, NORWAY).replies[0]["text"]
    httpx2.put(
        f"{server.url}/api/v1/agent/presence",
        headers={"Authorization": f"Bearer {keys['agent']}"},
        timeout=PATIENCE_SECONDS,
    ).raise_for_status()
    assert "They are here again on" not in talk(server, NORWAY).replies[0]["text"]


@pytest.mark.anyio
async def test_an_answer_after_the_customer_left_waits_for_them(ada: httpx2.Client, server: RunningServer) -> None:
    async with open_chat(server.chat_url) as widget:
        await widget.hello()
        await widget.send(type="message", client_id="c1", text=NORWAY)
        await widget.until(lambda frame: frame["type"] == "status")
        seen = widget
    said = ada.post(f"/conversations/{seen.conversation_id}/messages", json={"text": "Yes, by boat."})
    assert said.status_code == 200
    async with open_chat(server.chat_url) as again:
        await again.back(seen)
        found: dict[str, Any] = await again.until_said("agent")
    assert (found["text"], found["seq"]) == ("Yes, by boat.", said.json()["seq"])
