"""One's own account: another password, where one is signed in."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from bot.connections import attempts_of
from bot.errors import ForbiddenError
from bot.faults import DOMAIN_ERRORS, fault_of
from bot.guards import passwords
from bot.guards.caller import Caller
from bot.pages import words
from bot.pages.frame import PageRoute, go, language_of, show, signed_in, told
from bot.people import own_password
from bot.people.browsers import called
from bot.rest.identity import COOKIE, service_of
from knowledge_base import accounts, logins
from knowledge_base.accounts import AccountRole

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Anybody = Annotated[Caller, Depends(signed_in(AccountRole.PROGRAM))]
Password = Annotated[str, Form(max_length=passwords.LONGEST)]


@router.get("/account")
async def account_page(request: Request, caller: Anybody, done: bool = False) -> Response:  # noqa: FBT001, FBT002 - a part of the address
    """Who one is, a form for another password, and where one is signed in."""
    return await _page(request, caller, done=done)


@router.post("/account/password")
async def change_password(
    request: Request, caller: Anybody, old: Password = "", new: Password = "", again: Password = ""
) -> Response:
    """Take another password; every other session ends."""
    if new != again:
        return await _page(request, caller, words.say("account_differs", language_of(request)))
    kept = request.cookies.get(COOKIE, "")
    try:
        await own_password.change(service_of(request), attempts_of(request), caller.name, old, new, kept)
    except DOMAIN_ERRORS as error:
        return await _page(request, caller, told(request, error), fault_of(error).status)
    return go("/account?done=true")


@router.post("/account/sessions/end")
async def end_sessions(
    request: Request, caller: Anybody, session_id: Annotated[str, Form(alias="session")] = ""
) -> Response:
    """Sign oneself out of one browser, or of all others when none is named."""
    kept = request.cookies.get(COOKIE, "")
    async with service_of(request).database.writing() as session:
        account = await accounts.get(session, caller.name)
        if session_id:
            await logins.end(session, account, session_id, caller.name)
        else:
            await logins.end_all(session, account, caller.name, kept)
    return go("/account")


async def _page(
    request: Request,
    caller: Caller,
    problem: str = "",
    status: int = HTTPStatus.OK,
    *,
    done: bool = False,
) -> Response:
    if caller.account_id is None:
        raise ForbiddenError(AccountRole.AGENT.value)
    async with service_of(request).database.reading() as session:
        held = await logins.every(session, caller.account_id)
    return show(
        request,
        "account.html",
        caller,
        HTTPStatus.UNPROCESSABLE_ENTITY if problem and status == HTTPStatus.OK else status,
        section="account",
        sessions=held,
        here=logins.id_of(request.cookies.get(COOKIE, "")),
        called=called,
        problem=problem,
        done=done,
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )
