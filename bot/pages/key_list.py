"""Programs' keys: made and shown once, listed with their last use, revoked. For admins."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response

from bot.faults import DOMAIN_ERRORS, DomainError, fault_of
from bot.guards.caller import Caller
from bot.pages.frame import PageRoute, go, show, signed_in, told
from bot.people.naming import named
from bot.rest.identity import service_of
from knowledge_base import accounts, api_keys
from knowledge_base.accounts import AccountRole

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Admin = Annotated[Caller, Depends(signed_in(AccountRole.ADMIN))]


@router.get("/admin/keys")
async def keys_page(request: Request, caller: Admin) -> Response:
    """All keys, and a form for another."""
    return await _page(request, caller)


@router.post("/admin/keys")
async def add_key(
    request: Request,
    caller: Admin,
    name: Annotated[str, Form()] = "",
    role: Annotated[AccountRole, Form()] = AccountRole.PROGRAM,
) -> Response:
    """Make a key and show it, this once."""
    try:
        wanted = named(name)
        async with service_of(request).database.writing() as session:
            secret = await api_keys.add(session, wanted, role, caller.name)
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, error, (name, role))
    return await _page(request, caller, given=(wanted, secret))


@router.post("/admin/keys/{key_id}/revoke")
async def revoke_key(request: Request, caller: Admin, key_id: UUID) -> Response:
    """Let a key open nothing any more."""
    async with service_of(request).database.writing() as session:
        await api_keys.revoke(session, key_id, caller.name)
    return go("/admin/keys")


async def _page(
    request: Request,
    caller: Caller,
    error: DomainError | None = None,
    draft: tuple[str, AccountRole] = ("", AccountRole.PROGRAM),
    given: tuple[str, str] | None = None,
) -> Response:
    async with service_of(request).database.reading() as session:
        held = await api_keys.every(session)
    return show(
        request,
        "admin/keys.html",
        caller,
        fault_of(error).status if error else 200,
        section="accounts",
        held=held,
        given=given,
        draft=draft,
        longest_name=accounts.NAME_LENGTH,
        problem=told(request, error) if error else "",
    )
