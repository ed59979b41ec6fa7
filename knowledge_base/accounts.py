"""Who may sign in, with which role: people, their logins, and programs' keys."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.errors import AccountExistsError, AccountNotFoundError, KeyExistsError
from knowledge_base.tables import AccountRow, ApiKeyRow, LoginRow
from knowledge_base.tables.base import now

KEY_PREFIX = "wv_"
LOGIN_LASTS = timedelta(hours=12)


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
    """A person who may sign in."""

    id: UUID
    name: str
    role: AccountRole
    password_hash: str


@dataclass(frozen=True, slots=True)
class Login:
    """A signed-in browser: whose it is, and the token that its forms must carry."""

    account: Account
    csrf_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key, without the key."""

    id: UUID
    name: str
    role: AccountRole


def digest(secret: str) -> str:
    """The hash under which a random secret is stored. Passwords are hashed slowly, by the caller."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def add(session: AsyncSession, name: str, role: AccountRole, password_hash: str) -> Account:
    """Store a new account. Raises AccountExistsError."""
    if await find(session, name) is not None:
        raise AccountExistsError(name)
    row = AccountRow(name=name, role=role.value, password_hash=password_hash)
    session.add(row)
    await session.flush()
    return _to_account(row)


async def find(session: AsyncSession, name: str) -> Account | None:
    """The account with this name."""
    row = (await session.execute(select(AccountRow).where(AccountRow.name == name))).scalar_one_or_none()
    return None if row is None else _to_account(row)


async def get(session: AsyncSession, name: str) -> Account:
    """The account with this name. Raises AccountNotFoundError."""
    account = await find(session, name)
    if account is None:
        raise AccountNotFoundError(name)
    return account


async def names(session: AsyncSession, role: AccountRole) -> list[str]:
    """Who has at least this role, by name."""
    rows = (await session.execute(select(AccountRow.name, AccountRow.role).order_by(AccountRow.name))).all()
    return [row.name for row in rows if AccountRole(row.role).includes(role)]


async def set_password(session: AsyncSession, name: str, password_hash: str) -> None:
    """Give an account another password; whoever is signed in with the old one is out. Raises AccountNotFoundError."""
    account = await get(session, name)
    await session.execute(update(AccountRow).where(AccountRow.id == account.id).values(password_hash=password_hash))
    await session.execute(delete(LoginRow).where(LoginRow.account_id == account.id))


async def count(session: AsyncSession) -> int:
    """How many accounts there are."""
    return (await session.execute(select(func.count()).select_from(AccountRow))).scalar_one()


async def sign_in(session: AsyncSession, account: Account) -> tuple[str, Login]:
    """Store a new login. Returns the secret for the browser's cookie, kept nowhere else, and the login."""
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    expires_at = now() + LOGIN_LASTS
    await session.execute(delete(LoginRow).where(LoginRow.expires_at < now()))
    session.add(LoginRow(token_hash=digest(token), account_id=account.id, csrf_token=csrf_token, expires_at=expires_at))
    await session.flush()
    return token, Login(account, csrf_token, expires_at)


async def login(session: AsyncSession, token: str) -> Login | None:
    """The login that a cookie's secret stands for, None when it is unknown or over."""
    query = select(LoginRow, AccountRow).join(AccountRow, AccountRow.id == LoginRow.account_id)
    row = (await session.execute(query.where(LoginRow.token_hash == digest(token)))).one_or_none()
    if row is None or row[0].expires_at < now():
        return None
    return Login(_to_account(row[1]), row[0].csrf_token, row[0].expires_at)


async def sign_out(session: AsyncSession, token: str) -> None:
    """Forget a login."""
    await session.execute(delete(LoginRow).where(LoginRow.token_hash == digest(token)))


async def add_key(session: AsyncSession, name: str, role: AccountRole) -> str:
    """Make a program's key. Returns the key, kept nowhere else. Raises KeyExistsError."""
    taken = select(func.count()).where(ApiKeyRow.name == name)
    if (await session.execute(taken)).scalar_one():
        raise KeyExistsError(name)
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    session.add(ApiKeyRow(name=name, role=role.value, key_hash=digest(key)))
    await session.flush()
    return key


async def key(session: AsyncSession, secret: str) -> ApiKey | None:
    """The key's name and role, None when it is unknown."""
    row = (await session.execute(select(ApiKeyRow).where(ApiKeyRow.key_hash == digest(secret)))).scalar_one_or_none()
    return None if row is None else ApiKey(row.id, row.name, AccountRole(row.role))


def _to_account(row: AccountRow) -> Account:
    return Account(row.id, row.name, AccountRole(row.role), row.password_hash)
