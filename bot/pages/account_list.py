"""Who may sign in: invited, given a role, suspended, signed out. For admins."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response

from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.pages.frame import PageRoute, go, show, signed_in, told
from bot.people import joining, suspending
from bot.people.browsers import called
from bot.people.naming import named
from bot.rest.identity import service_of
from knowledge_base import accounts, invitations, logins
from knowledge_base.accounts import AccountRole
from knowledge_base.invitations import Invitation

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Admin = Annotated[Caller, Depends(signed_in(AccountRole.ADMIN))]
PLACE = "/admin/accounts"
# People are offered these; a program has a key instead.
ROLES = (AccountRole.AGENT, AccountRole.REVIEWER, AccountRole.ADMIN)
DAYS = (1, 3, 7, 30)


@router.get("/admin/accounts")
async def accounts_page(request: Request, caller: Admin) -> Response:
    """All accounts, the links that wait, and a form for another."""
    return await _page(request, caller)


@router.post("/admin/accounts/invite")
async def invite(
    request: Request,
    caller: Admin,
    name: Annotated[str, Form()] = "",
    role: Annotated[AccountRole, Form()] = AccountRole.AGENT,
    days: Annotated[int, Form(ge=1, le=invitations.LONGEST.days)] = invitations.USUAL.days,
) -> Response:
    """Make a link for a new person and show it, this once."""
    try:
        wanted = named(name)
        async with service_of(request).database.writing() as session:
            token, made = await invitations.invite(session, wanted, role, caller.name, timedelta(days=days))
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, error, draft=(name, role))
    return await _page(request, caller, handed=(joining.link(str(request.base_url), token), made))


@router.post("/admin/accounts/invitations/{invitation_id}/withdraw")
async def withdraw(request: Request, caller: Admin, invitation_id: UUID) -> Response:
    """Let a link work no more."""
    async with service_of(request).database.writing() as session:
        await invitations.withdraw(session, invitation_id, caller.name)
    return go(PLACE)


@router.post("/admin/accounts/{account_id}/role")
async def set_role(request: Request, caller: Admin, account_id: UUID, role: Annotated[AccountRole, Form()]) -> Response:
    """Give an account another role."""
    try:
        await suspending.set_role(service_of(request).database, account_id, role, caller.name)
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, error)
    return go(f"{PLACE}#a{account_id}")


@router.post("/admin/accounts/{account_id}/suspend")
async def suspend(request: Request, caller: Admin, account_id: UUID) -> Response:
    """Let nobody sign in as this account."""
    try:
        await suspending.suspend(service_of(request).database, account_id, caller.name)
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, error)
    return go(f"{PLACE}#a{account_id}")


@router.post("/admin/accounts/{account_id}/restore")
async def restore(request: Request, caller: Admin, account_id: UUID) -> Response:
    """Let a suspended account sign in again."""
    async with service_of(request).database.writing() as session:
        await accounts.restore(session, account_id, caller.name)
    return go(f"{PLACE}#a{account_id}")


@router.post("/admin/accounts/{account_id}/link")
async def new_password_link(request: Request, caller: Admin, account_id: UUID) -> Response:
    """Make a link for a new password and show it, this once."""
    try:
        async with service_of(request).database.writing() as session:
            account = await accounts.by_id(session, account_id)
            token, made = await invitations.new_password(session, account, caller.name)
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, error)
    return await _page(request, caller, handed=(joining.link(str(request.base_url), token), made))


@router.post("/admin/accounts/{account_id}/sessions/end")
async def end_sessions(
    request: Request, caller: Admin, account_id: UUID, session_id: Annotated[str, Form(alias="session")] = ""
) -> Response:
    """Sign an account out of one browser, or of all when none is named."""
    async with service_of(request).database.writing() as session:
        account = await accounts.by_id(session, account_id)
        if session_id:
            await logins.end(session, account, session_id, caller.name)
        else:
            await logins.end_all(session, account, caller.name)
    return go(f"{PLACE}#a{account_id}")


async def _page(
    request: Request,
    caller: Caller,
    error: DomainError | None = None,
    draft: tuple[str, AccountRole] = ("", AccountRole.AGENT),
    handed: tuple[str, Invitation] | None = None,
) -> Response:
    async with service_of(request).database.reading() as session:
        held = await accounts.every(session)
        open_sessions = await logins.every(session)
        waiting = await invitations.every(session)
    theirs = {one.id: [found for found in open_sessions if found.account_id == one.id] for one in held}
    return show(
        request,
        "admin/accounts.html",
        caller,
        fault_of(error).status if error else 200,
        section="accounts",
        held=held,
        sessions=theirs,
        seen={key: max((one.seen_at for one in open_ if one.seen_at), default=None) for key, open_ in theirs.items()},
        waiting=waiting,
        handed=handed,
        draft=draft,
        choices=ROLES,
        days=DAYS,
        usual=invitations.USUAL.days,
        longest_name=accounts.NAME_LENGTH,
        called=called,
        problem=told(request, error) if error else "",
    )
