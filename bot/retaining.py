"""Old dialogues erased by the service itself: when it starts, and every day."""

from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime

import anyio
import structlog

from bot.background import beside
from bot.settings import Settings
from knowledge_base import retention
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.retention import Retention

DAY_SECONDS = 86_400.0
RETRY_SECONDS = 600.0
ACTOR = "service"

_log = structlog.get_logger(__name__)


def retention_of(settings: Settings) -> Retention:
    """How long the settings keep dialogues."""
    return Retention(settings.retention_days, settings.retention_by_collection)


def retaining(database: Database, kept: Retention) -> AbstractAsyncContextManager[None]:
    """Erase what is kept no longer, now and every day, until the end. Does nothing where all is kept for ever."""
    return beside(_every_day, database, kept) if kept.is_limited else nullcontext()


async def _every_day(database: Database, kept: Retention) -> None:
    while True:
        try:
            counts = await retention.retain(database, kept, datetime.now(UTC), ACTOR)
        except DatabaseUnavailableError as error:
            # What is left waits for the next look: each step is a transaction of its own.
            _log.warning("retention_interrupted", reason=str(error))
            await anyio.sleep(RETRY_SECONDS)
            continue
        if counts:
            _log.info("dialogues_erased", **counts)
        await anyio.sleep(DAY_SECONDS)
