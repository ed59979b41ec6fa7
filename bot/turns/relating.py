"""Related answers: "people who asked this also needed …", from what helped other customers with the same questions."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from uuid import UUID

import anyio
import anyio.to_thread
import structlog

from bot.background import beside
from knowledge_base import answers, co_resolutions
from knowledge_base.answers import Answer
from knowledge_base.database import Database
from knowledge_base.errors import KnowledgeError
from knowledge_base.tables.base import now
from weaver_core.recommendation import NOTHING_RELATED, relate

# What customers needed this long ago counts; it is counted anew so often.
SPAN, EVERY_SECONDS = timedelta(days=180), 3600.0
# So many are told at most. More are looked up, since some may be retired or in another language.
MOST_TOLD, LOOKED_UP = 3, 10

_log = structlog.get_logger(__name__)


class Relating:
    """One process's relations between answers, counted from what SQL holds."""

    def __init__(self, database: Database) -> None:
        """Nothing is related before it was counted."""
        self._database = database
        self._relations = NOTHING_RELATED

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While open, relations are counted now and every hour."""
        async with beside(self._count_again):
            yield

    async def count(self) -> None:
        """Count now. Raises DatabaseUnavailableError."""
        async with self._database.reading(brief=True) as session:
            histories = [history async for history in co_resolutions.histories(session, now() - SPAN)]
        self._relations = await anyio.to_thread.run_sync(partial(relate, histories))

    async def related(self, history: Sequence[UUID], answer: Answer) -> tuple[Answer, ...]:
        """What goes with an answer that is about to be sent, after those that the customer was given, oldest first.

        Only what may be sent at this moment, of the answer's own collection and language. Raises
        DatabaseUnavailableError.
        """
        near = self._relations.related([*history, answer.id])[:LOOKED_UP]
        if not near:
            return ()
        async with self._database.reading(brief=True) as session:
            found = await answers.by_ids(session, [one.answer for one in near])
        known = [found[one.answer] for one in near if one.answer in found]
        return tuple(one for one in known if _may_stand_beside(one, answer))[:MOST_TOLD]

    async def _count_again(self) -> None:
        while True:
            try:
                await self.count()
            except KnowledgeError as error:
                # What was counted before goes on being told.
                _log.warning("relations_not_counted", reason=str(error))
            await anyio.sleep(EVERY_SECONDS)


def _may_stand_beside(one: Answer, answer: Answer) -> bool:
    same_language = one.language is None or answer.language is None or one.language == answer.language
    return one.servable_at(now()) and one.collection == answer.collection and same_language
