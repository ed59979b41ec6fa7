"""The service's part in imports: it starts the processes that look at uploaded files and import them."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import UUID

import anyio
import anyio.to_thread
import structlog

from bot import child, holder
from bot.background import beside
from bot.imports import uploads
from bot.settings import Settings
from knowledge_base import import_runs
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.import_runs import ImportLostError, ImportRun

if TYPE_CHECKING:
    import subprocess

LOOK_SECONDS = 0.5
EXPIRE_SECONDS = 3600.0
# A process that is ended so often by something else than itself will not have an outcome.
MOST_ATTEMPTS = 3
GAVE_UP = "Weaver failed at this file three times; its log says why. What was stored until then stays."

_log = structlog.get_logger(__name__)


class Importing:
    """Watches for files to look at or to import, and carries out one at a time, in a process of its own."""

    def __init__(self, database: Database, settings: Settings) -> None:
        """Nothing is looked at outside `running`."""
        self._database, self._settings = database, settings
        self._process: subprocess.Popen[bytes] | None = None
        self._attempts = Counter[UUID]()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While open, imports are carried out. At the end one that is under way is interrupted, to be gone on with."""
        try:
            async with beside(self._watch), beside(self._expire):
                yield
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(child.interrupt, self._process)

    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
            except DatabaseUnavailableError as error:
                _log.warning("imports_not_looked_for", reason=str(error))
            await anyio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            if code == 0:
                self._attempts.clear()
        self._process = None
        async with self._database.reading() as session:
            unfinished = await import_runs.unfinished(session)
        wanted = next((run for run in unfinished if _is_free(run)), None)
        if wanted is None:
            return
        self._attempts[wanted.id] += 1
        if self._attempts[wanted.id] > MOST_ATTEMPTS:
            await self._give_up(wanted)
            return
        arguments = ["import-run", str(wanted.id)]
        _log.info("import_process_started", run=str(wanted.id), state=wanted.state)
        self._process = await anyio.to_thread.run_sync(child.start, self._settings, arguments)

    async def _give_up(self, run: ImportRun) -> None:
        try:
            async with self._database.writing() as session:
                mine = await import_runs.claim(session, run.id, holder.this_process(), run.holder)
                await import_runs.fail(session, mine, GAVE_UP, {})
        except ImportLostError:
            return
        await anyio.to_thread.run_sync(uploads.drop, self._settings.home, run.id)

    async def _expire(self) -> None:
        while True:
            gone: Sequence[UUID] = ()
            try:
                async with self._database.writing() as session:
                    gone = await import_runs.expire(session)
            except DatabaseUnavailableError as error:
                _log.warning("uploads_not_expired", reason=str(error))
            for import_id in gone:
                await anyio.to_thread.run_sync(uploads.drop, self._settings.home, import_id)
            await anyio.sleep(EXPIRE_SECONDS)


def _is_free(run: ImportRun) -> bool:
    """Whether no process works on it."""
    return run.state in import_runs.WANTED or run.is_silent or holder.is_gone(run.holder)
