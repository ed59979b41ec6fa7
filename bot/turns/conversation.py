"""One customer turn: stored and acknowledged, then answered, each in a short transaction of its own."""

from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID

import anyio
import structlog
from structlog.contextvars import bound_contextvars

from bot.background import beside
from bot.errors import AnswerInterruptedError
from bot.feed import Feed
from bot.office_hours import ALWAYS, OfficeHours
from bot.reply import Decision, Reply
from bot.shielding import uninterrupted
from bot.turns import hearing, picking, texts
from bot.turns.customer_text import check_length, check_text
from bot.turns.decided import to_decision
from bot.turns.dialogue_policy import DialoguePolicy, Part, Said
from bot.watching.metrics import Metrics, Stage
from bot.watching.tracing import tracer
from knowledge_base import conversations, event_log, messages, presence
from knowledge_base.conversations import Conversation, Mode
from knowledge_base.database import Database
from knowledge_base.errors import ConversationClosedError, KnowledgeError
from knowledge_base.messages import Message
from knowledge_base.tables.base import now
from weaver_core.dialogue import Role

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

SWEEP_EVERY_SECONDS = 5.0
# A stop waits for turns under way no longer than this.
DRAIN_SECONDS = 10.0
# A message this old that nobody is answering was left by a process that is no more.
LEFT_AFTER = timedelta(seconds=5)
# The sweep looks at conversations of this last while only; a start looks at all.
SWEEP_SPAN = timedelta(days=1)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Posted:
    """A customer's message after it was stored, and how many characters of it no database stores."""

    message: Message
    duplicate: bool
    stripped: int


@dataclass(slots=True)
class Answering:
    """A message that is being answered. Wait for `done`; then there is an error, or a reply unless a person has it."""

    message: Message
    done: anyio.Event = field(default_factory=anyio.Event)
    replies: Sequence[Message] = ()
    error: Exception | None = field(default_factory=AnswerInterruptedError)
    since: float = field(default_factory=perf_counter)


class Turns:
    """One process's turns: those of one conversation are answered one after the other, different ones at once."""

    def __init__(
        self,
        database: Database,
        policy: DialoguePolicy,
        feed: Feed,
        text_limit: int,
        metrics: Metrics | None = None,
        hours: OfficeHours = ALWAYS,
    ) -> None:
        """Nothing is answered outside `running`."""
        self._metrics = metrics or Metrics()
        self._hours = hours
        self._database = database
        self._policy = policy
        self._feed = feed
        self._text_limit = text_limit
        self._tasks: TaskGroup | None = None
        self._answering: dict[UUID, Answering] = {}
        self._queues: dict[UUID, deque[Answering]] = {}
        # Messages whose customers were told that the answer takes longer.
        self._delayed: set[UUID] = set()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While open, turns are answered: those that a crash left first, then what comes, then what a sweep finds.

        At the end nothing more is begun, and what is under way has some seconds to come to its end.
        """
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                async with beside(self._sweep):
                    yield
                await self._drain()
                tasks.cancel_scope.cancel()
        finally:
            self._tasks = None
            for answering in self._answering.values():
                answering.done.set()
            self._answering.clear()
            self._queues.clear()

    async def _drain(self) -> None:
        """Let what is under way come to its end; what takes too long is answered after the next start."""
        self._tasks = None
        with anyio.move_on_after(DRAIN_SECONDS):
            for answering in list(self._answering.values()):
                await answering.done.wait()

    async def post_message(
        self, conversation_id: UUID, client_id: str, text: str, attachment_ids: Sequence[UUID] = ()
    ) -> Posted:
        """Store what a customer wrote; once this returns it is never lost. Answering it is a second call.

        Raises TextEmptyError, TextTooLongError, ClientIdReusedError, ConversationClosedError, DialogueNotFoundError,
        AttachmentNotFoundError, AttachmentSentError.
        """
        check = check_length if attachment_ids else check_text
        cleaned = check(text, self._text_limit)
        with self._metrics.timed(Stage.STORE):
            async with self._database.writing(brief=True) as session:
                stored = await event_log.add_customer_message(
                    session, conversation_id, client_id, cleaned.text, attachment_ids
                )
        if not stored.duplicate:
            self._feed.publish(conversation_id, stored.message)
        return Posted(stored.message, stored.duplicate, cleaned.stripped)

    def answer(self, message: Message) -> Answering:
        """See to it that a stored message is answered, after those of its conversation that came before.

        Raises AnswerInterruptedError outside `running`.
        """
        if self._tasks is None:
            raise AnswerInterruptedError
        answering = self._answering.get(message.id)
        if answering is not None:
            return answering
        answering = self._answering[message.id] = Answering(message)
        self._metrics.answering.inc()
        queue = self._queues.setdefault(message.conversation_id, deque())
        queue.append(answering)
        if len(queue) == 1:
            self._tasks.start_soon(self._answer_in_order, message.conversation_id)
        return answering

    async def replies_to(self, message: Message) -> Sequence[Message]:
        """The bot's messages in reply to a stored one, made now if need be; none while a person has the turn."""
        async with self._database.reading(brief=True) as session:
            held = await messages.replies_to(session, message.conversation_id, message.seq)
        if held:
            return held
        answering = self.answer(message)
        await answering.done.wait()
        if answering.error is not None:
            raise answering.error
        return answering.replies

    async def request_handoff(self, conversation_id: UUID) -> Mode:
        """The customer wants a person. Returns who has the turn now; asking again changes nothing.

        Raises ConversationClosedError, DialogueNotFoundError.
        """
        opening = await self._next_opening()
        async with self._database.writing(brief=True) as session:
            held = await conversations.hold(session, conversation_id)
            if held.mode is Mode.CLOSED:
                raise ConversationClosedError
            if held.mode is not Mode.BOT:
                return held.mode
            notice = texts.person_asked("asked_for_person", held.locale, opening)
            said = await event_log.add_system_message(session, conversation_id, notice)
            await hearing.hear_leaving(session, conversation_id, said.seq)
            status = await event_log.set_mode(session, conversation_id, Mode.WAITING)
        self._feed.publish(conversation_id, said, status)
        return Mode.WAITING

    async def answer_unanswered(self, before: datetime, since: datetime | None = None) -> list[Answering]:
        """Answer the acknowledged turns that were stored before a moment and left without an answer.

        With `since`, conversations in which nothing happened since then are not looked at.
        """
        async with self._database.reading(brief=True) as session:
            left = await messages.unanswered(session, before, since)
        return [self.answer(message) for message in sorted(left, key=lambda message: message.seq)]

    async def _sweep(self) -> None:
        since, before = None, now()
        while True:
            try:
                with uninterrupted():
                    await self.answer_unanswered(before, since)
            except KnowledgeError as error:
                _log.warning("sweep_failed", reason=str(error))
            await anyio.sleep(SWEEP_EVERY_SECONDS)
            since, before = now() - SWEEP_SPAN, now() - LEFT_AFTER

    async def _answer_in_order(self, conversation_id: UUID) -> None:
        queue = self._queues[conversation_id]
        while queue:
            await self._finish(queue[0])
            queue.popleft()
        del self._queues[conversation_id]

    async def _finish(self, answering: Answering) -> None:
        message = answering.message
        self._metrics.took(Stage.WAIT, perf_counter() - answering.since)
        named = {"conversation_id": str(message.conversation_id), "message_id": str(message.id)}
        with bound_contextvars(**named):
            try:
                with tracer.start_as_current_span(Stage.TURN.value, attributes={**named}):
                    answering.replies = await self._reply(message)
                answering.error = None
                self._delayed.discard(message.id)
                self._metrics.took(Stage.TURN, perf_counter() - answering.since)
            except KnowledgeError as error:
                self._leave(answering, error)
                _log.warning("turn_unanswered", reason=str(error))
            except Exception as error:  # noqa: BLE001
                # A conversation's outermost loop: one turn's failure must not end the others'; the sweep tries again.
                self._leave(answering, error)
                _log.exception("turn_unanswered")
            finally:
                self._metrics.answering.dec()
                del self._answering[message.id]
                answering.done.set()

    def _leave(self, answering: Answering, error: Exception) -> None:
        """A turn failed: the sweep tries again, and the customer is told so once."""
        self._metrics.unanswered.inc()
        answering.error = error
        if answering.message.id not in self._delayed:
            self._delayed.add(answering.message.id)
            self._feed.show_delay(answering.message.conversation_id)

    async def _reply(self, message: Message) -> Sequence[Message]:
        async with self._database.reading(brief=True) as session:
            conversation = await conversations.get(session, message.conversation_id)
            before = await messages.before(session, message.conversation_id, message.seq)
        if conversation.mode in (Mode.AGENT, Mode.CLOSED):
            return []
        self._feed.show_typing(conversation.id, Role.BOT, message.seq)
        with self._metrics.timed(Stage.DECIDE):
            said = await self._decide(message, before, conversation)
        with self._metrics.timed(Stage.SAY):
            replies = await self._say(conversation, message.seq, said)
        if before:
            await self._hear(before[-1], message, replies)
        return replies

    async def _hear(self, before: Message, message: Message, replies: Sequence[Message]) -> None:
        try:
            await hearing.hear(self._database, before, message, replies[0] if replies else None)
        except KnowledgeError as error:
            # The turn is answered; what it said of the one before is worth no second try.
            _log.warning("turn_not_heard", reason=str(error))

    async def _decide(self, message: Message, before: Sequence[Message], conversation: Conversation) -> Said:
        try:
            picked = await picking.picked(self._database, message, before[-1] if before else None)
            if picked is not None:
                return Said((Part(picked),))
            return await self._policy.decide(message, before, conversation.collection)
        except KnowledgeError:
            raise
        except Exception:  # noqa: BLE001
            # The outermost loop of a turn: whatever the model stumbles over, the customer gets a person, not silence.
            _log.exception("model_failed")
            return Said((Part(Reply(Decision.HANDOFF, 0.0, (), None, "", None, "unsure")),))

    async def _next_opening(self) -> datetime | None:
        """When somebody will be there again; None while somebody is, by the plan or at the desk whatever it says."""
        opening = self._hours.next_opening(now())
        if opening is None:
            return None
        async with self._database.reading(brief=True) as session:
            return None if await presence.anybody(session) else opening

    async def _say(self, conversation: Conversation, in_reply_to: int, said: Said) -> Sequence[Message]:
        opening = await self._next_opening()
        (text, decision), *further = [
            (texts.message_text(part.reply, conversation.locale, opening), to_decision(part, said.sentiment))
            for part in said.parts
        ]
        async with self._database.writing(brief=True) as session:
            first = await event_log.add_bot_message(session, conversation.id, in_reply_to, text, decision)
            if first is None:
                # A person took the turn, or another process was quicker.
                return await messages.replies_to(session, conversation.id, in_reply_to)
            replies = [first]
            for words, decided in further:
                replies.append(
                    await event_log.add_further_bot_message(session, conversation.id, in_reply_to, words, decided)
                )
            status = None
            if any(part.reply.decision is Decision.HANDOFF for part in said.parts):
                status = await event_log.set_mode(session, conversation.id, Mode.WAITING)
        self._feed.publish(conversation.id, *replies, status)
        for part in said.parts:
            self._metrics.replies.labels(part.reply.decision.value, part.reply.why).inc()
        return replies
