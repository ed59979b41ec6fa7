"""The service's part in updates: it asks for them when they are due, and starts the processes that carry them out."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import structlog

from bot import child, holder, schedule
from bot.settings import Settings
from knowledge_base import drifts, forgetting, judgements, update_runs
from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.update_runs import UpdateRun

if TYPE_CHECKING:
    import subprocess

LOOK_SECONDS = 2.0
DUE_SECONDS = 60.0
ACTOR = "schedule"

_log = structlog.get_logger(__name__)


class Updating:
    """Watches for updates that are asked for, and carries out one at a time, in a process of its own."""

    def __init__(self, database: Database, settings: Settings) -> None:
        """Nothing is looked at outside `running`."""
        self._database, self._settings = database, settings
        self._schedule = schedule.parse(settings.update_schedule)
        self._process: subprocess.Popen[bytes] | None = None
        self._began = datetime.now(UTC)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """While open, updates are carried out. At the end one that is under way is interrupted, to be gone on with."""
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._watch)
                if self._schedule is not None:
                    group.start_soon(self._ask_when_due)
                yield
                group.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(child.interrupt, self._process)

    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
            except DatabaseUnavailableError as error:
                _log.warning("updates_not_looked_for", reason=str(error))
            await anyio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None and self._process.returncode:
            _log.warning("update_process_ended", code=self._process.returncode)
        self._process = None
        async with self._database.reading() as session:
            wanted = await update_runs.waiting(session)
            if wanted is None:
                current = await update_runs.current(session)
                wanted = current if current and holder.is_gone(current.holder) else None
        if wanted is not None:
            self._process = await anyio.to_thread.run_sync(self._start, wanted)

    async def _ask_when_due(self) -> None:
        while True:
            await anyio.sleep(DUE_SECONDS)
            try:
                if await self.is_due(datetime.now(UTC)):
                    async with self._database.writing() as session:
                        await update_runs.request(session, ACTOR)
            except DatabaseUnavailableError as error:
                _log.warning("schedule_not_looked_at", reason=str(error))

    async def is_due(self, moment: datetime) -> bool:
        """Whether the schedule wants an update at a moment. What was learned from erased data is always unlearned."""
        if self._schedule is None:
            return False
        async with self._database.reading() as session:
            drifting = await drifts.current(session) is not None
            runs = await update_runs.latest(session, 1)
            new = await judgements.count_since(session, await judgements.last_learned(session))
            waiting = await forgetting.awaiting_retraining(session)
        since = max(self._began, runs[0].started_at) if runs else self._began
        planned = self._schedule.hastened if drifting else self._schedule
        return planned.is_due(since, moment, max(new, planned.judgements if waiting else 0))

    def _start(self, run: UpdateRun) -> "subprocess.Popen[bytes]":
        _log.info("update_started", run=str(run.id), by=run.requested_by)
        shadow = ["--shadow"] if self._settings.update_shadow else []
        return child.start(self._settings, ["update", "--run", str(run.id), *shadow])
