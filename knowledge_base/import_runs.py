"""Uploaded files on their way into the memory: looked at first, imported when a person says so, by one process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import audit
from knowledge_base.errors import KnowledgeError, NotFoundError
from knowledge_base.tables import ImportRunRow
from knowledge_base.tables.base import now

# A run whose process has not been heard of for so long may be taken over by another.
SILENT = timedelta(minutes=3)
# Uploads hold customers' words as they were written: few of them wait, and not for long.
MOST_WAITING = 20
KEPT_WAITING = timedelta(days=1)


class ImportNotFoundError(NotFoundError):
    """No import has this id."""

    noun = "import"


class ImportStateError(KnowledgeError):
    """An import that is past what is asked of it."""

    def __init__(self, state: str) -> None:
        super().__init__(f"This import is {state}; nothing was changed.")


class ImportLostError(KnowledgeError):
    """An import that is not this process's any more."""

    def __init__(self, import_id: object) -> None:
        super().__init__(f"The import {import_id} was stopped or discarded, or another process works on it.")


class TooManyImportsError(KnowledgeError):
    """More uploaded files wait than are kept."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} uploaded files wait already; import or discard some of them first.")


class ImportState(StrEnum):
    """How far a file is. `READY`: looked at, and waits for a person's word. `STOPPED`: part of it is in the memory."""

    RECEIVED = "received"
    CHECKING = "checking"
    READY = "ready"
    QUEUED = "queued"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


WORKED_ON = (ImportState.CHECKING, ImportState.RUNNING)
WAITING = (ImportState.READY, ImportState.STOPPED)
WANTED = {ImportState.RECEIVED: ImportState.CHECKING, ImportState.QUEUED: ImportState.RUNNING}
OVER = (ImportState.DONE, ImportState.FAILED, ImportState.DISCARDED)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was received, with how it is to be imported."""

    id: UUID
    name: str
    size: int
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One file. `progress` is in [0, 1]; `found` is what its check saw, `result` what its import did."""

    id: UUID
    name: str
    size: int
    options: dict[str, Any]
    state: ImportState
    stage: str | None
    progress: float
    found: dict[str, Any]
    result: dict[str, Any]
    problem: str | None
    requested_by: str
    created_at: datetime
    finished_at: datetime | None
    holder: str | None
    heartbeat_at: datetime | None

    @property
    def under_way(self) -> bool:
        """Whether it goes on without anybody's word."""
        return self.state in WORKED_ON or self.state in WANTED

    @property
    def is_silent(self) -> bool:
        """Whether the process that works on it has not been heard of for too long."""
        return self.heartbeat_at is None or self.heartbeat_at < now() - SILENT


async def receive(session: AsyncSession, upload: Upload, by: str) -> ImportRun:
    """Note a file that was received. Raises TooManyImportsError."""
    over = [state.value for state in OVER]
    waiting = select(func.count()).select_from(ImportRunRow).where(ImportRunRow.state.not_in(over))
    if (await session.execute(waiting)).scalar_one() >= MOST_WAITING:
        raise TooManyImportsError(MOST_WAITING)
    row = ImportRunRow(
        id=upload.id,
        name=upload.name,
        size=upload.size,
        options=dict(upload.options),
        state=ImportState.RECEIVED.value,
        requested_by=by,
        created_at=now(),
    )
    session.add(row)
    await session.flush()
    return await get(session, row.id)


async def start(session: AsyncSession, import_id: UUID, by: str) -> ImportRun:
    """Let a file that was looked at be imported, or go on with one that was stopped.

    Raises ImportNotFoundError, ImportStateError.
    """
    row = await _row(session, import_id)
    if row.state not in WAITING:
        raise ImportStateError(row.state)
    row.state, row.progress, row.requested_by = ImportState.QUEUED.value, 0.0, by
    await session.flush()
    await audit.record(session, by, "import", str(import_id), name=row.name, size=row.size, **row.options)
    return _to_run(row)


async def stop(session: AsyncSession, import_id: UUID, by: str) -> ImportRun:
    """End an import before its end; its process notices at its next sign of life. What is stored by then stays.

    Raises ImportNotFoundError, ImportStateError.
    """
    row = await _row(session, import_id)
    if row.state not in (ImportState.QUEUED, ImportState.RUNNING):
        raise ImportStateError(row.state)
    row.state, row.holder = ImportState.STOPPED.value, None
    await session.flush()
    await audit.record(session, by, "stop import", str(import_id), name=row.name, progress=round(row.progress, 3))
    return _to_run(row)


async def discard(session: AsyncSession, import_id: UUID) -> ImportRun:
    """Drop a file that is not being imported. Raises ImportNotFoundError, ImportStateError."""
    row = await _row(session, import_id)
    if row.state == ImportState.RUNNING.value or row.state in OVER:
        raise ImportStateError(row.state)
    row.state, row.finished_at, row.holder = ImportState.DISCARDED.value, now(), None
    await session.flush()
    return _to_run(row)


async def claim(session: AsyncSession, import_id: UUID, holder: str, gone: str | None = None) -> ImportRun:
    """Make a file this process's: one that waits for one, or one whose process is `gone` or silent.

    Raises ImportLostError.
    """
    row = await _row(session, import_id)
    run = _to_run(row)
    free = run.state in WANTED or (run.state in WORKED_ON and (run.is_silent or run.holder in (holder, gone)))
    if not free:
        raise ImportLostError(import_id)
    row.state = WANTED.get(run.state, run.state).value
    row.holder, row.heartbeat_at = holder, now()
    await session.flush()
    return _to_run(row)


async def report(session: AsyncSession, run: ImportRun, stage: str, progress: float) -> None:
    """Say that the import lives and how far it is. Raises ImportLostError."""
    row = await _own(session, run)
    row.stage, row.progress, row.heartbeat_at = stage, progress, now()
    await session.flush()


async def checked(session: AsyncSession, run: ImportRun, found: Mapping[str, Any]) -> None:
    """Say what a file holds: it waits for a person's word. Raises ImportLostError."""
    row = await _own(session, run)
    row.state, row.found, row.progress, row.holder = ImportState.READY.value, dict(found), 1.0, None
    await session.flush()


async def finish(session: AsyncSession, run: ImportRun, result: Mapping[str, Any]) -> None:
    """Say what an import did. Raises ImportLostError."""
    await _close(session, run, ImportState.DONE, dict(result), None)


async def fail(session: AsyncSession, run: ImportRun, problem: str, result: Mapping[str, Any]) -> None:
    """Say why a file was not imported. Raises ImportLostError."""
    await _close(session, run, ImportState.FAILED, dict(result), problem)


async def get(session: AsyncSession, import_id: UUID) -> ImportRun:
    """One file. Raises ImportNotFoundError."""
    row = await session.get(ImportRunRow, import_id, populate_existing=True)
    if row is None:
        raise ImportNotFoundError(import_id)
    return _to_run(row)


async def latest(session: AsyncSession, limit: int = 20) -> list[ImportRun]:
    """The newest files, newest first; what was discarded is of no interest."""
    query = select(ImportRunRow).where(ImportRunRow.state != ImportState.DISCARDED.value)
    rows = (await session.execute(query.order_by(ImportRunRow.id.desc()).limit(limit))).scalars()
    return [_to_run(row) for row in rows]


async def unfinished(session: AsyncSession) -> list[ImportRun]:
    """The files that a process works on or is wanted for, oldest first."""
    states = [state.value for state in (*WORKED_ON, *WANTED)]
    query = select(ImportRunRow).where(ImportRunRow.state.in_(states)).order_by(ImportRunRow.id)
    return [_to_run(row) for row in (await session.execute(query)).scalars()]


async def expire(session: AsyncSession) -> Sequence[UUID]:
    """Drop the files that have waited for a person's word for too long. Returns those that went."""
    late = ImportRunRow.state.in_([state.value for state in (*WAITING, ImportState.RECEIVED)])
    gone = (
        update(ImportRunRow)
        .where(late, ImportRunRow.created_at < now() - KEPT_WAITING)
        .values(state=ImportState.DISCARDED.value, finished_at=now())
        .returning(ImportRunRow.id)
    )
    return list((await session.execute(gone.execution_options(synchronize_session=False))).scalars())


async def _close(
    session: AsyncSession, run: ImportRun, state: ImportState, result: dict[str, Any], problem: str | None
) -> None:
    row = await _own(session, run)
    row.state, row.result, row.problem, row.progress = state.value, result, problem, 1.0
    row.finished_at, row.holder = now(), None
    await session.flush()


async def _row(session: AsyncSession, import_id: UUID) -> ImportRunRow:
    row = await session.get(ImportRunRow, import_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ImportNotFoundError(import_id)
    return row


async def _own(session: AsyncSession, run: ImportRun) -> ImportRunRow:
    row = await _row(session, run.id)
    if row.state != run.state.value or row.holder != run.holder:
        raise ImportLostError(run.id)
    return row


def _to_run(row: ImportRunRow) -> ImportRun:
    return ImportRun(
        id=row.id,
        name=row.name,
        size=row.size,
        options=row.options,
        state=ImportState(row.state),
        stage=row.stage,
        progress=row.progress,
        found=row.found,
        result=row.result,
        problem=row.problem,
        requested_by=row.requested_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
        holder=row.holder,
        heartbeat_at=row.heartbeat_at,
    )
