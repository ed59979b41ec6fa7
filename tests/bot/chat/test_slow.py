"""A client that does not read what it is sent is let go, whatever else is going on."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.websockets import WebSocket

from bot.app import open_service
from bot.chat import socket
from bot.chat.socket import TOO_SLOW, ChatSocket
from bot.settings import Settings
from tests.bot.script import Script
from weaver_core.encoders.encoder import OnnxEncoder

pytestmark = pytest.mark.anyio


async def test_a_client_that_does_not_read_is_closed_and_leaves_no_subscription(
    sqlite_url: str, encoder: OnnxEncoder, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "SEND_SECONDS", 0.05)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        """The client says hello and then nothing."""
        if not sent:
            return {"type": "websocket.connect"}
        if len(sent) == 1:
            return {"type": "websocket.receive", "text": '{"type": "hello"}'}
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Any) -> None:  # noqa: ANN401 - an ASGI message
        """The line takes nothing but the handshake and the end."""
        sent.append(message)
        if message["type"] == "websocket.send":
            await anyio.sleep_forever()

    settings = Settings.model_validate({"home": tmp_path, "database_url": sqlite_url})
    async with open_service(settings, [encoder], script.respond) as service:
        scope = {"type": "websocket", "headers": [], "client": ("127.0.0.1", 1)}
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        with anyio.fail_after(30):
            await ChatSocket(service, websocket).run()
        assert service.feed._subscriptions == {}
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert sent[-1]["code"] == TOO_SLOW
