"""Update runs: asked for, worked on by one process at a time, ended; each says how far it is and what came out."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.errors import RunLostError, RunNotFoundError, RunUnderWayError
from knowledge_base.identifiers import new_id
from knowledge_base.tables import UpdateRunRow
from knowledge_base.tables.base import now

# The kind of run that learns from judgements; an import's own fit is another.
UPDATE = "update"
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
# A run whose process has not been heard of for so long may be taken over by another.
SILENT = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class UpdateRun:
    """One run. `progress` is in [0, 1]; `figures` is what came out, the gate's report in it."""

    id: UUID
    state: str
    stage: str | None
    progress: float
    log: str
    figures: dict[str, Any]
    requested_by: str | None
    holder: str | None
    model_version_id: UUID | None
    started_at: datetime
    heartbeat_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended: its state, its last words, what came out, and the version that it made (None: none)."""

    state: str
    said: str
    figures: dict[str, Any]
    model_version_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sign:
    """A run's sign of life: its stage, how far the whole is, what there is to say, and what is measured so far."""

    stage: str
    progress: float
    said: str = ""
    figures: dict[str, Any] = field(default_factory=dict[str, Any])


async def request(session: AsyncSession, by: str) -> UpdateRun:
    """Ask for a run. One that waits already, or is under way, is the one that was asked for."""
    waiting = select(UpdateRunRow).where(UpdateRunRow.kind == UPDATE, UpdateRunRow.state.in_((QUEUED, RUNNING)))
    row = (await session.execute(waiting.order_by(UpdateRunRow.id).limit(1))).scalar_one_or_none()
    if row is None:
        row = UpdateRunRow(id=new_id(), kind=UPDATE, state=QUEUED, progress=0.0, log="", figures={}, requested_by=by)
        row.started_at = now()
        session.add(row)
        await session.flush()
    return _to_run(row)


async def claim(session: AsyncSession, run_id: UUID, holder: str, gone: str | None = None) -> UpdateRun:
    """Make a run this process's: one that waits, or one whose process is `gone` or was silent for three minutes.

    Raises RunUnderWayError when another process works on it or on another one, RunNotFoundError.
    """
    under_way = await current(session)
    if under_way is not None and (under_way.id != run_id or not _is_free(under_way, holder, gone)):
        raise RunUnderWayError(under_way.holder)
    free = (
        UpdateRunRow.state == QUEUED,
        UpdateRunRow.heartbeat_at < now() - SILENT,
        UpdateRunRow.holder.in_((holder, gone or holder)),
    )
    claimed = (
        update(UpdateRunRow)
        .where(UpdateRunRow.id == run_id, UpdateRunRow.state.in_((QUEUED, RUNNING)), or_(*free))
        .values(state=RUNNING, holder=holder, heartbeat_at=now())
        .returning(UpdateRunRow.id)
    )
    try:
        async with session.begin_nested():
            found = (await session.execute(claimed)).scalar_one_or_none()
    except IntegrityError as error:
        raise RunUnderWayError(None) from error
    if found is None:
        held = await get(session, run_id)
        raise RunUnderWayError(held.holder) if held.state in (QUEUED, RUNNING) else RunNotFoundError(run_id)
    return await get(session, run_id)


async def release(session: AsyncSession, run: UpdateRun) -> None:
    """Let another process go on with the run. Raises RunLostError."""
    row = await _own(session, run)
    row.state, row.holder, row.heartbeat_at = QUEUED, None, None
    await session.flush()


async def report(session: AsyncSession, run: UpdateRun, sign: Sign) -> None:
    """Say that the run lives, how far it is, and what there is to say. Raises RunLostError."""
    row = await _own(session, run)
    row.stage, row.progress, row.heartbeat_at = sign.stage, sign.progress, now()
    if sign.said:
        row.log = f"{row.log}{sign.said}\n"
    if sign.figures:
        row.figures = {**row.figures, **sign.figures}
    await session.flush()


async def end(session: AsyncSession, run: UpdateRun, ending: Ending) -> None:
    """Close a run. Raises RunLostError."""
    row = await _own(session, run)
    row.state, row.progress, row.figures, row.finished_at = ending.state, 1.0, ending.figures, now()
    row.model_version_id, row.log = ending.model_version_id, f"{row.log}{ending.said}\n"
    await session.flush()


async def cancel(session: AsyncSession, run_id: UUID, by: str) -> UpdateRun:
    """End a run that nobody needs any more; its process notices at its next report. Raises RunNotFoundError."""
    row = await session.get(UpdateRunRow, run_id, with_for_update=True)
    if row is None or row.kind != UPDATE:
        raise RunNotFoundError(run_id)
    if row.state in (QUEUED, RUNNING):
        row.state, row.finished_at, row.log = CANCELLED, now(), f"{row.log}Cancelled by {by}.\n"
        await session.flush()
    return _to_run(row)


async def get(session: AsyncSession, run_id: UUID) -> UpdateRun:
    """One run. Raises RunNotFoundError."""
    row = await session.get(UpdateRunRow, run_id, populate_existing=True)
    if row is None:
        raise RunNotFoundError(run_id)
    return _to_run(row)


async def current(session: AsyncSession) -> UpdateRun | None:
    """The run that is under way, None when none is."""
    query = select(UpdateRunRow).where(UpdateRunRow.kind == UPDATE, UpdateRunRow.state == RUNNING)
    row = (await session.execute(query)).scalar_one_or_none()
    return None if row is None else _to_run(row)


async def waiting(session: AsyncSession) -> UpdateRun | None:
    """The run that a process is wanted for: one whose process is gone, else the oldest that was asked for."""
    running = await current(session)
    if running is not None:
        return running if is_silent(running) else None
    query = select(UpdateRunRow).where(UpdateRunRow.kind == UPDATE, UpdateRunRow.state == QUEUED)
    row = (await session.execute(query.order_by(UpdateRunRow.id).limit(1))).scalar_one_or_none()
    return None if row is None else _to_run(row)


async def latest(session: AsyncSession, limit: int = 20) -> list[UpdateRun]:
    """The newest runs, newest first."""
    query = select(UpdateRunRow).where(UpdateRunRow.kind == UPDATE).order_by(UpdateRunRow.id.desc()).limit(limit)
    return [_to_run(row) for row in (await session.execute(query)).scalars()]


async def of_versions(session: AsyncSession, version_ids: Collection[UUID]) -> dict[UUID, UpdateRun]:
    """The run that made each of these versions, fits of imports too."""
    query = select(UpdateRunRow).where(UpdateRunRow.model_version_id.in_(version_ids), UpdateRunRow.state == DONE)
    rows = (await session.execute(query.order_by(UpdateRunRow.id.desc()))).scalars()
    # A later run can be about a version as well: the first one made it.
    return {row.model_version_id: _to_run(row) for row in rows if row.model_version_id is not None}


def is_silent(run: UpdateRun) -> bool:
    """Whether the process that works on a run has not been heard of for too long."""
    return run.heartbeat_at is None or run.heartbeat_at < now() - SILENT


def _is_free(run: UpdateRun, holder: str, gone: str | None) -> bool:
    return is_silent(run) or run.holder in (holder, gone)


async def _own(session: AsyncSession, run: UpdateRun) -> UpdateRunRow:
    row = await session.get(UpdateRunRow, run.id, with_for_update=True, populate_existing=True)
    if row is None or row.state != RUNNING or row.holder != run.holder:
        raise RunLostError(run.id)
    return row


def _to_run(row: UpdateRunRow) -> UpdateRun:
    return UpdateRun(
        id=row.id,
        state=row.state,
        stage=row.stage,
        progress=row.progress,
        log=row.log,
        figures=row.figures,
        requested_by=row.requested_by,
        holder=row.holder,
        model_version_id=row.model_version_id,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        finished_at=row.finished_at,
    )
