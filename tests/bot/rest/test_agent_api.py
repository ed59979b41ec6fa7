"""The agent's routes: who waits, taking a conversation, writing in it, giving it back."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest

from knowledge_base.accounts import AccountRole
from tests.bot.chat_client import open_chat
from tests.bot.person import Talk, add_account, signed_in, talk
from tests.bot.running_server import RunningServer
from tests.patience import PATIENCE_SECONDS

Desk = Callable[[str], httpx2.Client]


@pytest.fixture
def desk(server: RunningServer, sqlite_url: str) -> Iterator[Desk]:
    """Signs a new agent in; the client speaks as their browser's scripts would."""
    with ExitStack() as stack:

        def sit(name: str) -> httpx2.Client:
            add_account(sqlite_url, name, AccountRole.AGENT)
            person = stack.enter_context(signed_in(server, name))
            person.client.headers["X-CSRF-Token"] = person.csrf_token
            person.client.base_url = httpx2.URL(f"{server.url}/api/v1/agent")
            return person.client

        yield sit


@pytest.fixture
def ada(desk: Desk) -> httpx2.Client:
    """An agent at her desk."""
    return desk("ada")


@pytest.fixture
def waiting(server: RunningServer) -> Talk:
    """A customer who waits for a person."""
    return talk(server, "how long does it take?", "person please")


def _path(held: Talk, verb: str = "") -> str:
    return f"/conversations/{held.id}" + (f"/{verb}" if verb else "")


def test_a_handed_off_conversation_waits_with_all_that_the_bot_tried(ada: httpx2.Client, waiting: Talk) -> None:
    listed = ada.get("/conversations").json()
    [line] = listed["waiting"]
    assert (line["id"], line["mode"], line["last_message"]["text"]) == (waiting.id, "waiting", "person please")
    assert listed["mine"] == []
    shown = ada.get(_path(waiting)).json()
    assert [event["seq"] for event in shown["events"]] == [1, 2, 3, 4, 5]
    assert [one["answer_id"] for one in shown["tried"]] == ["shipping-time", "returns"]
    assert [one["probability"] for one in shown["tried"]] == pytest.approx([0.8, 0.7])
    assert [event["seq"] for event in ada.get(f"{_path(waiting)}?after=3").json()["events"]] == [4, 5]


def test_a_programs_key_is_no_persons_name_for_a_customer(
    server: RunningServer, waiting: Talk, keys: dict[str, str]
) -> None:
    headers = {"Authorization": f"Bearer {keys['agent']}"}
    address = f"{server.url}/api/v1/agent{_path(waiting, 'messages')}"
    said = httpx2.post(address, json={"text": "From another system."}, headers=headers, timeout=PATIENCE_SECONDS)
    assert (said.status_code, said.json()["role"]) == (200, "agent")
    assert "author" not in said.json()


def test_the_first_message_takes_the_conversation_and_silences_the_bot(ada: httpx2.Client, waiting: Talk) -> None:
    said = ada.post(_path(waiting, "messages"), json={"text": "Ada here."})
    assert (said.status_code, said.json()["author"]) == (200, "ada")
    assert [line["id"] for line in ada.get("/conversations").json()["mine"]] == [waiting.id]
    waiting.say("thank you")
    assert waiting.replies[-1] is None
    events = ada.get(_path(waiting)).json()["events"]
    assert [event.get("mode") or event["role"] for event in events[5:]] == ["agent", "agent", "customer"]


def test_a_conversation_given_back_is_answered_by_the_bot_again(ada: httpx2.Client, waiting: Talk) -> None:
    assert ada.post(_path(waiting, "take")).json()["agent"] == "ada"
    assert ada.post(_path(waiting, "take")).json()["mode"] == "agent"
    given = ada.post(_path(waiting, "return")).json()
    assert (given["mode"], given["agent"]) == ("bot", None)
    waiting.say("how long does it take?")
    assert waiting.replies[-1]["role"] == "bot"


def test_of_two_agents_one_takes_the_conversation(desk: Desk, ada: httpx2.Client, waiting: Talk) -> None:
    grace = desk("grace")
    ada.post(_path(waiting, "take")).raise_for_status()
    refused = [grace.post(_path(waiting, verb)) for verb in ("take", "return", "close")]
    refused.append(grace.post(_path(waiting, "messages"), json={"text": "Me too."}))
    assert [(one.status_code, one.json()["code"]) for one in refused] == [(409, "conversation_taken")] * 4
    assert ada.get(_path(waiting)).json()["agent"] == "ada"


def test_a_closed_conversation_stays_closed(ada: httpx2.Client, waiting: Talk) -> None:
    assert ada.post(_path(waiting, "close")).json()["mode"] == "closed"
    refused = [ada.post(_path(waiting, verb)) for verb in ("take", "return", "close")]
    refused.append(ada.post(_path(waiting, "messages"), json={"text": "One more thing."}))
    assert [(one.status_code, one.json()["code"]) for one in refused] == [(409, "conversation_closed")] * 4
    assert ada.get("/conversations").json() == {"waiting": [], "mine": []}


@pytest.mark.parametrize("text", ["", " \u0007\n", "x" * 5000])
def test_a_text_that_is_none_takes_nothing(ada: httpx2.Client, waiting: Talk, text: str) -> None:
    assert ada.post(_path(waiting, "messages"), json={"text": text}).status_code == 422
    assert ada.get(_path(waiting)).json()["mode"] == "waiting"


def test_a_conversation_that_is_not_there_is_not_found(ada: httpx2.Client) -> None:
    path = "/conversations/01a209ad-0000-7000-8000-000000000000"
    codes = [
        ada.get(path),
        ada.post(f"{path}/take"),
        ada.post(f"{path}/messages", json={"text": "how long does it take?"}),
    ]
    assert [one.status_code for one in codes] == [404, 404, 404]


def test_a_script_without_the_logins_token_changes_nothing(ada: httpx2.Client, waiting: Talk) -> None:
    del ada.headers["X-CSRF-Token"]
    assert ada.post(_path(waiting, "take")).status_code == 403


def test_the_agents_routes_are_for_agents(server: RunningServer, keys: dict[str, str]) -> None:
    path = f"{server.url}/api/v1/agent/conversations"
    codes = [
        httpx2.get(path, headers={"Authorization": f"Bearer {keys[role]}"}, timeout=PATIENCE_SECONDS).status_code
        for role in ("program", "agent", "reviewer", "admin")
    ]
    assert codes == [403, 200, 200, 200]


@pytest.mark.anyio
async def test_the_customers_widget_sees_the_agent_at_once(ada: httpx2.Client, server: RunningServer) -> None:
    async with open_chat(server.chat_url) as widget:
        await widget.hello()
        await widget.send(type="message", client_id="c1", text="person please")
        await widget.until(lambda frame: frame["type"] == "status")
        path = f"/conversations/{widget.conversation_id}"
        ada.post(f"{path}/messages", json={"text": "Ada here."}).raise_for_status()
        assert (await widget.until_type("status"))["mode"] == "agent"
        said = await widget.until_said("agent")
        assert (said["text"], said["author"]) == ("Ada here.", "ada")
        ada.post(f"{path}/close").raise_for_status()
        assert (await widget.until_type("status"))["mode"] == "closed"
