"""How many lines go into one transaction, so that none holds the database for long."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import perf_counter

import anyio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.database import Database

# Less than half of what a chat may have to wait (50 ms); the commit itself and a slow moment need some of the rest.
TARGET_SECONDS = 0.02
# SQLite lets writers try again at intervals, not in turn: without a gap a chat could wait through many transactions.
GAP_SECONDS = 0.01
LARGEST = 256


class Pace:
    """Learns from each transaction how large the next may be."""

    def __init__(self, size: int = 8) -> None:
        """The first transaction takes so many lines."""
        self.size = size
        self.longest_seconds = 0.0

    @asynccontextmanager
    async def writing(self, database: Database, lines: int) -> AsyncGenerator[AsyncSession]:
        """A transaction over so many lines, timed from the moment at which the database is ours."""
        async with database.writing() as session:
            await session.execute(select(1))
            began = perf_counter()
            yield session
            self._learn(perf_counter() - began, lines)
        await anyio.sleep(GAP_SECONDS if database.is_sqlite else 0)

    def _learn(self, seconds: float, lines: int) -> None:
        self.longest_seconds = max(self.longest_seconds, seconds)
        fitting = int(lines * TARGET_SECONDS / max(seconds, 1e-4))
        self.size = max(1, min(fitting, 2 * self.size, LARGEST))
