"""Every error of REST as a problem document (RFC 9457)."""

import math
from http import HTTPStatus
from typing import Any, Literal

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from bot.errors import AnswerInterruptedError, RateLimitedError
from bot.faults import DOMAIN_ERRORS, UNAVAILABLE, DomainError, Fault, fault_of, name_of, sentence_of
from bot.guards.headers import secure
from weaver_core.texts.normalization import clean

MEDIA_TYPE = "application/problem+json"
ONE_MOMENT = "One moment, please: this cannot be done just now; what was acknowledged is kept. Try again."
_SHOWN = 200

_log = structlog.get_logger(__name__)


class ProblemBody(BaseModel):
    """What is wrong: `code` is for programs, `detail` is one sentence for a person."""

    type: Literal["about:blank"]
    title: str
    status: int = Field(ge=400, le=599)
    code: str
    detail: str


ANY_ERROR: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem document (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": ProblemBody.model_json_schema()}},
    }
}
"""What the description of the API says of every route's errors."""


def handle_errors(app: FastAPI) -> None:
    """Answer every error of an app's routes with a problem document."""
    for kind in DOMAIN_ERRORS:
        app.add_exception_handler(kind, _domain_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


def problem(fault: Fault, detail: str, **more: object) -> JSONResponse:
    """A problem document. `code` is for programs, `detail` is one sentence for a person."""
    content = {
        "type": "about:blank",
        "title": fault.status.phrase,
        "status": fault.status.value,
        "code": fault.code,
        "detail": clean(detail).text,
        **more,
    }
    headers = {"WWW-Authenticate": "Bearer"} if fault.status is HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse(content, fault.status.value, headers, MEDIA_TYPE)


async def _domain_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, DOMAIN_ERRORS):  # pragma: no cover - it is registered for these only
        raise error
    return told(error)


def told(error: DomainError) -> Response:
    """A domain error as a problem document."""
    fault = fault_of(error)
    if fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request_failed", reason=str(error))
    # What is wrong inside names machines: it is in the log.
    hidden = fault.code == UNAVAILABLE and not isinstance(error, AnswerInterruptedError)
    response = problem(fault, ONE_MOMENT if hidden else str(error))
    if fault.code == UNAVAILABLE:
        response.headers["Retry-After"] = "1"
    if isinstance(error, RateLimitedError):
        response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    return response


async def _invalid_request(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):  # pragma: no cover - it is registered for these only
        raise error
    found = error.errors()
    details = [{"field": name_of(one), "detail": sentence_of([one])} for one in found]
    return problem(Fault("invalid_request", HTTPStatus.UNPROCESSABLE_ENTITY), sentence_of(found), errors=details)


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):  # pragma: no cover - it is registered for these only
        raise error
    status, path = HTTPStatus(error.status_code), request.url.path[:_SHOWN]
    sentences = {
        HTTPStatus.NOT_FOUND: ("not_found", f"There is nothing at {path}."),
        HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", f"{request.method} is not a method of {path}."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("content_too_large", "The body is too large."),
        HTTPStatus.BAD_REQUEST: ("bad_request", "The body cannot be read."),
    }
    code, detail = sentences.get(status, (status.name.lower(), f"{str(error.detail).rstrip('.')}."))
    response = problem(Fault(code, status), detail)
    response.headers.update(error.headers or {})
    return response


async def _unexpected(request: Request, _error: Exception) -> Response:
    # Starlette logs the error itself after this, and answers outside all middleware.
    response = problem(
        Fault("internal_error", HTTPStatus.INTERNAL_SERVER_ERROR), "Weaver failed at this; it is in its log."
    )
    secure(response.headers, request.scope)
    return response
