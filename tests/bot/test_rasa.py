"""Rasa's custom actions: a real action server, the webhook calls that Rasa makes, and a Weaver behind it."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.bot.action_server import ActionServer, UserEvent, serve_actions, webhook_call
from tests.bot.weaver_stub import KEY, Failure, WeaverStub, serve_stub
from tests.patience import PATIENCE_SECONDS

ANSWER, FEEDBACK, HANDOFF = "action_weaver_answer", "action_weaver_feedback", "action_weaver_handoff"
APOLOGY_EN = "Sorry, I cannot look that up at the moment. Please try again in a minute."
APOLOGY_ZH = "抱歉，我现在无法查询，请稍后再试。"


@pytest.fixture(scope="module")
def stub_server() -> Iterator[WeaverStub]:
    with serve_stub() as stub:
        yield stub


@pytest.fixture(scope="module")
def actions(stub_server: WeaverStub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActionServer]:
    log = tmp_path_factory.mktemp("rasa") / "actions.log"
    with serve_actions(log, WEAVER_URL=stub_server.url, WEAVER_API_KEY=KEY) as server:
        yield server


@pytest.fixture
def stub(stub_server: WeaverStub) -> WeaverStub:
    stub_server.reset()
    return stub_server


def test_the_sdk_lists_the_actions(actions: ActionServer) -> None:
    listed = httpx2.get(f"{actions.url}/actions", timeout=PATIENCE_SECONDS).json()
    assert {action["name"] for action in listed} == {ANSWER, FEEDBACK, HANDOFF}


def test_an_answer_is_uttered_and_its_facts_are_in_the_slots(actions: ActionServer, stub: WeaverStub) -> None:
    ran = actions.run(webhook_call(ANSWER, UserEvent("How long does shipping take?")))
    assert ran.texts == ["Parcels take three days."]
    assert ran.slots == {
        "weaver_message_id": "m-1",
        "weaver_answer_id": "shipping-time",
        "weaver_confidence": 0.93,
        "weaver_decision": "answer",
    }
    assert stub.posted("/conversations") == [{"external_id": "sender-1", "channel": "rasa", "locale": "en"}]
    assert stub.posted("/conversation-of-sender-1/messages")[0]["text"] == "How long does shipping take?"


def test_suggestions_become_buttons_that_send_their_title(actions: ActionServer, stub: WeaverStub) -> None:
    titles = ["Where is my parcel?", "Can I change the address?"]
    suggestions = [{"answer_id": str(number), "title": title} for number, title in enumerate(titles)]
    reply = {"id": "m-2", "text": "Which of these is it about?", "decision": "clarify", "suggestions": suggestions}
    stub.replies = [reply]
    ran = actions.run(webhook_call(ANSWER, UserEvent("parcel")))
    assert ran.responses[0]["buttons"] == [{"title": title, "payload": title} for title in titles]
    assert ran.slots["weaver_decision"] == "clarify"
    assert ran.slots["weaver_answer_id"] is None


def test_nothing_is_uttered_while_a_person_has_the_turn(actions: ActionServer, stub: WeaverStub) -> None:
    stub.replies = []
    ran = actions.run(webhook_call(ANSWER, UserEvent()))
    assert ran.texts == []
    assert ran.slots["weaver_decision"] == "agent"
    assert ran.slots["weaver_message_id"] is None


@pytest.mark.parametrize("failure", [Failure.BUSY, Failure.DROPPED])
@pytest.mark.parametrize("let_through", [0, 1])
def test_a_failed_request_is_sent_again_with_the_same_client_id(
    actions: ActionServer, stub: WeaverStub, failure: Failure, let_through: int
) -> None:
    stub.failures.extend([*[None] * let_through, failure, failure])
    assert actions.run(webhook_call(ANSWER, UserEvent())).texts == ["Parcels take three days."]
    assert len(stub.requests) == 4
    assert {body["client_id"] for body in stub.posted("/messages")} == set(stub.stored)


def test_the_same_webhook_call_twice_is_one_message(actions: ActionServer, stub: WeaverStub) -> None:
    call = webhook_call(ANSWER, UserEvent(message_id="twice"))
    assert actions.run(call) == actions.run(call)
    assert len(stub.stored) == 1


def test_the_same_words_in_two_events_or_of_two_senders_are_three_messages(
    actions: ActionServer, stub: WeaverStub
) -> None:
    actions.run(webhook_call(ANSWER, UserEvent(message_id="one")))
    actions.run(webhook_call(ANSWER, UserEvent(message_id="two")))
    actions.run(webhook_call(ANSWER, UserEvent(message_id="one"), sender_id="sender-2"))
    assert len(stub.stored) == 3


def test_an_event_without_a_message_id_is_known_by_its_time(actions: ActionServer, stub: WeaverStub) -> None:
    first = webhook_call(ANSWER, UserEvent(message_id=""))
    later = webhook_call(ANSWER, UserEvent(message_id=""))
    later["tracker"]["events"][-1]["timestamp"] += 60
    for call in (first, first, later):
        actions.run(call)
    assert len(stub.stored) == 2


@pytest.mark.parametrize(
    "failures", [[Failure.BUSY] * 3, [Failure.DROPPED] * 3, [Failure.SLOW], [Failure.GIBBERISH], [Failure.CRASH]]
)
@pytest.mark.slow
def test_a_customer_reads_an_apology_when_weaver_gives_no_reply(
    actions: ActionServer, stub: WeaverStub, failures: list[Failure]
) -> None:
    stub.failures.extend(failures)
    ran = actions.run(webhook_call(ANSWER, UserEvent(), {"weaver_answer_id": "of an earlier turn"}))
    stub.late.set()
    assert ran.texts == [APOLOGY_EN]
    assert ran.slots["weaver_decision"] == "unavailable"
    assert ran.slots["weaver_answer_id"] is None
    assert actions.run(webhook_call(ANSWER, UserEvent())).texts == ["Parcels take three days."]


@pytest.mark.parametrize(
    ("event", "slots", "apology"),
    [
        (UserEvent("多久能收到包裹？"), {}, APOLOGY_ZH),
        (UserEvent("parcel", metadata={"locale": "zh-CN"}), {}, APOLOGY_ZH),
        (UserEvent("parcel"), {"weaver_locale": "zh"}, APOLOGY_ZH),
        (UserEvent("多久能收到包裹？", metadata={"locale": "en"}), {"weaver_locale": "zh"}, APOLOGY_EN),
        (UserEvent("荷物はどこですか"), {}, APOLOGY_EN),
    ],
)
def test_the_apology_is_in_the_customers_language(
    actions: ActionServer, stub: WeaverStub, event: UserEvent, slots: dict[str, str], apology: str
) -> None:
    stub.failures.extend([Failure.GIBBERISH])
    assert actions.run(webhook_call(ANSWER, event, slots)).texts == [apology]


def test_a_turn_without_words_is_not_sent(actions: ActionServer, stub: WeaverStub) -> None:
    ran = actions.run(webhook_call(ANSWER, UserEvent(" ")))
    assert ran.texts == ["I could not find a question in that. Could you put it in words?"]
    assert stub.requests == []


@pytest.mark.parametrize(
    ("event", "slots", "rating"),
    [
        (UserEvent("/weaver_up", intent="weaver_up"), {}, "up"),
        (UserEvent("/weaver_down", intent="weaver_down"), {}, "down"),
        (UserEvent("yes", intent="affirm"), {}, "up"),
        (UserEvent("no", intent="deny"), {"weaver_rating": "up"}, "down"),
        (UserEvent("great", intent="thumbs_up"), {}, "up"),
        (UserEvent("bad", intent="rate", entities=[{"entity": "weaver_rating", "value": "down"}]), {}, "down"),
        (UserEvent("ok", intent="rate"), {"weaver_rating": "up"}, "up"),
        (UserEvent("ok", intent="rate"), {"weaver_rating": False}, "down"),
    ],
)
def test_feedback_reaches_weaver_from_intents_payloads_entities_and_slots(
    actions: ActionServer, stub: WeaverStub, event: UserEvent, slots: dict[str, object], rating: str
) -> None:
    ran = actions.run(webhook_call(FEEDBACK, event, {"weaver_message_id": "m-1"} | slots))
    assert ran.texts == ["Thank you for telling us."]
    assert stub.posted("/api/v1/messages/m-1/feedback") == [{"rating": rating}]


def test_feedback_carries_reason_and_comment_and_empties_their_slots(actions: ActionServer, stub: WeaverStub) -> None:
    slots = {"weaver_message_id": "m-1", "weaver_reason": "outdated", "weaver_comment": "It took a week."}
    ran = actions.run(webhook_call(FEEDBACK, UserEvent("不对", intent="deny"), slots))
    assert ran.texts == ["感谢您的反馈。"]
    assert stub.posted("/feedback") == [{"rating": "down", "reason": "outdated", "comment": "It took a week."}]
    assert ran.slots == {"weaver_reason": None, "weaver_comment": None}


def test_feedback_without_a_rating_asks_for_one(actions: ActionServer, stub: WeaverStub) -> None:
    ran = actions.run(webhook_call(FEEDBACK, UserEvent("hm", intent="rate"), {"weaver_message_id": "m-1"}))
    assert [button["payload"] for button in ran.responses[0]["buttons"]] == ["/weaver_up", "/weaver_down"]
    assert stub.requests == []


def test_feedback_without_an_answer_says_so(actions: ActionServer, stub: WeaverStub) -> None:
    assert actions.run(webhook_call(FEEDBACK, UserEvent(intent="affirm"))).texts == ["There is no answer to rate yet."]
    assert stub.requests == []


def test_feedback_that_cannot_be_stored_is_an_apology(actions: ActionServer, stub: WeaverStub) -> None:
    stub.failures.extend([Failure.BUSY] * 3)
    slots = {"weaver_message_id": "m-1", "weaver_rating": "up"}
    ran = actions.run(webhook_call(FEEDBACK, UserEvent(intent="rate"), slots))
    assert ran.texts == [APOLOGY_EN]
    assert ran.slots == {}


def test_all_calls_share_one_connection_and_the_server_stops_without_a_complaint(
    stub: WeaverStub, tmp_path: Path
) -> None:
    with serve_actions(tmp_path / "log", WEAVER_URL=stub.url, WEAVER_API_KEY=KEY) as server:
        for number in range(3):
            server.run(webhook_call(ANSWER, UserEvent(message_id=str(number))))
        assert len({request.connection for request in stub.requests}) == 1
        assert server.stop() == 0
    assert re.findall("ERROR|Exception|Warning: unclosed", server.log.read_text()) == []


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"WEAVER_API_KEY": "wv_wrong"}, "401 This API key is not known."),
        ({"WEAVER_API_KEY": KEY, "WEAVER_TIMEOUT_SECONDS": "soon"}, "WEAVER_TIMEOUT_SECONDS is not usable"),
        ({"WEAVER_API_KEY": KEY, "WEAVER_URL": "http://127.0.0.1:1"}, "No connection to Weaver"),
    ],
)
@pytest.mark.slow
def test_a_wrong_setting_is_named_in_the_log_and_the_customer_reads_an_apology(
    stub: WeaverStub, tmp_path: Path, settings: dict[str, str], reason: str
) -> None:
    with serve_actions(tmp_path / "log", **({"WEAVER_URL": stub.url} | settings)) as server:
        assert server.run(webhook_call(ANSWER, UserEvent())).texts == [APOLOGY_EN]
    assert reason in server.log.read_text()
    assert "wv_" not in server.log.read_text()
