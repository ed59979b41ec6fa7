"""No request may bring more than so many bytes."""

import re
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.faults import Fault
from bot.images.received import MOST_BYTES
from bot.imports import uploads
from bot.rest.problems import problem

MOST_BODY_BYTES = 1 << 20
# An image, and what a form puts around it.
MOST_FORM_BYTES = MOST_BYTES + (1 << 16)
IMAGES = re.compile(r"/api/v1/conversations/[^/]+/attachments")
IMPORTS = re.compile(r"/(?:api/v1/)?admin/imports")
# A file to be imported, likewise.
MOST_IMPORT_BYTES = uploads.MOST_BYTES + (1 << 16)
TOO_LARGE = Fault("content_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class BodyLimit:
    """Answers a body that is too large with a problem document, which FastAPI's own limit does not."""

    def __init__(self, app: ASGIApp) -> None:
        """Middleware around an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what says that it is too large; count what says nothing."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = most_bytes(scope["path"])
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > most:
            refusal = problem(TOO_LARGE, f"The body is too large: it may have {most} bytes.")
            await refusal(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, receive_counted, send)


def most_bytes(path: str) -> int:
    """How many bytes a body may have that is sent there."""
    if IMPORTS.fullmatch(path):
        return MOST_IMPORT_BYTES
    return MOST_FORM_BYTES if IMAGES.fullmatch(path) else MOST_BODY_BYTES
