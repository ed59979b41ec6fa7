"""A version in the shadow: it is asked what the active one has answered, and what it would have said is kept."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import structlog

from bot.background import beside
from bot.errors import BotError
from bot.reply import Query
from bot.serving.active_model import Serving
from knowledge_base import conversations, live_figures, messages, models
from knowledge_base.database import Database
from knowledge_base.errors import KnowledgeError
from knowledge_base.live_figures import ShadowReply, Unasked
from knowledge_base.models import ModelVersion
from weaver_core.errors import ModelError

if TYPE_CHECKING:
    from uuid import UUID

LOOK_SECONDS = 2.0
AT_ONCE = 50

_log = structlog.get_logger(__name__)


class Shadowing:
    """Asks the version in the shadow about turns that were answered, after they were: no customer waits for it."""

    def __init__(self, database: Database, serving: Serving) -> None:
        """Nobody is asked outside `running`."""
        self._database, self._serving = database, serving
        self._shadow: Serving | None = None
        self._version: ModelVersion | None = None
        self._after: UUID | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While open, the shadow is asked."""
        try:
            async with beside(self._watch):
                yield
        finally:
            self._close()

    async def look(self) -> int:
        """Ask the shadow about some turns that it has not been asked yet. Returns how many."""
        async with self._database.reading() as session:
            version = await models.in_shadow(session)
        if version is None or version != self._version:
            self._close()
        if version is None:
            return 0
        shadow = await self._opened(version)
        async with self._database.reading() as session:
            turns = await live_figures.unasked(session, version.id, self._after, AT_ONCE)
        replies = [await self._ask(shadow, turn) for turn in turns]
        async with self._database.writing() as session:
            await live_figures.keep_shadow(session, version.id, [reply for reply in replies if reply])
        if turns:
            self._after = turns[-1].message_id
        return len(turns)

    async def _opened(self, version: ModelVersion) -> Serving:
        if self._shadow is None:
            shadow = self._serving.beside(version)
            await shadow.load()
            self._shadow, self._version = shadow, version
            async with self._database.reading() as session:
                self._after = await live_figures.newest_message(session)
        await self._shadow.catch_up()
        return self._shadow

    async def _ask(self, shadow: Serving, turn: Unasked) -> ShadowReply | None:
        async with self._database.reading() as session:
            said = await messages.get(session, turn.message_id)
            asked = await messages.asked_in(session, said)
            history = await messages.turns_before(session, turn.conversation_id, turn.seq)
            conversation = await conversations.get(session, turn.conversation_id)
        if asked is None:
            return None
        reply = await shadow.respond(Query(asked.words, history, conversation.collection))
        answer = reply.answer.id if reply.answer else None
        return ShadowReply(turn.message_id, reply.decision.value, answer, reply.confidence)

    def _close(self) -> None:
        if self._shadow is not None:
            self._shadow.close()
        self._shadow, self._version = None, None

    async def _watch(self) -> None:
        while True:
            try:
                asked = await self.look()
            except (BotError, KnowledgeError, ModelError) as error:
                _log.warning("shadow_not_asked", reason=str(error))
                asked = 0
            if not asked:
                await anyio.sleep(LOOK_SECONDS)
