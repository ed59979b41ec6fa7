"""Programs' keys: made, shown once, found by their secret, listed with their last use, revoked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import audit
from knowledge_base.accounts import AccountRole, digest
from knowledge_base.errors import ApiKeyNotFoundError, KeyExistsError
from knowledge_base.tables import ApiKeyRow
from knowledge_base.tables.base import now

KEY_PREFIX = "wv_"
# A use is written down at most so often: a program that asks fifty times a second must not be fifty writes.
USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key, without the key."""

    id: UUID
    name: str
    role: AccountRole
    created_at: datetime
    created_by: str | None
    used_at: datetime | None

    @property
    def is_to_be_noted(self) -> bool:
        """Whether its last use that was written down is so long ago that another one is."""
        return self.used_at is None or self.used_at < now() - USED_EVERY


async def add(session: AsyncSession, name: str, role: AccountRole, by: str) -> str:
    """Make a program's key. Returns the key, kept nowhere else. Raises KeyExistsError."""
    if (await session.execute(select(ApiKeyRow.id).where(ApiKeyRow.name == name))).scalar_one_or_none():
        raise KeyExistsError(name)
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    try:
        async with session.begin_nested():
            session.add(ApiKeyRow(name=name, role=role.value, key_hash=digest(key), created_by=by))
    except IntegrityError:
        # Somebody else took the name in this very moment.
        raise KeyExistsError(name) from None
    await audit.record(session, by, "add key", name, before=None, after={"role": role.value})
    return key


async def find(session: AsyncSession, secret: str) -> ApiKey | None:
    """The key with this secret, None when it is unknown or revoked."""
    row = (await session.execute(select(ApiKeyRow).where(ApiKeyRow.key_hash == digest(secret)))).scalar_one_or_none()
    return None if row is None else _to_key(row)


async def by_name(session: AsyncSession, name: str) -> ApiKey:
    """The key with this name. Raises ApiKeyNotFoundError."""
    row = (await session.execute(select(ApiKeyRow).where(ApiKeyRow.name == name))).scalar_one_or_none()
    if row is None:
        raise ApiKeyNotFoundError(name)
    return _to_key(row)


async def every(session: AsyncSession) -> list[ApiKey]:
    """All keys, by name."""
    rows = (await session.execute(select(ApiKeyRow).order_by(ApiKeyRow.name))).scalars()
    return [_to_key(row) for row in rows]


async def note_used(session: AsyncSession, key: ApiKey) -> None:
    """Write down that a key was used just now."""
    await session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key.id).values(used_at=now()))


async def revoke(session: AsyncSession, key_id: UUID, by: str) -> ApiKey:
    """Let a key open nothing any more, from the next request on. Raises ApiKeyNotFoundError."""
    row = await session.get(ApiKeyRow, key_id, with_for_update=True)
    if row is None:
        raise ApiKeyNotFoundError(key_id)
    revoked = _to_key(row)
    await session.delete(row)
    await session.flush()
    await audit.record(session, by, "revoke key", row.name, before={"role": row.role}, after=None)
    return revoked


def _to_key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(row.id, row.name, AccountRole(row.role), row.created_at, row.created_by, row.used_at)
