"""Links by which people choose their password: a new account, or a new password for one. They work once, for a time."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import accounts, audit
from knowledge_base.accounts import Account, AccountRole, digest
from knowledge_base.errors import (
    AccountSuspendedError,
    InvitationExpiredError,
    InvitationNotFoundError,
    InvitationUsedError,
)
from knowledge_base.tables import InvitationRow
from knowledge_base.tables.base import now

# So long a link that was used or is over is told from one that never was.
REMEMBERED = timedelta(days=90)
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
USUAL = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that was handed out, without its token. `account_id` is set where it is a new password for an account."""

    id: UUID
    name: str
    role: AccountRole
    account_id: UUID | None
    created_by: str
    created_at: datetime
    expires_at: datetime


async def invite(
    session: AsyncSession, name: str, role: AccountRole, by: str, lasts: timedelta = USUAL
) -> tuple[str, Invitation]:
    """Invite a person, in place of an earlier invitation of that name.

    Returns the token for the link, kept nowhere else, and the invitation. Raises AccountExistsError.
    """
    await accounts.check_free(session, name)
    unused = (InvitationRow.name == name, InvitationRow.account_id.is_(None), InvitationRow.used_at.is_(None))
    await session.execute(delete(InvitationRow).where(*unused).execution_options(synchronize_session=False))
    return await _make(session, InvitationRow(name=name, role=role.value), by, lasts, "invite")


async def new_password(
    session: AsyncSession, account: Account, by: str, lasts: timedelta = USUAL
) -> tuple[str, Invitation]:
    """A link by which an account's owner chooses a new password; the old one works until then.

    Returns the token for the link, kept nowhere else, and the invitation. Raises AccountSuspendedError.
    """
    if account.suspended_at is not None:
        raise AccountSuspendedError(account.name)
    unused = (InvitationRow.account_id == account.id, InvitationRow.used_at.is_(None))
    await session.execute(delete(InvitationRow).where(*unused).execution_options(synchronize_session=False))
    row = InvitationRow(name=account.name, role=account.role.value, account_id=account.id)
    return await _make(session, row, by, lasts, "new password link")


async def find(session: AsyncSession, token: str) -> Invitation:
    """The invitation of a link.

    Raises InvitationNotFoundError, InvitationUsedError, InvitationExpiredError.
    """
    return _to_invitation(await _usable(session, token))


async def accept(session: AsyncSession, token: str, password_hash: str) -> Account:
    """Use a link up: make the account, or give it the new password, which ends its sessions.

    Raises InvitationNotFoundError, InvitationUsedError, InvitationExpiredError, AccountExistsError.
    """
    row = await _usable(session, token)
    row.used_at = now()
    await session.flush()
    if row.account_id is not None:
        account = await accounts.by_id(session, row.account_id)
        await accounts.set_password(session, account.name, password_hash, account.name)
        return account
    return await accounts.add(session, row.name, AccountRole(row.role), password_hash, row.name)


async def every(session: AsyncSession) -> list[Invitation]:
    """The links that still work, newest first."""
    query = select(InvitationRow).where(InvitationRow.used_at.is_(None), InvitationRow.expires_at > now())
    rows = (await session.execute(query.order_by(InvitationRow.id.desc()))).scalars()
    return [_to_invitation(row) for row in rows]


async def withdraw(session: AsyncSession, invitation_id: UUID, by: str) -> None:
    """Let a link work no more. Raises InvitationNotFoundError."""
    row = await session.get(InvitationRow, invitation_id, with_for_update=True)
    if row is None or row.used_at is not None:
        raise InvitationNotFoundError(invitation_id)
    await session.delete(row)
    await session.flush()
    await audit.record(session, by, "withdraw invitation", row.name)


async def _make(
    session: AsyncSession, row: InvitationRow, by: str, lasts: timedelta, action: str
) -> tuple[str, Invitation]:
    token = secrets.token_urlsafe(32)
    await session.execute(delete(InvitationRow).where(InvitationRow.expires_at < now() - REMEMBERED))
    row.token_hash, row.created_by, row.expires_at = digest(token), by, now() + min(max(lasts, SHORTEST), LONGEST)
    session.add(row)
    await session.flush()
    after = {"role": row.role, "expires": row.expires_at.isoformat(timespec="minutes")}
    await audit.record(session, by, action, row.name, before=None, after=after)
    return token, _to_invitation(row)


async def _usable(session: AsyncSession, token: str) -> InvitationRow:
    # Locked: of two who use a link at once the second finds it used.
    query = select(InvitationRow).where(InvitationRow.token_hash == digest(token)).with_for_update()
    row = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise InvitationNotFoundError
    if row.used_at is not None:
        raise InvitationUsedError
    if row.expires_at < now():
        raise InvitationExpiredError
    return row


def _to_invitation(row: InvitationRow) -> Invitation:
    return Invitation(
        row.id, row.name, AccountRole(row.role), row.account_id, row.created_by, row.created_at, row.expires_at
    )
