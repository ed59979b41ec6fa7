"""The model registry: versions of the model, which one is active, and the runs that made them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import changes
from knowledge_base.changes import ChangeKind
from knowledge_base.identifiers import new_id
from knowledge_base.tables import ModelVersionRow, UpdateRunRow
from knowledge_base.tables.base import now

ACTIVE, RETIRED = "active", "retired"


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


async def promote_fit(session: AsyncSession, draft: ModelDraft, promoted_by: str) -> ModelVersion:
    """Store a freshly fitted version with its run and make it the active one."""
    parent = await active(session)
    newest = (await session.execute(select(func.max(ModelVersionRow.number)))).scalar_one() or 0
    await session.execute(update(ModelVersionRow).where(ModelVersionRow.state == ACTIVE).values(state=RETIRED))
    row = ModelVersionRow(
        id=new_id(),
        number=newest + 1,
        parent_id=parent.id if parent else None,
        encoder=draft.encoder,
        parameters=draft.parameters,
        metrics=draft.metrics,
        state=ACTIVE,
        created_at=(moment := now()),
        promoted_at=moment,
        promoted_by=promoted_by,
    )
    session.add(row)
    await session.flush()
    session.add(
        UpdateRunRow(
            kind="fit",
            state="done",
            progress=1.0,
            log=draft.log,
            figures=draft.metrics,
            model_version_id=row.id,
            finished_at=now(),
        )
    )
    await changes.record(session, ChangeKind.MODEL, [row.id])
    return _to_version(row)


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
    )
