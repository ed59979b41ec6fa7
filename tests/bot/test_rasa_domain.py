"""What Rasa's custom actions offer an assistant that lists more in its domain: buttons, images, hand-offs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bot.action_server import ROOT, ActionServer, UserEvent, serve_actions, webhook_call
from tests.bot.weaver_stub import ANSWER as REPLY
from tests.bot.weaver_stub import KEY, Failure, WeaverStub, serve_stub

ANSWER, FEEDBACK, HANDOFF = "action_weaver_answer", "action_weaver_feedback", "action_weaver_handoff"
DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "rasa" / "domain.yml").read_text(encoding="utf-8"))
CLARIFY = {
    "id": "m-2",
    "text": "Which of these is it about?",
    "decision": "clarify",
    "suggestions": [{"answer_id": "a", "title": 'The "blue" lamp {new}'}, {"answer_id": "b", "title": "退货政策"}],
}
PICKED = '/weaver_pick{"weaver_title": "The \\"blue\\" lamp {new}"}'


@pytest.fixture(scope="module")
def stub_server() -> Iterator[WeaverStub]:
    with serve_stub() as stub:
        yield stub


@pytest.fixture(scope="module")
def actions(stub_server: WeaverStub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActionServer]:
    log = tmp_path_factory.mktemp("rasa") / "actions.log"
    with serve_actions(log, WEAVER_URL=stub_server.url, WEAVER_API_KEY=KEY, WEAVER_TIMEOUT_SECONDS="2") as server:
        yield server


@pytest.fixture
def stub(stub_server: WeaverStub) -> WeaverStub:
    stub_server.reset()
    return stub_server


def picked(title: str) -> UserEvent:
    """A click on a suggestion, as Rasa reads its payload."""
    return UserEvent(
        "/weaver_pick{…}", intent="weaver_pick", entities=[{"entity": "weaver_title", "value": title}], message_id="p"
    )


def test_a_suggestion_is_an_intent_with_its_title_which_weaver_is_told(actions: ActionServer, stub: WeaverStub) -> None:
    stub.replies = [CLARIFY]
    ran = actions.run(webhook_call(ANSWER, UserEvent("lamp"), domain=DOMAIN))
    assert [button["payload"] for button in ran.responses[0]["buttons"]] == [
        PICKED,
        '/weaver_pick{"weaver_title": "退货政策"}',
    ]
    stub.replies = [REPLY]
    actions.run(webhook_call(ANSWER, picked("退货政策"), domain=DOMAIN))
    assert [body["text"] for body in stub.posted("/messages")] == ["lamp", "退货政策"]
    assert stub.posted("/conversations")[-1]["locale"] == "zh"


def test_what_others_needed_too_is_offered_below_an_answer(actions: ActionServer, stub: WeaverStub) -> None:
    stub.replies = [REPLY | {"related": [{"answer_id": "b", "title": "退货政策"}]}]
    ran = actions.run(webhook_call(ANSWER, UserEvent("多久能到"), domain=DOMAIN))
    assert [button["title"] for button in ran.responses[0]["buttons"]] == ["退货政策", "👍 有帮助", "👎 没帮助"]


@pytest.mark.usefixtures("stub")
def test_an_answer_has_thumbs_that_say_which_message_they_are_about(actions: ActionServer) -> None:
    ran = actions.run(webhook_call(ANSWER, UserEvent("多久能收到包裹？"), domain=DOMAIN))
    assert ran.responses[0]["buttons"] == [
        {"title": "👍 有帮助", "payload": '/weaver_up{"weaver_message": "m-1"}'},
        {"title": "👎 没帮助", "payload": '/weaver_down{"weaver_message": "m-1"}'},
    ]


def test_a_click_judges_the_message_below_which_it_stands(actions: ActionServer, stub: WeaverStub) -> None:
    down = UserEvent(
        "/weaver_down{…}", intent="weaver_down", entities=[{"entity": "weaver_message", "value": "m-0/../x"}]
    )
    actions.run(webhook_call(FEEDBACK, down, {"weaver_message_id": "m-1"}, domain=DOMAIN))
    assert stub.posted("/messages/m-0%2F..%2Fx/feedback") == [{"rating": "down"}]


def test_thanks_for_a_click_are_in_the_language_that_was_typed_before(actions: ActionServer, stub: WeaverStub) -> None:
    call = webhook_call(FEEDBACK, UserEvent("/weaver_up", intent="weaver_up"), {"weaver_message_id": "m-1"})
    call["tracker"]["events"].insert(
        1, {"event": "user", "text": "多久能收到包裹？", "timestamp": 1.0, "parse_data": {}}
    )
    assert actions.run(call).texts == ["感谢您的反馈。"]
    assert stub.posted("/feedback") == [{"rating": "up"}]


def test_all_answers_of_a_turn_are_uttered_in_their_order(actions: ActionServer, stub: WeaverStub) -> None:
    second = REPLY | {"id": "m-2", "text": "You can return it within 30 days.", "answer_id": "returns"}
    stub.replies = [REPLY, second]
    ran = actions.run(webhook_call(ANSWER, UserEvent("How long does it take? Can I return it?"), domain=DOMAIN))
    assert ran.texts == ["Parcels take three days.", "You can return it within 30 days."]
    assert [response["buttons"][0]["payload"] for response in ran.responses] == [
        '/weaver_up{"weaver_message": "m-1"}',
        '/weaver_up{"weaver_message": "m-2"}',
    ]
    assert ran.slots["weaver_answer_id"] == "returns"


def test_images_of_an_answer_are_sent_as_images_after_its_text(actions: ActionServer, stub: WeaverStub) -> None:
    text = (
        "Turn the ring.\n\n![the ring](https://shop.example/ring.png)\n\nThen pull. ![](https://shop.example/pull.png)"
    )
    stub.replies = [REPLY | {"text": text}]
    ran = actions.run(webhook_call(ANSWER, UserEvent(), domain=DOMAIN))
    assert [response["text"] for response in ran.responses] == ["Turn the ring.\n\nThen pull.", None, None]
    assert [response["image"] for response in ran.responses] == [
        None,
        "https://shop.example/ring.png",
        "https://shop.example/pull.png",
    ]
    stub.replies = [REPLY | {"text": "![the ring](https://shop.example/ring.png)"}]
    assert actions.run(webhook_call(ANSWER, UserEvent(), domain=DOMAIN)).texts[0] == "the ring"


@pytest.mark.parametrize(
    ("own", "next_action"),
    [([], "utter_weaver_handed_over"), (["action_weaver_handed_over"], "action_weaver_handed_over")],
)
def test_a_hand_off_is_a_slot_and_a_step_of_the_assistants_own(
    actions: ActionServer, stub: WeaverStub, own: list[str], next_action: str
) -> None:
    stub.replies = [{"id": "m-3", "text": "I have asked a colleague to help.", "decision": "handoff"}]
    domain = DOMAIN | {"actions": [*DOMAIN["actions"], *own]}
    ran = actions.run(webhook_call(ANSWER, UserEvent(), {"weaver_conversation_id": None}, domain=domain))
    assert ran.slots["weaver_decision"] == "handoff"
    assert ran.slots["weaver_conversation_id"] == "conversation-of-sender-1"
    assert ran.texts == ["I have asked a colleague to help."]
    assert ran.followups == [next_action]
    assert actions.run(webhook_call(ANSWER, UserEvent())).followups == []


def test_the_assistant_may_ask_for_a_person_itself(actions: ActionServer, stub: WeaverStub) -> None:
    ran = actions.run(webhook_call(HANDOFF, UserEvent("转人工", intent="human"), domain=DOMAIN))
    assert ran.texts == ["已请同事协助，您可以继续留言。"]
    assert ran.slots["weaver_decision"] == "handoff"
    assert ran.followups == ["utter_weaver_handed_over"]
    assert len(stub.posted("/conversation-of-sender-1/handoff")) == 1


def test_a_person_who_cannot_be_asked_is_an_apology(actions: ActionServer, stub: WeaverStub) -> None:
    stub.failures.extend([Failure.BUSY] * 3)
    ran = actions.run(webhook_call(HANDOFF, UserEvent("a human please", intent="human"), domain=DOMAIN))
    assert ran.texts == ["Sorry, I cannot look that up at the moment. Please try again in a minute."]
    assert ran.slots["weaver_decision"] == "unavailable"


def test_who_writes_after_an_agent_closed_the_conversation_begins_another(
    actions: ActionServer, stub: WeaverStub
) -> None:
    stub.closed = {"sender-1", "sender-1#2"}
    assert actions.run(webhook_call(ANSWER, UserEvent(), domain=DOMAIN)).texts == ["Parcels take three days."]
    assert [body["external_id"] for body in stub.posted("/conversations")] == ["sender-1", "sender-1#2", "sender-1#3"]
    assert len(stub.posted("/conversation-of-sender-1-3/messages")) == 1


def test_an_assistant_with_actions_of_its_own_serves_them_beside_these(stub: WeaverStub, tmp_path: Path) -> None:
    (tmp_path / "shop_actions.py").write_text(
        "from rasa_sdk import Action\n"
        "import bot.rasa_actions.answer, bot.rasa_actions.feedback, bot.rasa_actions.handoff\n"
        "class HandedOver(Action):\n"
        "    def name(self):\n"
        "        return 'action_weaver_handed_over'\n"
        "    async def run(self, dispatcher, tracker, domain):\n"
        "        dispatcher.utter_message(text='ticket for ' + tracker.slots['weaver_conversation_id'])\n"
        "        return []\n"
    )
    paths = f"{ROOT}:{tmp_path}"
    settings = {"WEAVER_URL": stub.url, "WEAVER_API_KEY": KEY, "PYTHONPATH": paths}
    with serve_actions(tmp_path / "log", "shop_actions", **settings) as server:
        slots = {"weaver_conversation_id": "c-1"}
        assert server.run(webhook_call("action_weaver_handed_over", UserEvent(), slots)).texts == ["ticket for c-1"]
        assert server.run(webhook_call(ANSWER, UserEvent())).texts == ["Parcels take three days."]
