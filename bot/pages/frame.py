"""What every page shares: the person signed in, the language, the templates, and errors that read as pages."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import structlog
from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.errors import CredentialsMissingError, ForbiddenError
from bot.faults import DOMAIN_ERRORS, DomainError, fault_of, sentence_of
from bot.guards.caller import Caller
from bot.pages import words
from bot.rest.identity import CSRF_FIELD, anyone
from bot.turns.texts import LOCALES, locale_of
from knowledge_base.accounts import AccountRole

_log = structlog.get_logger(__name__)

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
LANGUAGE_COOKIE = "weaver_lang"
A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """The link that shows the same page in the other language."""

    locale: str
    name: str
    url: str


@cache
def templates() -> Environment:
    """The templates. Whatever is put into them is text: it is escaped."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def language_of(request: Request) -> str:
    """The language of a page: as asked for in its address, else as chosen before, else as the browser prefers."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if chosen:
            return locale_of(chosen)
    for preferred in request.headers.get("accept-language", "").split(","):
        prefix = preferred.strip()[:2].lower()
        if prefix in LOCALES:
            return prefix
    return LOCALES[0]


def show(
    request: Request, template: str, caller: Caller | None, http_status: int = 200, /, **values: object
) -> HTMLResponse:
    """A page, in the reader's language."""
    locale = language_of(request)
    token = (caller.csrf_token if caller else None) or ""
    html = (
        templates()
        .get_template(template)
        .render(
            t=partial(words.say, locale=locale),
            knows=words.knows,
            locale=locale,
            other_language=_other_language(request, locale),
            caller=caller,
            roles=AccountRole,
            csrf=partial(_csrf_input, token),
            zip=zip,
            **{"section": "", **values},
        )
    )
    response = HTMLResponse(html, status_code=http_status, headers={"Cache-Control": "no-store"})
    if "lang" in request.query_params:
        response.set_cookie(LANGUAGE_COOKIE, locale, max_age=A_YEAR, samesite="lax", path="/")
    return response


def go(path: str) -> RedirectResponse:
    """On to another page, after a form was carried out."""
    return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)


def signed_in(role: AccountRole) -> Callable[[Request, Caller | None], Awaitable[Caller]]:
    """A dependency: the person at the page, who must have this role's rights."""

    async def person(request: Request, caller: Annotated[Caller | None, Depends(anyone)]) -> Caller:
        request.state.caller = caller
        if caller is None or caller.role is None:
            raise CredentialsMissingError
        if not caller.has(role):
            raise ForbiddenError(role.value)
        return caller

    return person


def told(request: Request, error: DomainError) -> str:
    """What went wrong, in the reader's language where there are words for it."""
    key = f"fault_{fault_of(error).code}"
    return words.say(key, language_of(request)) if words.knows(key) else str(error)


class PageRoute(APIRoute):
    """A route whose errors are pages: one sentence and a way back, or the sign-in form."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, its errors caught."""
        handle = super().get_route_handler()

        async def handle_page(request: Request) -> Response:
            try:
                return await handle(request)
            except CredentialsMissingError:
                return go(sign_in_path(request))
            except ForbiddenError as error:
                locale = language_of(request)
                role = words.say(f"role_{error}", locale)
                return _problem(request, words.say("role_missing", locale, role=role), HTTPStatus.FORBIDDEN)
            except RequestValidationError as error:
                return _problem(request, sentence_of(error.errors()), HTTPStatus.UNPROCESSABLE_ENTITY)
            except DOMAIN_ERRORS as error:
                return _problem(request, told(request, error), fault_of(error).status)
            except Exception:  # noqa: BLE001 - the outermost of a page: whoever looks at it is told in words
                _log.exception("page_failed", path=request.url.path)
                return _problem(
                    request, words.say("page_failed", language_of(request)), HTTPStatus.INTERNAL_SERVER_ERROR
                )

        return handle_page


def sign_in_path(request: Request) -> str:
    """The sign-in form that leads back to the page that was asked for.

    A form cannot be sent again: that nothing of it was carried out is told, and the way leads to where it stood.
    """
    if request.method != "GET":
        return f"/login?lost=true&next={_back(request)}"
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/login?next={quote(wanted, safe='')}"


def _problem(request: Request, sentence: str, status: int) -> HTMLResponse:
    caller: Caller | None = getattr(request.state, "caller", None)
    return show(request, "problem.html", caller, status, problem=sentence, back=_back(request))


def _back(request: Request) -> str:
    caller: Caller | None = getattr(request.state, "caller", None)
    reviews = caller is None or caller.has(AccountRole.REVIEWER)
    if request.url.path.startswith("/account"):
        return "/account"
    return "/admin" if reviews and not request.url.path.startswith("/agent") else "/agent"


def _other_language(request: Request, locale: str) -> OtherLanguage:
    other = next(name for name in LOCALES if name != locale)
    # A form's address has no page of its own to show.
    address = request.url if request.method == "GET" else request.url.replace(path=_back(request), query="")
    url = address.include_query_params(lang=other)
    return OtherLanguage(other, words.LANGUAGE_NAMES[other], f"{url.path}?{url.query}")


def _csrf_input(token: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token)
