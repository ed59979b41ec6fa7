"""The model registry: versions of the model, which one is active, and the runs that made them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import false, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import audit, changes
from knowledge_base.changes import ChangeKind
from knowledge_base.errors import NoEarlierVersionError, VersionNotFoundError
from knowledge_base.identifiers import new_id
from knowledge_base.tables import ModelVersionRow, UpdateRunRow
from knowledge_base.tables.base import now

# A candidate was trained and never answered: it waits, is asked in the shadow of the active one, or was rejected.
ACTIVE, RETIRED, CANDIDATE, SHADOW, REJECTED = "active", "retired", "candidate", "shadow", "rejected"
DONE = "done"
LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version of the model; people call it v1, v2 and so on."""

    id: UUID
    number: int
    encoder: str
    parameters: dict[str, Any]
    metrics: dict[str, Any]
    state: str
    created_at: datetime
    promoted_at: datetime | None
    promoted_by: str | None
    parent_id: UUID | None = None
    checksum: str | None = None

    @property
    def name(self) -> str:
        """The version's name on every face."""
        return f"v{self.number}"


@dataclass(frozen=True, slots=True)
class ModelDraft:
    """A version to be stored, with what the run that fitted it had to say."""

    encoder: str
    parameters: dict[str, Any]
    metrics: dict[str, Any]
    log: str


async def active(session: AsyncSession) -> ModelVersion | None:
    """The version that answers now, None before the first."""
    query = select(ModelVersionRow).where(ModelVersionRow.state == ACTIVE)
    row = (await session.execute(query)).scalar_one_or_none()
    return None if row is None else _to_version(row)


async def every(session: AsyncSession) -> list[ModelVersion]:
    """All versions, newest first."""
    rows = (await session.execute(select(ModelVersionRow).order_by(ModelVersionRow.number.desc()))).scalars()
    return [_to_version(row) for row in rows]


async def get(session: AsyncSession, version_id: UUID) -> ModelVersion | None:
    """The version with this key, None when it is gone."""
    row = await session.get(ModelVersionRow, version_id)
    return None if row is None else _to_version(row)


async def by_name(session: AsyncSession, name: str) -> ModelVersion:
    """The version that people call by this name. Raises VersionNotFoundError."""
    number = name.removeprefix("v")
    query = select(ModelVersionRow).where(ModelVersionRow.number == int(number) if _is_number(number) else false())
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise VersionNotFoundError(name)
    return _to_version(row)


async def parent(session: AsyncSession, version: ModelVersion) -> ModelVersion | None:
    """The version that answered when this one was made, None for the first."""
    return await get(session, version.parent_id) if version.parent_id else None


async def promote(session: AsyncSession, version: ModelVersion, by: str) -> ModelVersion:
    """Let a stored version answer from now on, in every process; the one that answers already stays as it is.

    Of two who promote at once the later one's version answers.
    """
    before = await _locked_active(session)
    if before is not None and before.id == version.id:
        return _to_version(before)
    await _retire_active(session)
    row = await session.get_one(ModelVersionRow, version.id)
    row.state, row.promoted_at, row.promoted_by = ACTIVE, now(), by
    await session.flush()
    await changes.record(session, ChangeKind.MODEL, [row.id])
    was = f"v{before.number}" if before else None
    await audit.record(session, by, "promote", version.name, before=was, after=version.name)
    return _to_version(row)


async def roll_back(session: AsyncSession, by: str, only: UUID | None = None, why: str = "") -> ModelVersion:
    """Let the version answer again that did when the active one was made; `why` is kept in the audit log.

    Raises NoEarlierVersionError; also where another version than `only` is the active one by now.
    """
    before = await _locked_active(session)
    found = await session.get(ModelVersionRow, before.parent_id) if before and before.parent_id else None
    if found is None or before is None or only not in (None, before.id):
        raise NoEarlierVersionError(f"v{before.number}" if before else None)
    if why:
        states = {"before": f"v{before.number}", "after": f"v{found.number}"}
        await audit.record(session, by, "roll back", f"v{before.number}", **states, why=why)
    return await promote(session, _to_version(found), by)


async def promote_fit(session: AsyncSession, draft: ModelDraft, promoted_by: str) -> ModelVersion:
    """Store a freshly fitted version with its run and make it the active one."""
    added = await add(session, draft, CANDIDATE)
    session.add(
        UpdateRunRow(
            kind="fit",
            state=DONE,
            progress=1.0,
            log=draft.log,
            figures=draft.metrics,
            model_version_id=added.id,
            finished_at=now(),
        )
    )
    return await promote(session, added, promoted_by)


async def add(session: AsyncSession, draft: ModelDraft, state: str) -> ModelVersion:
    """Store a version that does not answer yet; its parent is the one that does now."""
    parent = await _locked_active(session)
    newest = (await session.execute(select(func.max(ModelVersionRow.number)))).scalar_one() or 0
    row = ModelVersionRow(
        id=new_id(),
        number=newest + 1,
        parent_id=parent.id if parent else None,
        encoder=draft.encoder,
        parameters=draft.parameters,
        artefact_sha256=checksum(draft.parameters),
        metrics=draft.metrics,
        state=state,
        created_at=now(),
    )
    session.add(row)
    await session.flush()
    return _to_version(row)


def checksum(parameters: Mapping[str, Any]) -> str:
    """The SHA-256 of a version's parameters, which name its trained weights by theirs."""
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


async def shadow(session: AsyncSession, version: ModelVersion) -> ModelVersion:
    """Let a version that does not answer say in the background what it would have said, in place of any other."""
    await end_shadow(session)
    row = await session.get_one(ModelVersionRow, version.id, populate_existing=True)
    if row.state != ACTIVE:
        row.state = SHADOW
        await session.flush()
        await changes.record(session, ChangeKind.MODEL, [row.id])
    return _to_version(row)


async def end_shadow(session: AsyncSession) -> None:
    """Ask nobody in the background any more."""
    cleared = update(ModelVersionRow).where(ModelVersionRow.state == SHADOW).values(state=CANDIDATE)
    await session.execute(cleared.execution_options(synchronize_session=False))


async def in_shadow(session: AsyncSession) -> ModelVersion | None:
    """The version that is asked in the background, None when none is."""
    row = (await session.execute(select(ModelVersionRow).where(ModelVersionRow.state == SHADOW))).scalars().first()
    return None if row is None else _to_version(row)


async def kept(session: AsyncSession) -> list[ModelVersion]:
    """The versions whose keys are kept: the active one, the one that roll-back goes to, the one in its shadow."""
    now_active = await active(session)
    found = [now_active, await parent(session, now_active) if now_active else None, await in_shadow(session)]
    return [version for version in found if version is not None]


async def _locked_active(session: AsyncSession) -> ModelVersionRow | None:
    """The active version, which nobody else takes away before this transaction ends."""
    # Whoever waited for a row that is not the active one any more would find none: all wait for the same.
    await changes.hold(session)
    query = select(ModelVersionRow).where(ModelVersionRow.state == ACTIVE)
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def _retire_active(session: AsyncSession) -> None:
    retired = update(ModelVersionRow).where(ModelVersionRow.state == ACTIVE).values(state=RETIRED)
    await session.execute(retired)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER


def _to_version(row: ModelVersionRow) -> ModelVersion:
    return ModelVersion(
        id=row.id,
        number=row.number,
        encoder=row.encoder,
        parameters=row.parameters,
        metrics=row.metrics,
        state=row.state,
        created_at=row.created_at,
        promoted_at=row.promoted_at,
        promoted_by=row.promoted_by,
        parent_id=row.parent_id,
        checksum=row.artefact_sha256,
    )
