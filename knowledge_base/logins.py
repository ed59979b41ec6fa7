"""Signed-in browsers: begun, found by their cookie, listed, ended."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import audit
from knowledge_base.accounts import Account, digest, to_account
from knowledge_base.errors import AccountSuspendedError, LoginNotFoundError
from knowledge_base.tables import AccountRow, LoginRow
from knowledge_base.tables.base import now

LOGIN_LASTS = timedelta(hours=12)
# A sign of life is written at most so often: a page that asks every second must not be a write a second.
SEEN_EVERY = timedelta(minutes=1)
# So much of a login's hash names it on the pages: enough to tell logins apart, useless as a cookie.
ID_LENGTH = 16
BROWSER_LENGTH, ADDRESS_LENGTH = 200, 64


@dataclass(frozen=True, slots=True)
class Login:
    """A signed-in browser: whose it is, and the token that its forms must carry."""

    account: Account
    csrf_token: str
    expires_at: datetime
    seen_at: datetime | None = None

    @property
    def is_to_be_seen(self) -> bool:
        """Whether its last sign of life is so old that another one is written."""
        return self.seen_at is None or self.seen_at < now() - SEEN_EVERY


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser as its owner sees it, without its secrets."""

    id: str
    account_id: UUID
    begun_at: datetime
    seen_at: datetime | None
    browser: str | None
    address: str | None


async def sign_in(
    session: AsyncSession, account: Account, browser: str | None = None, address: str | None = None
) -> tuple[str, Login]:
    """Store a new login. Returns the secret for the browser's cookie, kept nowhere else, and the login.

    Raises AccountSuspendedError.
    """
    held = await session.get(AccountRow, account.id, populate_existing=True)
    if held is None or held.suspended_at is not None:
        raise AccountSuspendedError(account.name)
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    expires_at = now() + LOGIN_LASTS
    await session.execute(delete(LoginRow).where(LoginRow.expires_at < now()))
    row = LoginRow(token_hash=digest(token), account_id=account.id, csrf_token=csrf_token, expires_at=expires_at)
    row.seen_at = now()
    row.browser, row.address = (browser or "")[:BROWSER_LENGTH] or None, (address or "")[:ADDRESS_LENGTH] or None
    session.add(row)
    await session.flush()
    return token, Login(account, csrf_token, expires_at, row.seen_at)


async def find(session: AsyncSession, token: str) -> Login | None:
    """The login that a cookie's secret stands for, None when it is unknown, over, or of a suspended account."""
    query = select(LoginRow, AccountRow).join(AccountRow, AccountRow.id == LoginRow.account_id)
    row = (await session.execute(query.where(LoginRow.token_hash == digest(token)))).one_or_none()
    if row is None or row[0].expires_at < now() or row[1].suspended_at is not None:
        return None
    return Login(to_account(row[1]), row[0].csrf_token, row[0].expires_at, row[0].seen_at)


async def note_seen(session: AsyncSession, token: str) -> None:
    """Write down that a login lives."""
    await session.execute(update(LoginRow).where(LoginRow.token_hash == digest(token)).values(seen_at=now()))


async def sign_out(session: AsyncSession, token: str) -> None:
    """Forget a login."""
    await session.execute(delete(LoginRow).where(LoginRow.token_hash == digest(token)))


def id_of(token: str) -> str:
    """What names the login of a cookie's secret."""
    return digest(token)[:ID_LENGTH]


async def every(session: AsyncSession, account_id: UUID | None = None) -> list[Session]:
    """The open logins of an account, or of all, that of the latest sign of life first."""
    query = select(LoginRow).where(LoginRow.expires_at > now())
    if account_id is not None:
        query = query.where(LoginRow.account_id == account_id)
    rows = (await session.execute(query.order_by(LoginRow.seen_at.desc(), LoginRow.created_at.desc()))).scalars()
    return [_to_session(row) for row in rows]


async def end(session: AsyncSession, account: Account, login_id: str, by: str) -> None:
    """End one login of an account. Raises LoginNotFoundError."""
    ended = delete(LoginRow).where(LoginRow.account_id == account.id)
    named = ended.where(LoginRow.token_hash.startswith(login_id, autoescape=True)) if _is_id(login_id) else None
    if named is None or not (await session.execute(named.returning(LoginRow.token_hash))).all():
        raise LoginNotFoundError(login_id[:ID_LENGTH])
    await audit.record(session, by, "end session", account.name, login=login_id)


async def end_all(session: AsyncSession, account: Account, by: str, kept: str = "") -> int:
    """End all logins of an account, but for that of the secret that is `kept`. Returns how many there were."""
    ended = delete(LoginRow).where(LoginRow.account_id == account.id, LoginRow.token_hash != digest(kept))
    number = len((await session.execute(ended.returning(LoginRow.token_hash))).all())
    if number:
        await audit.record(session, by, "end sessions", account.name, sessions=number)
    return number


def _is_id(login_id: str) -> bool:
    return len(login_id) == ID_LENGTH and set(login_id) <= set("0123456789abcdef")


def _to_session(row: LoginRow) -> Session:
    return Session(row.token_hash[:ID_LENGTH], row.account_id, row.created_at, row.seen_at, row.browser, row.address)
