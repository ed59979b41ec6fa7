"""Accounts for programs: who may sign in, with which role, where; invitations. For admins."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request

from bot.guards import origins, passwords
from bot.guards.caller import Caller
from bot.people import joining, suspending
from bot.people.naming import named
from bot.rest.accounts_bodies import (
    AcceptBody,
    AccountBody,
    AccountChangeBody,
    AccountsBody,
    EndedBody,
    GivenPasswordBody,
    InvitationBody,
    InvitationsBody,
    InviteBody,
    LinkBody,
    NewAccountBody,
    SessionBody,
    SessionsBody,
)
from bot.rest.identity import Admin, anyone, service_of
from knowledge_base import accounts, invitations, logins
from knowledge_base.invitations import Invitation

router = APIRouter(prefix="/api/v1", tags=["accounts"])
SessionId = Annotated[str, Path(max_length=64)]


@router.get("/accounts")
async def read_accounts(request: Request, _caller: Admin) -> AccountsBody:
    """All accounts, suspended ones too."""
    async with service_of(request).database.reading() as session:
        held, open_sessions = await accounts.every(session), await logins.every(session)
    return AccountsBody(accounts=[AccountBody.of(one, open_sessions) for one in held])


@router.post("/accounts", status_code=HTTPStatus.CREATED)
async def add_account(request: Request, caller: Admin, body: NewAccountBody) -> GivenPasswordBody:
    """Make an account with a generated password, which is told this once."""
    name, password = named(body.name), passwords.generate()
    password_hash = await passwords.hash_password(password)
    async with service_of(request).database.writing() as session:
        account = await accounts.add(session, name, body.role, password_hash, caller.name)
    return GivenPasswordBody(account=AccountBody.of(account, []), password=password)


@router.patch("/accounts/{account_id}")
async def change_account(request: Request, caller: Admin, account_id: UUID, body: AccountChangeBody) -> AccountBody:
    """Give an account another role, suspend it, or restore it; it counts from its next request on."""
    database = service_of(request).database
    if body.role is not None:
        await suspending.set_role(database, account_id, body.role, caller.name)
    if body.suspended:
        await suspending.suspend(database, account_id, caller.name)
    async with database.writing() as session:
        if body.suspended is False:
            await accounts.restore(session, account_id, caller.name)
        account = await accounts.by_id(session, account_id)
        return AccountBody.of(account, await logins.every(session, account_id))


@router.post("/accounts/{account_id}/password-link", status_code=HTTPStatus.CREATED)
async def new_password_link(request: Request, caller: Admin, account_id: UUID) -> LinkBody:
    """A link by which an account's owner chooses a new password, told this once."""
    async with service_of(request).database.writing() as session:
        account = await accounts.by_id(session, account_id)
        token, made = await invitations.new_password(session, account, caller.name)
    return _link(request, token, made)


@router.get("/accounts/{account_id}/sessions")
async def read_sessions(request: Request, _caller: Admin, account_id: UUID) -> SessionsBody:
    """Where an account is signed in."""
    async with service_of(request).database.reading() as session:
        account = await accounts.by_id(session, account_id)
        held = await logins.every(session, account.id)
    return SessionsBody(sessions=[SessionBody.of(one) for one in held])


@router.delete("/accounts/{account_id}/sessions")
async def end_sessions(request: Request, caller: Admin, account_id: UUID) -> EndedBody:
    """Sign an account out everywhere."""
    async with service_of(request).database.writing() as session:
        account = await accounts.by_id(session, account_id)
        return EndedBody(ended=await logins.end_all(session, account, caller.name))


@router.delete("/accounts/{account_id}/sessions/{session_id}", status_code=HTTPStatus.NO_CONTENT)
async def end_session(request: Request, caller: Admin, account_id: UUID, session_id: SessionId) -> None:
    """Sign an account out of one browser."""
    async with service_of(request).database.writing() as session:
        account = await accounts.by_id(session, account_id)
        await logins.end(session, account, session_id, caller.name)


@router.get("/invitations")
async def read_invitations(request: Request, _caller: Admin) -> InvitationsBody:
    """The links that still work."""
    async with service_of(request).database.reading() as session:
        return InvitationsBody(invitations=[InvitationBody.of(one) for one in await invitations.every(session)])


@router.post("/invitations", status_code=HTTPStatus.CREATED)
async def invite(request: Request, caller: Admin, body: InviteBody) -> LinkBody:
    """A link by which a person chooses a password and is in; it is told this once, and works once."""
    name, lasts = named(body.name), timedelta(days=body.days)
    async with service_of(request).database.writing() as session:
        token, made = await invitations.invite(session, name, body.role, caller.name, lasts)
    return _link(request, token, made)


@router.delete("/invitations/{invitation_id}", status_code=HTTPStatus.NO_CONTENT)
async def withdraw(request: Request, caller: Admin, invitation_id: UUID) -> None:
    """Let a link work no more."""
    async with service_of(request).database.writing() as session:
        await invitations.withdraw(session, invitation_id, caller.name)


@router.post("/invitations/accept", status_code=HTTPStatus.NO_CONTENT)
async def accept(request: Request, _caller: Annotated[Caller | None, Depends(anyone)], body: AcceptBody) -> None:
    """Use a link up: the person of its account signs in with this password from now on."""
    origins.check(request, ())
    await joining.accept(service_of(request), body.token, body.password)


def _link(request: Request, token: str, made: Invitation) -> LinkBody:
    return LinkBody(invitation=InvitationBody.of(made), token=token, link=joining.link(str(request.base_url), token))
