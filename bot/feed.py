"""From what was stored to those who watch: sockets and agents' pages follow a conversation's event log."""

from collections import deque
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from uuid import UUID

import anyio
import structlog

from bot.background import beside
from bot.shielding import uninterrupted
from knowledge_base import conversations, event_log, news
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.event_log import Event
from knowledge_base.messages import Message
from weaver_core.dialogue import Role

INBOX = 64
WATCH_EVERY_SECONDS = 0.5
LISTEN_AGAIN_SECONDS = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody writes. `in_reply_to` is the seq of the message that the bot is answering. Never stored."""

    role: Role
    in_reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """A message that is stored could not be answered yet; it will be. Never stored."""


Passing = Typing | Delay


class Subscription:
    """One reader of a conversation: every event after a seq, once, in order.

    The log in SQL is the truth; what is published only saves reading it. An event that is not the very next one, or
    an inbox that is full, makes the reader read the log again, so a slow reader costs no memory and loses nothing.
    """

    def __init__(self, database: Database, conversation_id: UUID, after: int) -> None:
        """The reader has seen the events up to `after`."""
        self.conversation_id = conversation_id
        self.seq = after
        self._database = database
        self._inbox: deque[Event | Passing] = deque()
        self._answered = 0
        self._behind = True
        self._news = anyio.Event()

    def offer(self, item: Event | Passing) -> None:
        """Put something into the inbox; a full one is emptied and made up for from the log."""
        if len(self._inbox) >= INBOX:
            self._inbox.clear()
            self._behind = True
        self._inbox.append(item)
        self._news.set()

    def hear_of(self, seq: int) -> None:
        """Read the log again when it goes further than this reader has seen and than its inbox holds."""
        if seq > self.seq and not self._inbox:
            self._behind = True
            self._news.set()

    async def read(self) -> Sequence[Event | Passing]:
        """Wait for news; at least one item. Raises DatabaseUnavailableError, after which reading can go on."""
        while True:
            if self._behind:
                news: Sequence[Event | Passing] = await self.replay()
            elif self._inbox:
                news = self._take(self._inbox.popleft())
            else:
                self._news = anyio.Event()
                await self._news.wait()
                continue
            if news:
                return news

    async def replay(self) -> list[Event]:
        """What the log holds after the last seq that was read. Raises DatabaseUnavailableError."""
        # From here on the inbox collects what the read below may not see.
        self._behind = False
        try:
            with uninterrupted():
                async with self._database.reading(brief=True) as session:
                    events = await event_log.events_after(session, self.conversation_id, self.seq)
        except DatabaseUnavailableError:
            self._behind = True
            raise
        for event in events:
            self._pass(event)
        return events

    def _take(self, item: Event | Passing) -> Sequence[Event | Passing]:
        if isinstance(item, Delay):
            return [item]
        if isinstance(item, Typing):
            # The message was read from the log before the news that it was being written.
            late = item.in_reply_to is not None and item.in_reply_to <= self._answered
            return [] if late else [item]
        if item.seq == self.seq + 1:
            self._pass(item)
            return [item]
        self._behind = item.seq > self.seq
        return []

    def _pass(self, event: Event) -> None:
        self.seq = event.seq
        if isinstance(event, Message) and event.in_reply_to is not None:
            self._answered = max(self._answered, event.in_reply_to)


class Feed:
    """One process's subscriptions. Whoever stores an event publishes it here after the commit."""

    def __init__(self, database: Database) -> None:
        """Readers catch up from this database."""
        self._database = database
        self._subscriptions: dict[UUID, set[Subscription]] = {}

    def publish(self, conversation_id: UUID, *events: Event | None) -> None:
        """Hand stored events to the conversation's readers, in the order of their seq. None is nothing."""
        for event in events:
            if event is not None:
                self._offer(conversation_id, event)

    def show_typing(self, conversation_id: UUID, role: Role, in_reply_to: int | None = None) -> None:
        """Tell the conversation's readers that somebody writes."""
        self._offer(conversation_id, Typing(role, in_reply_to))

    def show_delay(self, conversation_id: UUID) -> None:
        """Tell the conversation's readers that an answer takes longer."""
        self._offer(conversation_id, Delay())

    @contextmanager
    def subscribe(self, conversation_id: UUID, after: int) -> Generator[Subscription]:
        """A subscription to the events after a seq, for as long as the context."""
        subscription = Subscription(self._database, conversation_id, after)
        readers = self._subscriptions.setdefault(conversation_id, set())
        readers.add(subscription)
        try:
            yield subscription
        finally:
            readers.discard(subscription)
            if not readers and self._subscriptions.get(conversation_id) is readers:
                del self._subscriptions[conversation_id]

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        """While open, readers here also learn what other processes store (`weaver serve --workers`).

        PostgreSQL tells it as it commits; what it could not tell, and what commands store in SQLite, is looked for.
        """
        async with beside(self._watch):
            if self._database.is_sqlite:
                yield
            else:
                async with beside(self._listen):
                    yield

    async def _listen(self) -> None:
        while True:
            try:
                async with aclosing(news.heard(self._database)) as heard:
                    async for one in heard:
                        for subscription in self._subscriptions.get(one.conversation_id, ()):
                            subscription.hear_of(one.seq)
            except DatabaseUnavailableError as error:
                _log.warning("feed_cannot_listen", reason=str(error))
            await anyio.sleep(LISTEN_AGAIN_SECONDS)

    async def _watch(self) -> None:
        while True:
            await anyio.sleep(WATCH_EVERY_SECONDS)
            try:
                with uninterrupted():
                    await self.look()
            except DatabaseUnavailableError as error:
                _log.warning("feed_cannot_watch", reason=str(error))

    async def look(self) -> None:
        """Compare every reader with how far its conversation's log goes. Raises DatabaseUnavailableError."""
        if not self._subscriptions:
            return
        async with self._database.reading(brief=True) as session:
            seqs = await conversations.last_seqs(session, list(self._subscriptions))
        for conversation_id, seq in seqs.items():
            for subscription in self._subscriptions.get(conversation_id, set()):
                subscription.hear_of(seq)

    def _offer(self, conversation_id: UUID, item: Event | Passing) -> None:
        for subscription in self._subscriptions.get(conversation_id, ()):
            subscription.offer(item)
