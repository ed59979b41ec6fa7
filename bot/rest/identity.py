"""Who calls: a visitor with a token, a program with an API key, or a person signed in to the pages."""

import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection

from bot.connections import client_address, service_of
from bot.errors import (
    CredentialsInvalidError,
    CredentialsMissingError,
    CsrfTokenInvalidError,
    ForbiddenError,
)
from bot.guards.caller import KEY, Caller, visitor
from bot.service import Service
from knowledge_base import api_keys, logins
from knowledge_base.accounts import AccountRole
from knowledge_base.api_keys import KEY_PREFIX
from knowledge_base.errors import DatabaseUnavailableError

__all__ = [
    "COOKIE",
    "Admin",
    "Caller",
    "Person",
    "Reviewer",
    "anyone",
    "client_address",
    "identify",
    "require",
    "service_of",
    "someone",
]

COOKIE = "weaver_session"
CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

bearer = HTTPBearer(auto_error=False, description="A visitor's token (one conversation) or an API key.")


async def identify(connection: HTTPConnection) -> Caller | None:
    """Who opened this request or websocket, None for nobody in particular.

    Raises CredentialsInvalidError, TokenInvalidError for credentials that are not good. Does not look at CSRF.
    """
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await _bearer(service_of(connection), secret.strip())
    cookie = connection.cookies.get(COOKIE)
    return await _person(service_of(connection), cookie) if cookie else None


async def anyone(
    request: Request, _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Caller | None:
    """A dependency: the caller or None; a change by cookie must carry the login's CSRF token."""
    caller = await identify(request)
    if caller is not None and caller.role is None:
        service_of(request).limits.check_request(caller.conversation_id)
    if caller is not None and caller.csrf_token is not None and request.method not in SAFE_METHODS:
        given = request.headers.get(CSRF_HEADER) or await _form_token(request)
        if not hmac.compare_digest(given.encode(), caller.csrf_token.encode()):
            raise CsrfTokenInvalidError
    return caller


async def someone(caller: Annotated[Caller | None, Depends(anyone)]) -> Caller:
    """A dependency: the caller, a visitor too. Raises CredentialsMissingError."""
    if caller is None:
        raise CredentialsMissingError
    return caller


def require(role: AccountRole) -> Callable[[Caller], Awaitable[Caller]]:
    """A dependency: the caller, who must have this role's rights."""

    async def caller_with_role(caller: Annotated[Caller, Depends(someone)]) -> Caller:
        if not caller.has(role):
            raise ForbiddenError(f"This needs the role {role.value} or above.")
        return caller

    return caller_with_role


async def person(caller: Annotated[Caller, Depends(someone)]) -> Caller:
    """A dependency: the caller, who must have an account and be signed in with it."""
    if caller.account_id is None:
        raise ForbiddenError("This is about the account of a person who is signed in; a key or a visitor has none.")
    return caller


Reviewer = Annotated[Caller, Depends(require(AccountRole.REVIEWER))]
"""A dependency: the caller, who must have a reviewer's rights."""
Admin = Annotated[Caller, Depends(require(AccountRole.ADMIN))]
"""A dependency: the caller, who must have an admin's rights."""
Person = Annotated[Caller, Depends(person)]
"""A dependency: the caller, who must be signed in with an account."""


async def _bearer(service: Service, secret: str) -> Caller:
    if not secret.startswith(KEY_PREFIX):
        return visitor(service.tokens.conversation_of(secret))
    async with service.database.reading(brief=True) as session:
        key = await api_keys.find(session, secret)
    if key is None:
        raise CredentialsInvalidError("The API key is not known here.")
    if key.is_to_be_noted:
        # Nobody is turned away because a sign of life cannot be written just now.
        with suppress(DatabaseUnavailableError):
            async with service.database.writing() as session:
                await api_keys.note_used(session, key)
    return Caller(f"{KEY}{key.name}", key.role)


async def _person(service: Service, cookie: str) -> Caller | None:
    async with service.database.reading(brief=True) as session:
        login = await logins.find(session, cookie)
    if login is None:
        # An old cookie is nobody, so that the page can send its bearer to the sign-in form.
        return None
    if login.is_to_be_seen:
        with suppress(DatabaseUnavailableError):
            async with service.database.writing() as session:
                await logins.note_seen(session, cookie)
    account = login.account
    return Caller(account.name, account.role, csrf_token=login.csrf_token, account_id=account.id)


async def _form_token(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return ""
    field = (await request.form()).get(CSRF_FIELD)
    return field if isinstance(field, str) else ""
