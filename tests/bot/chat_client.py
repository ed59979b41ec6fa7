"""A real websocket client of the chat, that reads frames with the schema's own models."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import anyio
from websockets.asyncio.client import ClientConnection, connect

from bot.chat.frames import server_frames
from tests.patience import PATIENCE_SECONDS

Frame = dict[str, Any]


class ChatClient:
    """One connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.conversation_id = ""
        self.token = ""

    async def send(self, **frame: object) -> None:
        """Send a frame."""
        await self.socket.send(json.dumps(frame))

    async def receive(self) -> Frame:
        """The next frame, which must be one of the protocol's."""
        with anyio.fail_after(PATIENCE_SECONDS):
            text = await self.socket.recv()
        assert isinstance(text, str)
        server_frames.validate_json(text)
        frame: Frame = json.loads(text)
        return frame

    async def until(self, wanted: Callable[[Frame], bool]) -> list[Frame]:
        """All frames up to and with the first one that is wanted."""
        frames = [await self.receive()]
        while not wanted(frames[-1]):
            frames.append(await self.receive())
        return frames

    async def until_type(self, kind: str) -> Frame:
        """The next frame of a type; those before it are passed over."""
        return (await self.until(lambda frame: frame["type"] == kind))[-1]

    async def until_said(self, role: str) -> Frame:
        """The next message of a role."""
        return (await self.until(lambda frame: frame["type"] == "message" and frame["role"] == role))[-1]

    async def quiet(self) -> list[Frame]:
        """What is still to come before the answer to a ping, which comes after all that was on its way."""
        await self.send(type="ping")
        return (await self.until(lambda frame: frame["type"] == "pong"))[:-1]

    async def hello(self, **fields: object) -> Frame:
        """Say hello; remember the conversation."""
        await self.send(type="hello", **fields)
        welcome = await self.receive()
        assert welcome["type"] == "welcome", welcome
        self.conversation_id, self.token = welcome["conversation_id"], welcome["token"]
        return welcome

    async def back(self, other: Self, last_seq: int = 0) -> Frame:
        """Say hello to another client's conversation."""
        return await self.hello(conversation_id=other.conversation_id, token=other.token, last_seq=last_seq)

    async def say(self, text: str, client_id: str) -> Frame:
        """Send a message. Returns its ack."""
        await self.send(type="message", client_id=client_id, text=text)
        return (await self.until(lambda frame: frame.get("client_id") == client_id and frame["type"] == "ack"))[-1]


@asynccontextmanager
async def open_chat(url: str, origin: str | None = None, address: str | None = None) -> AsyncIterator[ChatClient]:
    """A connection to a server's websocket, from a page of an origin, through a proxy that names a client's address."""
    headers = {name: value for name, value in (("Origin", origin), ("X-Forwarded-For", address)) if value}
    # A server that has only just printed its address answers once its memory is loaded.
    async with connect(
        url,
        additional_headers=headers,
        max_size=None,
        max_queue=None,
        open_timeout=PATIENCE_SECONDS,
        ping_timeout=PATIENCE_SECONDS,
    ) as socket:
        yield ChatClient(socket)
