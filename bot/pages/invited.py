"""The page behind a link that an admin handed over: who opens it chooses a password and is in."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from bot.connections import browser_of
from bot.errors import PasswordWeakError
from bot.faults import fault_of
from bot.guards import origins, passwords
from bot.guards.caller import Caller
from bot.pages import words
from bot.pages.frame import PageRoute, language_of, show, told
from bot.pages.login import entered, home
from bot.people import joining
from bot.rest.identity import COOKIE, anyone, client_address, service_of
from knowledge_base import invitations, logins

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Visitor = Annotated[Caller | None, Depends(anyone)]
Token = Annotated[str, Form(max_length=200)]
Password = Annotated[str, Form(max_length=passwords.LONGEST)]


@router.get("/invitation")
async def invitation_page(request: Request, caller: Visitor, token: str = "") -> Response:
    """Whom the link is for, and a form for the password. Looking at it does not use it up."""
    return await _page(request, caller, token)


@router.post("/invitation")
async def accept(
    request: Request, caller: Visitor, token: Token = "", password: Password = "", again: Password = ""
) -> Response:
    """Use the link up, and sign in."""
    if request.headers.get("origin") != "null":
        origins.check(request, ())
    if password != again:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return await _page(request, caller, token, words.say("account_differs", language_of(request)), status)
    service = service_of(request)
    try:
        account = await joining.accept(service, token, password)
    except PasswordWeakError as error:
        return await _page(request, caller, token, told(request, error), fault_of(error).status)
    async with service.database.writing() as session:
        # What this browser was signed in as before is over.
        await logins.sign_out(session, request.cookies.get(COOKIE, ""))
        secret, _ = await logins.sign_in(session, account, browser_of(request), client_address(request))
    return entered(request, secret, home(account.role))


async def _page(
    request: Request, caller: Caller | None, token: str, problem: str = "", status: int = HTTPStatus.OK
) -> Response:
    async with service_of(request).database.reading() as session:
        invitation = await invitations.find(session, token)
    return show(
        request,
        "invitation.html",
        caller,
        status,
        invitation=invitation,
        token=token,
        problem=problem,
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )
