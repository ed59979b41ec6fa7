"""One person forgotten, with a receipt that proves it without naming them."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import audit, erasure
from knowledge_base.identifiers import new_id
from knowledge_base.tables import ModelVersionRow, UpdateRunRow
from knowledge_base.tables.base import now

ACTION = "forget"
# The run that waits for whoever fits or trains next.
RETRAIN, SCHEDULED, RETRAINED = "retrain", "scheduled", "done"
# Why: a person is to be forgotten, or what was kept long enough is erased.
FORGOTTEN, EXPIRED = "forget", "retention"
# scrypt's cost: names are short and easily guessed, so that each guess must be slow.
COST, BLOCK, PARALLEL = 1 << 14, 8, 1
_WAITING = (UpdateRunRow.kind == RETRAIN, UpdateRunRow.state == SCHEDULED)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased, when and by whom; `customer` is the hex scrypt hash of the name under `salt` (hex)."""

    id: str
    at: datetime
    by: str
    salt: str
    customer: str
    counts: Mapping[str, int]
    model_versions: tuple[str, ...]

    @property
    def checksum(self) -> str:
        """The sha256 of the receipt's other fields, written as JSON with sorted keys and no spaces."""
        fields = {**asdict(self), "at": self.at.isoformat(), "counts": dict(self.counts)}
        return hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The receipt as one JSON document."""
        fields = {**asdict(self), "at": self.at.isoformat(), "counts": dict(self.counts)}
        return {**fields, "model_versions": list(self.model_versions), "checksum": self.checksum}


def hash_of(customer: str, salt: str) -> str:
    """What a receipt holds of a name: whoever knows the name can check that the receipt is theirs."""
    return hashlib.scrypt(customer.encode(), salt=bytes.fromhex(salt), n=COST, r=BLOCK, p=PARALLEL, dklen=32).hex()


async def forget(session: AsyncSession, customer: str, by: str) -> Receipt:
    """Erase one person and schedule the retraining of what learned from them. Of an unknown one nothing goes.

    The receipt is in the audit log too. Flushes, does not commit: all of it goes or nothing.
    """
    found = list((await session.execute(erasure.of_customer(customer))).scalars())
    erased = await erasure.erase(session, found)
    versions = await schedule_retraining(session, erased.earliest, FORGOTTEN)
    salt = secrets.token_hex(16)
    counts = {kind: number for kind, number in sorted(erased.counts.items()) if number}
    receipt = Receipt(str(new_id()), now(), by, salt, hash_of(customer, salt), counts, versions)
    await audit.record(session, by, ACTION, receipt.id, receipt=receipt.to_json())
    return receipt


async def rehearse(session: AsyncSession, customer: str, by: str) -> Receipt:
    """The receipt that `forget` would give: it is done, and rolled back."""
    tried = await session.begin_nested()
    receipt = await forget(session, customer, by)
    await tried.rollback()
    return receipt


async def schedule_retraining(session: AsyncSession, since: datetime | None, why: str) -> tuple[str, ...]:
    """Mark the model versions made since a moment for retraining, newest last. Returns their names; none for None.

    A version that waits already, for the same reason, is not marked again.
    """
    if since is None:
        return ()
    seen = select(ModelVersionRow).where(ModelVersionRow.created_at >= since).order_by(ModelVersionRow.number)
    versions = (await session.execute(seen)).scalars().all()
    names = tuple(f"v{version.number}" for version in versions)
    waiting = await _versions(session, *_WAITING, UpdateRunRow.requested_by == why)
    for version in versions:
        if version.id in waiting:
            continue
        log = f"v{version.number} saw data that is erased; the next update must not start from it."
        session.add(UpdateRunRow(kind=RETRAIN, state=SCHEDULED, log=log, model_version_id=version.id, requested_by=why))
    await session.flush()
    return names


async def awaiting_retraining(session: AsyncSession) -> frozenset[UUID]:
    """The model versions that saw data which is erased, and are not retrained yet."""
    return await _versions(session, *_WAITING)


async def saw_forgotten(session: AsyncSession) -> frozenset[UUID]:
    """The model versions that saw a person who is forgotten, whether another version has been made since or not.

    Those that saw only what was kept long enough are not among them: it was theirs to learn from.
    """
    # Marks of earlier days do not say why.
    return await _versions(session, UpdateRunRow.kind == RETRAIN, UpdateRunRow.requested_by.is_distinct_from(EXPIRED))


async def retrained(session: AsyncSession) -> None:
    """Say that what was learned from erased data is learned no more: a version without it answers."""
    waiting = update(UpdateRunRow).where(*_WAITING)
    await session.execute(waiting.values(state=RETRAINED, progress=1.0, finished_at=now()))


async def _versions(session: AsyncSession, *marked: ColumnElement[bool]) -> frozenset[UUID]:
    """The model versions of runs of which all this holds."""
    query = select(UpdateRunRow.model_version_id).where(*marked)
    return frozenset(found for found in (await session.execute(query)).scalars() if found is not None)
