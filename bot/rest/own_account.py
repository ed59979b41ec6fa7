"""One's own account for programs of one's own browser: the password, where one is signed in."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request

from bot.connections import attempts_of
from bot.people import own_password
from bot.rest.accounts_bodies import AccountBody, EndedBody, PasswordBody, SessionBody, SessionsBody
from bot.rest.identity import COOKIE, Person, service_of
from knowledge_base import accounts, logins

router = APIRouter(prefix="/api/v1/account", tags=["accounts"])


@router.get("")
async def read_own(request: Request, caller: Person) -> AccountBody:
    """Who one is, and what one may."""
    async with service_of(request).database.reading() as session:
        account = await accounts.get(session, caller.name)
        return AccountBody.of(account, await logins.every(session, account.id))


@router.put("/password", status_code=HTTPStatus.NO_CONTENT)
async def change_password(request: Request, caller: Person, body: PasswordBody) -> None:
    """Take another password; every other session ends."""
    kept = request.cookies.get(COOKIE, "")
    await own_password.change(service_of(request), attempts_of(request), caller.name, body.old, body.new, kept)


@router.get("/sessions")
async def read_own_sessions(request: Request, caller: Person) -> SessionsBody:
    """Where one is signed in; `here` is this browser."""
    async with service_of(request).database.reading() as session:
        held = await logins.every(session, caller.account_id)
    here = logins.id_of(request.cookies.get(COOKIE, ""))
    return SessionsBody(sessions=[SessionBody.of(one, here) for one in held])


@router.delete("/sessions")
async def end_other_sessions(request: Request, caller: Person) -> EndedBody:
    """Sign oneself out everywhere else."""
    async with service_of(request).database.writing() as session:
        account = await accounts.get(session, caller.name)
        kept = request.cookies.get(COOKIE, "")
        return EndedBody(ended=await logins.end_all(session, account, caller.name, kept))


@router.delete("/sessions/{session_id}", status_code=HTTPStatus.NO_CONTENT)
async def end_own_session(request: Request, caller: Person, session_id: Annotated[str, Path(max_length=64)]) -> None:
    """Sign oneself out of one browser."""
    async with service_of(request).database.writing() as session:
        account = await accounts.get(session, caller.name)
        await logins.end(session, account, session_id, caller.name)
