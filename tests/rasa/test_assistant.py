"""The example assistant, from a customer's words in Rasa's REST channel to Weaver's database and back."""

import re
import subprocess
from typing import Any
from uuid import UUID

import anyio
import pytest

from knowledge_base import feedback
from knowledge_base.database import Database
from tests.bot.action_server import ROOT
from tests.rasa.assistant import Customer
from tests.rasa.conftest import Trained
from tests.rasa.weaver import Weaver


def texts(said: list[dict[str, Any]]) -> list[str]:
    """What a customer reads."""
    return [message["text"] for message in said if "text" in message]


def payload(said: list[dict[str, Any]], button: str) -> str:
    """What the button with this in its title sends."""
    buttons = [one for message in said for one in message.get("buttons", [])]
    (found,) = [one["payload"] for one in buttons if button in one["title"]]
    return str(found)


def votes(weaver: Weaver) -> list[tuple[UUID, str, str | None]]:
    """The judgements in Weaver's database."""

    async def read() -> list[tuple[UUID, str, str | None]]:
        database = Database(f"sqlite:///{weaver.home / 'weaver.db'}")
        async with database.reading() as session:
            found = await feedback.queue(session, ratings=["up", "down"])
        await database.close()
        return [(one.message_id, one.rating, one.reason) for one in found]

    return anyio.run(read)


def events(weaver: Weaver, external_id: str) -> list[dict[str, Any]]:
    """A conversation's events in Weaver."""
    opened = weaver.call("POST", "/conversations", "program", {"external_id": external_id, "channel": "rasa"})
    found: list[dict[str, Any]] = weaver.call("GET", f"/conversations/{opened['id']}/events", "program")["events"]
    return found


def test_the_example_trains_without_a_warning(trained: Trained) -> None:
    assert re.findall(r".*\b(?:UserWarning|WARNING|ERROR)\b.*", trained.output) == []


@pytest.mark.parametrize(
    ("question", "answer_id", "beginning", "thumb"),
    [
        ("how long does delivery take", "delivery-times", "Standard delivery takes 3-5 working days", "👍 This helped"),
        ("运费多少", "delivery-cost.zh", "标准运费", "👍 有帮助"),
        # Neither language's classifier has seen the like: that is nlu_fallback, and Weaver's as well.
        ("HP-204518帮我看下到哪儿了", "track-order.zh", "", "👍 有帮助"),
    ],
)
def test_a_customer_gets_the_shops_own_words_and_may_say_what_they_are_worth(
    customer: Customer, question: str, answer_id: str, beginning: str, thumb: str
) -> None:
    (said,) = customer.say(question)
    assert said["text"].startswith(beginning)
    assert said["buttons"][0]["title"] == thumb
    slots = customer.slots()
    assert (slots["weaver_decision"], slots["weaver_answer_id"]) == ("answer", answer_id)
    assert 0.5 < slots["weaver_confidence"] <= 1


def test_a_greeting_stays_with_rasa(customer: Customer, weaver: Weaver) -> None:
    assert "您好" in texts(customer.say("hello"))[0]
    assert events(weaver, customer.name) == []


def test_thumbs_are_stored_with_the_message_below_which_they_stand(customer: Customer, weaver: Weaver) -> None:
    first = customer.say("how long does delivery take")
    second = customer.say("how much is postage")
    assert texts(customer.say(payload(first, "👎"))) == ["Thank you for telling us."]
    assert texts(customer.say(payload(second, "👍"))) == ["Thank you for telling us."]
    told = [UUID(event["id"]) for event in events(weaver, customer.name) if event.get("answer_id")]
    stored = {message_id: rating for message_id, rating, _ in votes(weaver)}
    assert [stored.get(message_id) for message_id in told] == ["down", "up"]


@pytest.mark.parametrize(("question", "locale"), [("delivery", "en"), ("快递", "zh")])
def test_a_suggestion_that_is_clicked_gives_its_answer_and_is_kept_as_picked(
    customer: Customer, weaver: Weaver, question: str, locale: str
) -> None:
    (offered,) = customer.say(question, {"locale": locale})
    assert customer.slots()["weaver_decision"] == "clarify", offered
    button = offered["buttons"][-1]
    asked = customer.slots()["weaver_message_id"]
    answered = customer.say(button["payload"], {"locale": locale})
    told = [event for event in events(weaver, customer.name) if event["type"] == "message"]
    assert [event["text"] for event in told if event["role"] == "customer"] == [question, button["title"]]
    assert told[-1]["sources"][0]["title"] == button["title"]
    assert texts(answered) == [told[-1]["text"]]
    assert (UUID(asked), "up", "picked") in votes(weaver)


@pytest.mark.parametrize(
    ("wish", "notice"),
    [
        ("I want to speak to a human", "I have asked a colleague to help. You can keep writing here."),
        ("转人工客服", "已请同事协助，您可以继续留言。"),
    ],
)
def test_who_asks_for_a_person_waits_in_the_agents_queue_and_the_page_is_told(
    customer: Customer, weaver: Weaver, wish: str, notice: str
) -> None:
    said = customer.say(wish)
    assert texts(said) == [notice]
    assert said[-1]["custom"] == {"weaver": "handoff"}
    assert customer.slots()["weaver_decision"] == "handoff"
    assert events(weaver, customer.name)[-1]["mode"] == "waiting"


def test_what_weaver_cannot_answer_is_handed_over_and_an_agent_silences_the_assistant(
    customer: Customer, weaver: Weaver
) -> None:
    said = customer.say("今天天气怎么样")
    assert customer.slots()["weaver_decision"] == "handoff"
    assert said[-1]["custom"] == {"weaver": "handoff"}
    conversation_id = customer.slots()["weaver_conversation_id"]
    weaver.call("POST", f"/agent/conversations/{conversation_id}/take", "agent")
    assert customer.say("how long does delivery take") == []
    assert customer.slots()["weaver_decision"] == "agent"
    weaver.call("POST", f"/agent/conversations/{conversation_id}/close", "agent")
    assert texts(customer.say("how much is postage"))[0].startswith("Standard delivery")
    assert customer.slots()["weaver_conversation_id"] != conversation_id


@pytest.mark.parametrize(
    "command", re.findall(r"^curl .*$", (ROOT / "docs" / "rasa.md").read_text(encoding="utf-8"), re.MULTILINE)
)
def test_the_commands_of_the_docs_are_answered(assistant: str, command: str) -> None:
    here = command.replace("http://127.0.0.1:5005", assistant)
    assert here != command
    said = subprocess.run(["/bin/bash", "-c", here], capture_output=True, text=True, check=True, timeout=60)
    assert '"recipient_id":"anna"' in said.stdout
    assert "Sorry" not in said.stdout


def test_while_weaver_is_down_customers_read_an_apology_and_nothing_afterwards(
    customer: Customer, weaver: Weaver
) -> None:
    weaver.stop()
    try:
        assert texts(customer.say("where is my order")) == [
            "Sorry, I cannot look that up at the moment. Please try again in a minute."
        ]
        assert texts(customer.say("我的快递到哪了")) == ["抱歉，我现在无法查询，请稍后再试。"]
        assert customer.slots()["weaver_decision"] == "unavailable"
    finally:
        weaver.start()
    customer.say("where is my order")
    assert customer.slots()["weaver_answer_id"] == "track-order"
