"""A question tried: what the bot would do with it now, and the whole explanation."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from bot.faults import DOMAIN_ERRORS, fault_of
from bot.guards.caller import Caller
from bot.judgements import reading
from bot.pages.frame import PageRoute, language_of, show, signed_in
from bot.reply import Query as Asked
from bot.rest.identity import service_of
from bot.turns import texts
from bot.turns.customer_text import check_text
from knowledge_base import answer_search, answers
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import AnswerStatus
from weaver_core.dialogue import Role, Turn
from weaver_core.texts.normalization import clean

LONGEST = 4000

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Reviewer = Annotated[Caller, Depends(signed_in(AccountRole.REVIEWER))]


@router.get("/admin/try")
async def try_page(
    request: Request,
    caller: Reviewer,
    q: Annotated[str, Query(max_length=LONGEST)] = "",
    before: Annotated[str, Query(max_length=LONGEST)] = "",
    collection: Annotated[str, Query(max_length=64)] = "default",
) -> Response:
    """What the bot makes of a question, asked as a customer would; nothing is stored."""
    service = service_of(request)
    now = None
    problem = None
    if q.strip():
        history = (Turn(Role.CUSTOMER, clean(before).text),) if before.strip() else ()
        try:
            text = check_text(q, service.settings.text_limit).text
            now = await reading.read(service, Asked(text, history, collection or "default", explain=True))
        except DOMAIN_ERRORS as error:
            problem = error
    async with service.database.reading() as session:
        choices = await answer_search.choices(session)
        counts = await answers.count(session)
    return show(
        request,
        "admin/try.html",
        caller,
        fault_of(problem).status if problem else 200,
        section="answers",
        part="try",
        q=q,
        before=before,
        collection=collection,
        collections=sorted({"default", *choices.collections}),
        now=now,
        said=texts.message_text(now.reply, language_of(request)) if now else "",
        taught=counts[AnswerStatus.APPROVED] > 0,
        longest=LONGEST,
        problem=str(problem) if problem else "",
    )
