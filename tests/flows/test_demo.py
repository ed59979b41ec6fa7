"""The demo from end to end: one command, the sample shop, and a Rasa assistant that asks it."""

import re
import stat
from collections.abc import Iterator

import httpx2
import pytest

from tests.bot.action_server import ActionServer, UserEvent, serve_actions, webhook_call
from tests.flows.demo_shop import DemoShop, serve_demo

ANSWER, FEEDBACK = "action_weaver_answer", "action_weaver_feedback"
QUESTION = UserEvent("how long does delivery take")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> DemoShop:
    """A demo that has run once, and is over."""
    folder = tmp_path_factory.mktemp("demo")
    with serve_demo(folder / "var", folder / "first.log") as demo:
        return demo


@pytest.fixture(scope="module")
def shop(first_run: DemoShop) -> Iterator[DemoShop]:
    """The demo, run a second time on the same data."""
    with serve_demo(first_run.home, first_run.home.with_name("second.log")) as demo:
        yield demo


@pytest.fixture(scope="module")
def actions(shop: DemoShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActionServer]:
    log = tmp_path_factory.mktemp("rasa") / "actions.log"
    with serve_actions(log, WEAVER_URL=shop.url, WEAVER_API_KEY=shop.key("program")) as server:
        yield server


def test_the_first_run_prints_every_address_and_a_password_for_this_user_alone(first_run: DemoShop) -> None:
    output = first_run.output.read_text()
    for path in ("/", "/admin", "/agent", "/docs"):
        assert re.search(rf"{first_run.url}{path}$", output, re.MULTILINE), output
    file = first_run.home / "first-login.txt"
    assert f"admin, password {file.read_text().strip()}" in output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_second_run_shows_the_same_password_and_loads_nothing(first_run: DemoShop, shop: DemoShop) -> None:
    assert "Loading the sample" in first_run.output.read_text()
    assert "Loading the sample" not in shop.output.read_text()
    assert (first_run.home / "first-login.txt").read_text().strip() in shop.output.read_text()


@pytest.mark.parametrize("path", ["/", "/admin", "/agent", "/docs", "/widget.js"])
def test_every_printed_page_is_served(shop: DemoShop, path: str) -> None:
    assert httpx2.get(shop.url + path, follow_redirects=True, timeout=30).status_code == 200


def test_the_shop_knows_its_answers_in_both_languages_and_what_was_mined_waits(shop: DemoShop) -> None:
    for status in ("approved", "pending"):
        found = shop.call("GET", f"/admin/answers?status={status}", "reviewer")
        assert found["answers"], status
    assert shop.call("GET", "/admin/answers/delivery-times", "reviewer")
    assert shop.call("GET", "/admin/answers/delivery-times.zh", "reviewer")


@pytest.mark.parametrize("question", ["what's the weather tomorrow", "who won the match last night"])
def test_a_question_that_the_shop_cannot_answer_brings_no_guesses_in_another_language(
    shop: DemoShop, question: str
) -> None:
    said = shop.call("POST", "/ask", "program", {"text": question})
    assert said["decision"] == "handoff"


def test_a_rasa_customer_gets_the_shops_own_words(actions: ActionServer) -> None:
    ran = actions.run(webhook_call(ANSWER, QUESTION, sender_id="rasa-answer"))
    assert ran.slots["weaver_decision"] == "answer"
    assert ran.slots["weaver_answer_id"] == "delivery-times"
    assert 0 < ran.slots["weaver_confidence"] <= 1
    assert ran.texts[0].startswith("Standard delivery takes 3-5 working days in the UK")


def test_a_webhook_call_that_comes_twice_is_one_message_in_the_log(shop: DemoShop, actions: ActionServer) -> None:
    call = webhook_call(ANSWER, QUESTION, sender_id="rasa-twice")
    assert actions.run(call) == actions.run(call)
    conversation = shop.call("POST", "/conversations", "program", {"external_id": "rasa-twice", "channel": "rasa"})
    events = shop.call("GET", f"/conversations/{conversation['id']}/events", "program")["events"]
    assert [event["role"] for event in events if event["type"] == "message"] == ["customer", "bot"]


def test_a_thumbs_down_in_rasa_is_in_the_reviewers_queue(shop: DemoShop, actions: ActionServer) -> None:
    answered = actions.run(webhook_call(ANSWER, QUESTION, sender_id="rasa-down"))
    down = UserEvent("/weaver_down", message_id="second", intent="weaver_down")
    assert actions.run(webhook_call(FEEDBACK, down, answered.slots, "rasa-down")).texts == ["Thank you for telling us."]
    queue = shop.call("GET", "/admin/feedback", "reviewer")
    assert answered.slots["weaver_message_id"] in str(queue)


def test_rasa_is_silent_while_a_person_has_the_turn(shop: DemoShop, actions: ActionServer) -> None:
    actions.run(webhook_call(ANSWER, QUESTION, sender_id="rasa-person"))
    conversation = shop.call("POST", "/conversations", "program", {"external_id": "rasa-person", "channel": "rasa"})
    shop.call("POST", f"/agent/conversations/{conversation['id']}/take", "agent")
    ran = actions.run(webhook_call(ANSWER, UserEvent("hello?", message_id="second"), sender_id="rasa-person"))
    assert ran.texts == []
    assert ran.slots["weaver_decision"] == "agent"
