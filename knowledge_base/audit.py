"""The audit log: who changed what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.tables import AuditRow


@dataclass(frozen=True, slots=True)
class Entry:
    """One change that somebody made."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]


async def record(session: AsyncSession, actor: str, action: str, subject: str, **details: Any) -> None:  # noqa: ANN401
    """Write down a change, in the transaction that makes it."""
    session.add(AuditRow(actor=actor, action=action, subject=subject, details=details))
    await session.flush()


async def newest(session: AsyncSession, limit: int = 100) -> list[Entry]:
    """The last changes, newest first."""
    rows = (await session.execute(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit))).scalars()
    return [Entry(row.at, row.actor, row.action, row.subject, row.details) for row in rows]


async def of_subject(session: AsyncSession, subject: str, limit: int = 100) -> list[Entry]:
    """What was done with one thing, newest first."""
    query = select(AuditRow).where(AuditRow.subject == subject).order_by(AuditRow.id.desc()).limit(limit)
    rows = (await session.execute(query)).scalars()
    return [Entry(row.at, row.actor, row.action, row.subject, row.details) for row in rows]
