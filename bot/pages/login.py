"""Signing in and out."""

from http import HTTPStatus
from math import ceil
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request, Response

from bot.connections import attempts_of, browser_of
from bot.guards import origins, passwords
from bot.guards.attempts import MOST_PER_ADDRESS, MOST_PER_NAME, Key
from bot.guards.caller import Caller
from bot.guards.limits import is_loopback, network_of
from bot.pages import words
from bot.pages.frame import PageRoute, go, language_of, show
from bot.rest.identity import COOKIE, anyone, client_address, service_of
from knowledge_base import accounts, logins, presence
from knowledge_base.accounts import Account, AccountRole
from knowledge_base.logins import LOGIN_LASTS

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/login")
async def login_form(
    request: Request,
    caller: Annotated[Caller | None, Depends(anyone)],
    next: str = "",  # noqa: A002 - the field's name
    lost: bool = False,  # noqa: FBT001, FBT002 - a part of the address
) -> Response:
    """The form, or on to the page for whom is signed in already."""
    if caller is not None and caller.role is not None:
        return go(local_path(next) or home(caller.role))
    problem = words.say("login_lost", language_of(request)) if lost else ""
    return show(request, "login.html", None, problem=problem, name="", next=local_path(next))


@router.post("/login")
async def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=128)] = "",
    password: Annotated[str, Form(max_length=passwords.LONGEST)] = "",
    next: Annotated[str, Form(max_length=2000)] = "",  # noqa: A002 - the field's name
) -> Response:
    """Sign in; a wrong name and a wrong password are told alike and take as long."""
    # Browsers that hide where a form came from say "null".
    if request.headers.get("origin") != "null":
        origins.check(request, ())
    attempts, limits = attempts_of(request), _limits(request, name)
    wait = attempts.begin(limits)
    if wait:
        return _blocked(request, name, next, wait)
    account = await _account(request, name, password)
    if account is None:
        sentence = words.say("login_wrong", language_of(request))
        status = HTTPStatus.UNAUTHORIZED
        return show(request, "login.html", None, status, problem=sentence, name=name, next=local_path(next))
    attempts.succeed(limits)
    if account.suspended_at is not None:
        sentence = words.say("login_suspended", language_of(request))
        status = HTTPStatus.FORBIDDEN
        return show(request, "login.html", None, status, problem=sentence, name=name, next=local_path(next))
    async with service_of(request).database.writing() as session:
        # What this browser was signed in as before is over: nobody keeps a login that another has seen.
        await logins.sign_out(session, request.cookies.get(COOKIE, ""))
        token, _ = await logins.sign_in(session, account, browser_of(request), client_address(request))
    return entered(request, token, local_path(next) or home(account.role))


def entered(request: Request, token: str, path: str) -> Response:
    """On to a page, as the person whose login's secret this is."""
    response = go(path)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LOGIN_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )
    return response


@router.post("/logout")
async def sign_out(request: Request, caller: Annotated[Caller | None, Depends(anyone)]) -> Response:
    """Sign out; the login is forgotten on the server too, and colleagues see that nobody sits there."""
    token = request.cookies.get(COOKIE)
    if token:
        async with service_of(request).database.writing() as session:
            await logins.sign_out(session, token)
            if caller is not None:
                await presence.leave(session, caller.name)
    response = go("/login")
    response.delete_cookie(COOKIE, path="/")
    return response


def local_path(wanted: str) -> str:
    """A path of this site, empty for everything else: another site's page must not be where a login leads."""
    if not wanted.startswith("/") or wanted.startswith(("//", "/\\")) or not wanted.isprintable() or "\\" in wanted:
        return ""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else wanted


async def _account(request: Request, name: str, password: str) -> Account | None:
    async with service_of(request).database.reading() as session:
        account = await accounts.find(session, name)
    right = await passwords.verify(password, account.password_hash if account else None)
    return account if right else None


def _limits(request: Request, name: str) -> dict[Key, int]:
    address = client_address(request)
    limits: dict[Key, int] = {("name", name): MOST_PER_NAME}
    if service_of(request).settings.limit_loopback or not is_loopback(address):
        limits["address", network_of(address)] = MOST_PER_ADDRESS
    return limits


def _blocked(request: Request, name: str, wanted: str, wait: float) -> Response:
    sentence = words.say("login_blocked", language_of(request), minutes=ceil(wait / 60))
    response = show(
        request,
        "login.html",
        None,
        HTTPStatus.TOO_MANY_REQUESTS,
        problem=sentence,
        name=name,
        next=local_path(wanted),
    )
    response.headers["Retry-After"] = str(ceil(wait))
    return response


def home(role: AccountRole) -> str:
    """The page on which a person begins."""
    return "/admin" if role.includes(AccountRole.REVIEWER) else "/agent"
