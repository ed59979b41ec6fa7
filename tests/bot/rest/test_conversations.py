"""Conversations over REST."""

from collections.abc import Iterator
from uuid import UUID

import anyio
import httpx2
import pytest

from knowledge_base import event_log
from knowledge_base.conversations import Mode
from knowledge_base.database import Database
from tests.bot.chat_client import open_chat
from tests.bot.conftest import Serve
from tests.bot.running_server import RunningServer
from tests.bot.script import Script
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
def http(server: RunningServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"{server.url}/api/v1", timeout=30) as client:
        yield client


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def visitor(http: httpx2.Client) -> dict[str, str]:
    """A conversation that a visitor opened, and the header that opens it."""
    opened = http.post("/conversations", json={}).json()
    return {"id": opened["id"], **bearer(opened["token"])}


def post(http: httpx2.Client, visitor: dict[str, str], **body: object) -> httpx2.Response:
    headers = {"Authorization": visitor["Authorization"]}
    return http.post(f"/conversations/{visitor['id']}/messages", json=body, headers=headers)


def events(http: httpx2.Client, visitor: dict[str, str], after: int = 0) -> list[dict[str, object]]:
    headers = {"Authorization": visitor["Authorization"]}
    response = http.get(f"/conversations/{visitor['id']}/events", params={"after": after}, headers=headers)
    listed: list[dict[str, object]] = response.json()["events"]
    return listed


def test_a_visitor_opens_a_conversation_writes_and_gets_the_reply(http: httpx2.Client, visitor: dict[str, str]) -> None:
    posted = post(http, visitor, client_id="c1", text="Where is it?")
    assert posted.status_code == 200
    reply = posted.json()["reply"]
    assert (posted.json()["seq"], reply["seq"], reply["in_reply_to"], reply["type"]) == (1, 2, 1, "message")
    assert (reply["role"], reply["decision"], reply["text"]) == ("bot", "answer", "Parcels take three days.")
    assert [event["seq"] for event in events(http, visitor)] == [1, 2]
    assert events(http, visitor, after=1) == [reply]
    assert post(http, visitor, client_id="c1", text="Where is it?").json() == posted.json()


def test_an_external_id_gets_or_makes_one_conversation(http: httpx2.Client, keys: dict[str, str]) -> None:
    body = {"external_id": "rasa-1", "channel": "rasa", "locale": "zh", "identity": "customer-7"}
    first, again = (http.post("/conversations", json=body, headers=bearer(keys["program"])).json() for _ in range(2))
    assert first["id"] == again["id"]


def test_an_external_id_needs_a_key(http: httpx2.Client, visitor: dict[str, str]) -> None:
    for body in ({"external_id": "rasa-1"}, {"identity": "ada"}):
        assert http.post("/conversations", json=body).status_code == 401
        headers = {"Authorization": visitor["Authorization"]}
        assert http.post("/conversations", json=body, headers=headers).status_code == 403


def test_a_conversation_can_be_opened_without_a_body(http: httpx2.Client) -> None:
    assert http.post("/conversations").status_code == 200


def test_only_pages_of_allowed_sites_open_conversations(http: httpx2.Client) -> None:
    refused = http.post("/conversations", json={}, headers={"Origin": "https://evil.example"})
    assert (refused.status_code, refused.json()["code"]) == (403, "origin_denied")
    assert http.post("/conversations", json={}, headers={"Origin": "http://localhost:5173"}).status_code == 200


def test_visitors_openings_are_limited_by_address_and_programs_are_not(
    serve: Serve, script: Script, keys: dict[str, str]
) -> None:
    server = serve(script, limit_loopback=True, conversations_a_minute=1)
    with httpx2.Client(base_url=f"{server.url}/api/v1", timeout=PATIENCE_SECONDS) as http:
        assert http.post("/conversations", json={}).status_code == 200
        refused = http.post("/conversations", json={})
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 0
        assert http.post("/conversations", json={}, headers=bearer(keys["program"])).status_code == 200


def test_a_conversations_messages_are_limited(serve: Serve, script: Script) -> None:
    server = serve(script, messages_a_second=0.001, message_burst=2)
    with httpx2.Client(base_url=f"{server.url}/api/v1", timeout=30) as http:
        opened = http.post("/conversations", json={}).json()
        visitor = {"id": opened["id"], **bearer(opened["token"])}
        statuses = [post(http, visitor, client_id="c1", text="hello").status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert len(events(http, visitor)) == 2


@pytest.mark.parametrize("text", ["", "  ", "\x00", "x" * 4001, "x" * 100_000])
def test_a_text_outside_the_limits_is_refused_with_the_limit(
    http: httpx2.Client, visitor: dict[str, str], text: str
) -> None:
    refused = post(http, visitor, client_id="c1", text=text)
    assert refused.status_code == 422
    assert "1 to 4000" in refused.json()["detail"]
    assert events(http, visitor) == []


def test_half_a_surrogate_pair_is_stripped(http: httpx2.Client, visitor: dict[str, str]) -> None:
    headers = {"Authorization": visitor["Authorization"], "Content-Type": "application/json"}
    path = f"/conversations/{visitor['id']}/messages"
    posted = http.post(path, content=rb'{"client_id": "c1", "text": "half \ud800 a pair"}', headers=headers)
    assert posted.status_code == 200
    assert events(http, visitor)[0]["text"] == "half  a pair"


def test_a_client_id_with_another_text_is_a_conflict(http: httpx2.Client, visitor: dict[str, str]) -> None:
    post(http, visitor, client_id="c1", text="one")
    refused = post(http, visitor, client_id="c1", text="two")
    assert (refused.status_code, refused.json()["code"]) == (409, "client_id_reused")


def test_a_token_opens_its_own_conversation_only(http: httpx2.Client, visitor: dict[str, str]) -> None:
    other = http.post("/conversations", json={}).json()
    stolen = {"id": other["id"], "Authorization": visitor["Authorization"]}
    assert post(http, stolen, client_id="c1", text="hello").status_code == 401
    assert http.get(f"/conversations/{other['id']}/events").status_code == 401


def test_a_program_writes_in_any_conversation(
    http: httpx2.Client, visitor: dict[str, str], keys: dict[str, str]
) -> None:
    by_key = {"id": visitor["id"], **bearer(keys["program"])}
    assert post(http, by_key, client_id="c1", text="hello").status_code == 200


def test_the_customer_asks_for_a_person(http: httpx2.Client, visitor: dict[str, str]) -> None:
    headers = {"Authorization": visitor["Authorization"]}
    assert http.post(f"/conversations/{visitor['id']}/handoff", headers=headers).json() == {"mode": "waiting"}
    assert [event["type"] for event in events(http, visitor)] == ["message", "status"]


def test_there_is_no_reply_while_a_person_has_the_turn(
    http: httpx2.Client, visitor: dict[str, str], sqlite_url: str
) -> None:
    async def take() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            await event_log.set_mode(session, UUID(visitor["id"]), Mode.AGENT, "ada")
        await database.close()

    anyio.run(take)
    posted = post(http, visitor, client_id="c1", text="hello")
    assert posted.json() == {"seq": 2, "reply": None, "replies": []}


async def _sees(url: str, conversation_id: str, token: str) -> list[int]:
    async with open_chat(url) as client:
        await client.hello(conversation_id=conversation_id, token=token)
        return [(await client.receive())["seq"] for _ in range(2)]


def test_what_was_said_over_rest_is_seen_on_the_socket(
    http: httpx2.Client, server: RunningServer, visitor: dict[str, str]
) -> None:
    post(http, visitor, client_id="c1", text="hello")
    token = visitor["Authorization"].removeprefix("Bearer ")
    assert anyio.run(_sees, server.chat_url, visitor["id"], token) == [1, 2]
