"""A client's stay in one conversation: what it sends is stored, what is stored reaches it once and in order."""

from collections.abc import Awaitable, Callable

import anyio
import structlog
from pydantic import BaseModel

from bot.chat import hello
from bot.chat.events import to_event
from bot.chat.frames import (
    AckFrame,
    ClientFrame,
    ClientTypingFrame,
    ErrorFrame,
    FeedbackAckFrame,
    FeedbackFrame,
    HandoffFrame,
    MessageFrame,
    TypingFrame,
)
from bot.faults import UNAVAILABLE
from bot.feed import Delay, Passing, Subscription, Typing
from bot.guards.caller import visitor
from bot.judgements.judging import Opinion, judge
from bot.service import Service
from bot.shielding import uninterrupted
from bot.turns import texts
from knowledge_base.conversations import Conversation
from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.event_log import Event
from weaver_core.dialogue import Role

RETRY_SECONDS = 1.0

_log = structlog.get_logger(__name__)

Send = Callable[[BaseModel], Awaitable[None]]


class Session:
    """One client in one conversation. Frames are carried out one after the other, while `deliver` runs beside them."""

    def __init__(
        self, service: Service, conversation: Conversation, subscription: Subscription, send: Send, address: str
    ) -> None:
        """The client at this network address has seen the events up to where the subscription begins."""
        self._service = service
        self._conversation = conversation
        self._subscription = subscription
        self._send = send
        self._address = address
        # Between a message's commit and its ack no event goes out, so that a sender sees its message as an ack only.
        self._order = anyio.Lock()
        self._acknowledged: set[int] = set()
        self._delivered = subscription.seq

    @property
    def locale(self) -> str:
        """The language of the customer's interface."""
        return self._conversation.locale

    async def begin(self) -> None:
        """Welcome the client, then send what it missed. Raises DatabaseUnavailableError."""
        async with self._order:
            missed = await self._subscription.replay()
            await self._send(hello.welcome(self._service, self._conversation))
            for event in missed:
                await self._send_event(event)

    async def deliver(self) -> None:
        """Send the conversation's events as they come, for ever."""
        while True:
            try:
                news = await self._subscription.read()
            except DatabaseUnavailableError as error:
                _log.warning("socket_cannot_read", reason=str(error))
                await anyio.sleep(RETRY_SECONDS)
                continue
            async with self._order:
                for item in news:
                    await self._send_item(item)

    async def carry_out(self, frame: ClientFrame) -> None:
        """Do what a frame asks for. Raises domain errors, with nothing half-stored."""
        match frame:
            case MessageFrame():
                await self._post(frame)
            case FeedbackFrame():
                await self._judge(frame)
            case HandoffFrame():
                with uninterrupted():
                    await self._service.turns.request_handoff(self._conversation.id)
            case ClientTypingFrame():
                self._service.feed.show_typing(self._conversation.id, Role.CUSTOMER)
            case _:  # pragma: no cover - the socket keeps hello and ping to itself
                pass

    async def _post(self, frame: MessageFrame) -> None:
        self._service.limits.check_message(self._conversation.id, self._address)
        async with self._order:
            with uninterrupted():
                posted = await self._service.turns.post_message(
                    self._conversation.id, frame.client_id, frame.text, frame.attachments or ()
                )
                if not posted.duplicate:
                    self._service.turns.answer(posted.message)
            await self._send(AckFrame(client_id=frame.client_id, seq=posted.message.seq))
            if posted.message.seq > self._delivered:
                self._acknowledged.add(posted.message.seq)

    async def _judge(self, frame: FeedbackFrame) -> None:
        opinion = Opinion(frame.message_id, frame.rating, frame.reason or None, frame.comment or None)
        with uninterrupted():
            await judge(self._service, visitor(self._conversation.id), opinion)
        await self._send(FeedbackAckFrame(message_id=frame.message_id))

    async def _send_item(self, item: Event | Passing) -> None:
        match item:
            case Typing():
                if item.role is not Role.CUSTOMER:
                    await self._send(TypingFrame(role=item.role))
            case Delay():
                await self._send(ErrorFrame(code=UNAVAILABLE, detail=texts.say("answer_later", self.locale)))
            case _:
                await self._send_event(item)

    async def _send_event(self, event: Event) -> None:
        self._delivered = event.seq
        if event.seq in self._acknowledged:
            self._acknowledged.discard(event.seq)
        else:
            await self._send(to_event(event))
