"""The audit log: who changed what, before and after, with filters and as a file. For admins."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from bot.guards.caller import Caller
from bot.pages import words
from bot.pages.frame import PageRoute, language_of, show, signed_in
from bot.people.trail import plain
from bot.rest.audit import SHOWN, AuditQuery, Form, PagedAuditQuery, taken_out
from bot.rest.identity import service_of
from knowledge_base import audit
from knowledge_base.accounts import AccountRole
from knowledge_base.audit import Kind

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Admin = Annotated[Caller, Depends(signed_in(AccountRole.ADMIN))]


@router.get("/admin/audit")
async def audit_page(request: Request, caller: Admin, wanted: Annotated[PagedAuditQuery, Query()]) -> Response:
    """The changes that the filters leave, newest first, a page at a time."""
    async with service_of(request).database.reading() as session:
        found = await audit.page(session, wanted.wanted(), wanted.after, SHOWN + 1)
    shown = found[:SHOWN]
    older = shown[-1].id if len(found) > SHOWN else None
    return show(
        request,
        "admin/audit.html",
        caller,
        section="accounts",
        entries=shown,
        wanted=wanted,
        view=wanted.address(),
        older=wanted.address(after=older) if older else "",
        kinds=list(Kind),
        plain=partial(plain, word=partial(_word, language_of(request))),
        place=_place,
    )


@router.get("/admin/audit/export.{form}")
async def take_out(request: Request, _caller: Admin, form: Form, wanted: Annotated[AuditQuery, Query()]) -> Response:
    """The changes that the filters leave, as a file."""
    return taken_out(request, wanted, form)


def _word(locale: str, said: str) -> str:
    """A word of the log in the reader's language, where there is one for it."""
    return words.say(f"logged_{said}", locale) if words.knows(f"logged_{said}") else said


def _place(entry: audit.Entry) -> str:
    """Where the thing stands that was changed, empty where it has no page of its own."""
    if entry.kind is Kind.ANSWER and entry.action != "pair":
        return f"/admin/answers/{entry.subject}"
    if entry.kind is Kind.DECISION and _is_id(entry.subject):
        return f"/admin?item={entry.subject}"
    if entry.kind is Kind.CONVERSATION and _is_id(entry.subject):
        return f"/agent/conversations/{entry.subject}"
    return {Kind.MODEL: "/admin/models", Kind.KEY: "/admin/keys", Kind.ACCOUNT: "/admin/accounts"}.get(entry.kind, "")


def _is_id(subject: str) -> bool:
    try:
        UUID(subject)
    except ValueError:
        return False
    return True
