"""Customers who go away from suggestions without a word, noticed while the service runs."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import anyio
import structlog

from bot.background import beside
from bot.turns import hearing
from knowledge_base import left_conversations
from knowledge_base.database import Database
from knowledge_base.errors import KnowledgeError
from knowledge_base.tables.base import now

LOOK_SECONDS = 300.0
# Who has said nothing for so long does not come back to what was offered; older conversations were looked at before.
GONE_AFTER, LOOKED_AT = timedelta(minutes=30), timedelta(days=1)

_log = structlog.get_logger(__name__)


def noticing_leaving(database: Database) -> AbstractAsyncContextManager[None]:
    """Look again and again, until the end."""
    return beside(_notice, database)


async def look(database: Database, moment: datetime) -> int:
    """Keep of each conversation that ended with suggestions that they were abandoned. Returns how many were new."""
    async with database.reading() as session:
        left = await left_conversations.at_suggestions(session, moment - LOOKED_AT, moment - GONE_AFTER)
    for message in left:
        async with database.writing() as session:
            await hearing.hear_leaving(session, message.conversation_id, message.seq + 1)
    return len(left)


async def _notice(database: Database) -> None:
    while True:
        try:
            await look(database, now())
        except KnowledgeError as error:
            _log.warning("leaving_not_noticed", reason=str(error))
        await anyio.sleep(LOOK_SECONDS)
