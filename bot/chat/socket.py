"""One websocket of the chat: its frames in, its frames out, and when it is closed."""

from contextlib import ExitStack, suppress

import anyio
import structlog
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from bot.chat import hello
from bot.chat.frames import ClientFrame, ErrorFrame, HelloFrame, MessageFrame, PingFrame, PongFrame
from bot.chat.parsing import FrameError, parse
from bot.chat.session import Session
from bot.connections import client_address, service_of
from bot.errors import OriginDeniedError, RateLimitedError, SocketsExhaustedError
from bot.faults import DOMAIN_ERRORS, UNAVAILABLE, DomainError, fault_of
from bot.guards import origins
from bot.guards.limits import Bucket
from bot.service import Service
from bot.shielding import uninterrupted
from bot.turns import texts

# A text of 100,000 emoji, each escaped as two \uXXXX, is still told what is wrong with it.
MOST_CHARACTERS = 1_500_000
ORIGIN_DENIED, ABUSE, TOO_BIG, TOO_SLOW, TRY_LATER = 4403, 1008, 1009, 1013, 1013
SEND_SECONDS = 30.0
CLOSE_SECONDS = 1.0

_log = structlog.get_logger(__name__)
router = APIRouter()


@router.websocket("/ws/chat")
async def chat(websocket: WebSocket) -> None:
    """The chat widget's websocket; docs/protocol.md explains its frames."""
    service = service_of(websocket)
    await websocket.accept()
    try:
        origins.check(websocket, service.settings.allowed_origins)
    except OriginDeniedError as error:
        _log.warning("websocket_refused", reason=str(error))
        await websocket.close(ORIGIN_DENIED, "This page's origin is not allowed.")
        return
    try:
        with service.limits.socket(client_address(websocket)), service.metrics.sockets.track_inprogress():
            await ChatSocket(service, websocket).run()
    except SocketsExhaustedError as error:
        await websocket.close(TRY_LATER, str(error))


class ChatSocket:
    """A connection and, once it said hello, its session in a conversation."""

    def __init__(self, service: Service, websocket: WebSocket) -> None:
        """The websocket is accepted already."""
        self._service = service
        self._websocket = websocket
        self._tasks = anyio.create_task_group()
        self._subscriptions = ExitStack()
        self._session: Session | None = None
        self._closing: tuple[int, str] | None = None
        # Messages have a limit of their conversation; a client may send about twice as many frames of other kinds.
        settings = service.settings
        self._others = Bucket(2 * settings.messages_a_second, 2 * settings.message_burst)
        # What a client may get wrong before its connection is closed: nonsense, and more than it may send.
        self._nonsense = Bucket(rate=0.5, burst=50)
        self._floods = Bucket(rate=50, burst=2000)

    async def run(self) -> None:
        """Carry out frames until one side closes."""
        with self._subscriptions:
            async with self._tasks:
                await self._receive()
                self._tasks.cancel_scope.cancel()
        if self._closing is not None:
            with anyio.move_on_after(CLOSE_SECONDS), suppress(WebSocketDisconnect, WebSocketDisconnected):
                await self._websocket.close(*self._closing)

    async def _receive(self) -> None:
        while self._closing is None:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text: str | None = message.get("text")
            if text is None:
                await self._refuse(FrameError("binary_unsupported", "A frame must be JSON text, not binary."))
            elif len(text) > MOST_CHARACTERS:
                await self._refuse(FrameError("frame_too_big", f"A frame has at most {MOST_CHARACTERS} characters."))
                self._closing = (TOO_BIG, "The frame is too big.")
            else:
                await self._take(text)

    async def _take(self, text: str) -> None:
        client_id = None
        try:
            frame = parse(text)
            client_id = frame.client_id if isinstance(frame, MessageFrame) else None
            await self._carry_out(frame)
        except FrameError as error:
            await self._refuse(error)
        except RateLimitedError as error:
            await self._send_error(error, client_id)
            self._count(self._floods)
        except DOMAIN_ERRORS as error:
            await self._send_error(error, client_id)

    async def _carry_out(self, frame: ClientFrame) -> None:
        if not isinstance(frame, MessageFrame) and not self._others.take():
            raise RateLimitedError("frames", self._others.wait_seconds)
        match frame:
            case PingFrame():
                await self._send(PongFrame())
            case HelloFrame():
                await self._enter(frame)
            case _ if self._session is None:
                client_id = frame.client_id if isinstance(frame, MessageFrame) else None
                raise FrameError("hello_required", "The first frame must be a hello.", client_id)
            case _:
                await self._session.carry_out(frame)

    async def _enter(self, frame: HelloFrame) -> None:
        if self._session is not None:
            raise FrameError("hello_repeated", "This connection has said hello already; open another one.")
        address = client_address(self._websocket)
        with uninterrupted():
            conversation = await hello.enter(self._service, frame, address)
        # A client that says it has seen more than there is would otherwise miss what comes next.
        after = min(frame.last_seq, conversation.last_seq)
        subscription = self._subscriptions.enter_context(self._service.feed.subscribe(conversation.id, after))
        session = Session(self._service, conversation, subscription, self._send, address)
        await session.begin()
        self._session = session
        self._tasks.start_soon(session.deliver)

    async def _send(self, frame: BaseModel) -> None:
        """Send a frame. A peer that is gone, or that does not read, ends the connection."""
        try:
            with anyio.fail_after(SEND_SECONDS):
                await self._websocket.send_text(frame.model_dump_json())
        except (WebSocketDisconnect, WebSocketDisconnected):
            self._tasks.cancel_scope.cancel()
        except TimeoutError:
            self._closing = (TOO_SLOW, "You do not read what is sent to you.")
            self._tasks.cancel_scope.cancel()

    async def _send_error(self, error: DomainError, client_id: str | None) -> None:
        code, detail = fault_of(error).code, str(error)
        if code == UNAVAILABLE:
            # What is wrong inside is for the log: it names machines.
            _log.warning("frame_not_carried_out", reason=detail)
            detail = texts.say("one_moment", self._session.locale if self._session else texts.LOCALES[0])
        await self._send(ErrorFrame(code=code, detail=detail, client_id=client_id))

    async def _refuse(self, error: FrameError) -> None:
        await self._send(ErrorFrame(code=error.code, detail=str(error), client_id=error.client_id))
        self._count(self._nonsense)

    def _count(self, allowed: Bucket) -> None:
        if not allowed.take():
            self._closing = (ABUSE, "Too many frames that this service cannot take.")
