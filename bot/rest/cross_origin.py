"""Pages of other origins that are allowed may attach images: the widget's one request that is no websocket."""

import re
from collections.abc import Collection
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.guards.origins import is_allowed

PATHS = re.compile(r"/api/v1/conversations/[^/]+/attachments(/[^/]+)?")
KEPT_SECONDS = "600"


class CrossOrigin:
    """Says to browsers that a page may read the answer. No cookie goes along: it needs the conversation's token."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        """Middleware around an app; `allowed` are the origins beside this host's and localhost's."""
        self._app = app
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what browsers ask before they send, and mark what they may read."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin", "")
        reachable = PATHS.fullmatch(scope.get("path", "")) and is_allowed(
            origin, headers.get("host", ""), self._allowed
        )
        if not origin or not reachable:
            await self._app(scope, receive, send)
            return
        readable = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            offered = {
                "Access-Control-Allow-Methods": "GET, POST",
                "Access-Control-Allow-Headers": "authorization",
                "Access-Control-Max-Age": KEPT_SECONDS,
            }
            await Response(status_code=HTTPStatus.NO_CONTENT, headers=readable | offered)(scope, receive, send)
            return

        async def send_readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(readable)
            await send(message)

        await self._app(scope, receive, send_readable)
