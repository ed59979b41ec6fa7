"""The protocol's documents say what the code does."""

import httpx2

from bot.chat import schemas
from tests.bot.running_server import RunningServer
from tests.patience import PATIENCE_SECONDS


def test_the_schema_in_the_docs_is_that_of_the_code() -> None:
    assert schemas.SCHEMA.read_text() == schemas.schema_text(), "Run `python -m bot.chat.schemas`."


def test_the_tables_in_the_docs_are_those_of_the_code() -> None:
    page = schemas.PAGE.read_text()
    assert schemas.page_text(page) == page, "Run `python -m bot.chat.schemas`."


def test_every_frame_of_the_contract_has_a_schema() -> None:
    definitions = schemas.protocol_schema()["$defs"]
    kinds = {side: set(definitions[side]["discriminator"]["mapping"]) for side in ("client", "server")}
    assert kinds["client"] == {"hello", "message", "feedback", "handoff", "typing", "ping"}
    assert kinds["server"] == {
        "welcome", "ack", "message", "status", "feedback_ack", "typing", "pong", "error",
    }  # fmt: skip


def test_a_running_service_serves_the_schema(server: RunningServer) -> None:
    response = httpx2.get(f"{server.url}/protocol.schema.json", timeout=PATIENCE_SECONDS)
    assert response.headers["content-type"] == "application/schema+json"
    assert response.json() == schemas.protocol_schema()
