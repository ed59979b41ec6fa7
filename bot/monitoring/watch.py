"""The watch: looks each minute at what is new, counts it, raises alarms; one process at a time."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import anyio
import anyio.to_thread
import structlog

from bot import holder
from bot.background import beside
from bot.monitoring import alarming, listening, mapping, summing
from bot.monitoring.alarming import Changed
from bot.monitoring.reading import TopicReader
from bot.monitoring.remembered import Remembered, hours_of
from bot.serving.active_model import Serving
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError, KnowledgeError
from knowledge_base.identifiers import new_id
from knowledge_base.watching import hours, watch
from knowledge_base.watching.hours import Hour
from weaver_core import topics
from weaver_core.encoders.encoder import Encoder

LOOK_SECONDS = 60.0
# A process that does not look for so long has given the watch up.
KEPT = timedelta(minutes=3)
# Messages that are counted at once; those of the last seconds wait, since older ones may still come.
COUNTED_AT_ONCE, SETTLED = 2000, timedelta(seconds=5)
# Where nothing is new, time alone changes what rises: it is looked at again after so long.
AGAIN = timedelta(minutes=10)
NOTHING = Changed((), ())

_log = structlog.get_logger(__name__)


class Monitor:
    """One process's part in the watch: what it remembers of the texts that it read, and of the time that it took."""

    def __init__(self, database: Database, serving: Serving, encoders: Sequence[Encoder]) -> None:
        """The encoders as they are installed. Raises HeadDamagedError."""
        self._database = database
        self._serving = serving
        self._reader = TopicReader(encoders)
        self._remembered = Remembered()
        self._spent = time.process_time()
        self._looked: datetime | None = None
        self._holder = f"{holder.this_process()}:{new_id()}"

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Look again and again, until the end; then another process may keep the watch."""
        async with beside(self._watch):
            yield
        with suppress(DatabaseUnavailableError):
            async with self._database.writing() as session:
                await watch.release(session, self._holder)

    async def look(self, moment: datetime) -> Changed | None:
        """Look at what is new at a moment; None while another process keeps the watch. Raises KnowledgeError."""
        await self._tell_time(moment)
        async with self._database.writing() as session:
            if not await watch.hold(session, self._holder, moment, moment + KEPT):
                return None
        await self.count(moment)
        new = await listening.hear(self._database, self._reader, moment)
        await mapping.draw(self._database, self._serving.encoders)
        if not new and self._looked is not None and moment - self._looked < AGAIN:
            return NOTHING
        self._looked = moment
        lately = await self._remembered.lately(self._database, self._reader, moment)
        near = topics.by_cosine(lately.vectors)
        rises = await anyio.to_thread.run_sync(partial(topics.rising, lately.heard(), near, hours_of(moment)))
        changed = await alarming.alarm(self._database, lately, rises, self._reader.space, moment)
        seen = await anyio.to_thread.run_sync(partial(summing.summed_up, lately, moment))
        async with self._database.writing() as session:
            await watch.saw(session, seen)
        return changed

    async def count(self, moment: datetime) -> int:
        """Count the bot's messages that were not counted yet, by the hour. Returns how many those were."""
        done = 0
        while True:
            async with self._database.writing() as session:
                known = await watch.counting(session)
                told = await hours.uncounted(session, known, moment - SETTLED, COUNTED_AT_ONCE)
                if not told:
                    return done
                await hours.add(session, hours.counted(told))
                await watch.counted(session, told[-1].message_id)
            done += len(told)

    async def _tell_time(self, moment: datetime) -> None:
        """Add the CPU seconds of this process since it last told them."""
        spent = time.process_time()
        async with self._database.writing() as session:
            await hours.add(session, {hours.hour_of(moment): Hour(cpu_seconds=spent - self._spent)})
        self._spent = spent

    async def _watch(self) -> None:
        while True:
            await anyio.sleep(LOOK_SECONDS)
            try:
                await self.look(datetime.now(UTC))
            except KnowledgeError as error:
                _log.warning("watch_not_kept", reason=str(error))
