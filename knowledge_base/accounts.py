"""Who may sign in, with which role; each change of it stands in the audit log."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import audit, changes, presence
from knowledge_base.errors import AccountExistsError, AccountNotFoundError, LastAdminError
from knowledge_base.tables import AccountRow, InvitationRow, LoginRow
from knowledge_base.tables.base import now

NAME_LENGTH = 128


class AccountRole(StrEnum):
    """A role; each has the rights of those before it."""

    PROGRAM = "program"
    AGENT = "agent"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    def includes(self, other: "AccountRole") -> bool:
        """Whether this role has the other's rights."""
        order = list(AccountRole)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in, or who may not for now (`suspended_at`)."""

    id: UUID
    name: str
    role: AccountRole
    password_hash: str
    created_at: datetime
    suspended_at: datetime | None = None


def digest(secret: str) -> str:
    """The hash under which a random secret is stored. Passwords are hashed slowly, by the caller."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def add(session: AsyncSession, name: str, role: AccountRole, password_hash: str, by: str) -> Account:
    """Store a new account. Raises AccountExistsError."""
    await check_free(session, name)
    row = AccountRow(name=name, role=role.value, password_hash=password_hash)
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Somebody else took the name in this very moment.
        raise AccountExistsError(name) from None
    await audit.record(session, by, "add account", name, before=None, after={"role": role.value})
    return to_account(row)


async def find(session: AsyncSession, name: str) -> Account | None:
    """The account with this name."""
    row = (await session.execute(select(AccountRow).where(AccountRow.name == name))).scalar_one_or_none()
    return None if row is None else to_account(row)


async def check_free(session: AsyncSession, name: str) -> None:
    """Raises AccountExistsError for a name that an account has, in small letters or capitals: people mix them up."""
    alike = select(AccountRow.name).where(func.lower(AccountRow.name) == name.lower()).limit(1)
    taken = (await session.execute(alike)).scalar_one_or_none() or (name if await find(session, name) else None)
    if taken is not None:
        raise AccountExistsError(taken)


async def get(session: AsyncSession, name: str) -> Account:
    """The account with this name. Raises AccountNotFoundError."""
    account = await find(session, name)
    if account is None:
        raise AccountNotFoundError(name)
    return account


async def by_id(session: AsyncSession, account_id: UUID) -> Account:
    """The account with this id. Raises AccountNotFoundError."""
    row = await session.get(AccountRow, account_id, populate_existing=True)
    if row is None:
        raise AccountNotFoundError(account_id)
    return to_account(row)


async def every(session: AsyncSession) -> list[Account]:
    """All accounts, suspended ones too, by name."""
    rows = (await session.execute(select(AccountRow).order_by(AccountRow.name))).scalars()
    return [to_account(row) for row in rows]


async def names(session: AsyncSession, role: AccountRole) -> list[str]:
    """Who has at least this role, by name; who is suspended is left out."""
    return [one.name for one in await every(session) if one.suspended_at is None and one.role.includes(role)]


async def count(session: AsyncSession) -> int:
    """How many accounts there are."""
    return (await session.execute(select(func.count()).select_from(AccountRow))).scalar_one()


async def set_password(session: AsyncSession, name: str, password_hash: str, by: str, kept: str = "") -> None:
    """Give an account another password; whoever is signed in with the old one is out. Raises AccountNotFoundError.

    `kept` is the secret of the browser in which the password was changed: it stays signed in.
    """
    account = await get(session, name)
    await session.execute(update(AccountRow).where(AccountRow.id == account.id).values(password_hash=password_hash))
    others = delete(LoginRow).where(LoginRow.account_id == account.id, LoginRow.token_hash != digest(kept))
    await session.execute(others.execution_options(synchronize_session=False))
    await audit.record(session, by, "new password", name)


async def set_role(session: AsyncSession, account_id: UUID, role: AccountRole, by: str) -> Account:
    """Give an account another role, which counts from its next request on.

    Raises AccountNotFoundError, LastAdminError.
    """
    row = await _changing(session, account_id, stays_admin=role is AccountRole.ADMIN)
    before, row.role = row.role, role.value
    await session.flush()
    if before != row.role:
        await audit.record(session, by, "role", row.name, before={"role": before}, after={"role": row.role})
    if before == AccountRole.ADMIN and role is not AccountRole.ADMIN:
        await _withdraw(session, row, by)
    return to_account(row)


async def suspend(session: AsyncSession, account_id: UUID, by: str) -> Account:
    """Let an account not sign in any more and end its sessions. Raises AccountNotFoundError, LastAdminError."""
    row = await _changing(session, account_id, stays_admin=False)
    if row.suspended_at is None:
        row.suspended_at = now()
        await session.flush()
        await session.execute(delete(LoginRow).where(LoginRow.account_id == row.id))
        await presence.leave(session, row.name)
        await audit.record(session, by, "suspend", row.name, before={"suspended": False}, after={"suspended": True})
        await _withdraw(session, row, by)
    return to_account(row)


async def restore(session: AsyncSession, account_id: UUID, by: str) -> Account:
    """Let a suspended account sign in again. Raises AccountNotFoundError."""
    row = await _changing(session, account_id, stays_admin=True)
    if row.suspended_at is not None:
        row.suspended_at = None
        await session.flush()
        await audit.record(session, by, "restore", row.name, before={"suspended": True}, after={"suspended": False})
    return to_account(row)


def to_account(row: AccountRow) -> Account:
    """The value of a row."""
    return Account(row.id, row.name, AccountRole(row.role), row.password_hash, row.created_at, row.suspended_at)


async def _changing(session: AsyncSession, account_id: UUID, *, stays_admin: bool) -> AccountRow:
    """An account's row, whose change must leave an admin. Of two admins who put each other out, one stays."""
    await changes.hold(session)
    row = await session.get(AccountRow, account_id, populate_existing=True)
    if row is None:
        raise AccountNotFoundError(account_id)
    if not stays_admin and row.role == AccountRole.ADMIN and row.suspended_at is None:
        others = select(func.count()).where(
            AccountRow.role == AccountRole.ADMIN.value, AccountRow.suspended_at.is_(None), AccountRow.id != row.id
        )
        if not (await session.execute(others)).scalar_one():
            raise LastAdminError(row.name)
    return row


async def _withdraw(session: AsyncSession, row: AccountRow, by: str) -> None:
    """Take back the links that somebody handed out who may not any more, and those that lead to a suspended account."""
    theirs = InvitationRow.created_by == row.name
    if row.suspended_at is not None:
        theirs |= InvitationRow.account_id == row.id
    open_links = (InvitationRow.used_at.is_(None), InvitationRow.expires_at > now(), theirs)
    held = (await session.execute(select(InvitationRow).where(*open_links))).scalars().all()
    for invitation in held:
        await session.delete(invitation)
        await audit.record(session, by, "withdraw invitation", invitation.name)
