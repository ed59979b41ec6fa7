"""The headers that keep our pages from being framed, sniffed, or made to run what is not ours."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_EVERYWHERE = "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
OURS = f"default-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; {_EVERYWHERE}"
# The page of the API starts with a script of its own.
DOCS = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    f"{_EVERYWHERE}"
)
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# For this host alone: what else runs on the operator's domain is not ours to decide.
TRANSPORT = "max-age=31536000"
DOCS_PATHS = ("/docs",)


def secure(headers: MutableHeaders, scope: Scope) -> None:
    """Add what is missing to a response's headers."""
    headers.setdefault("Content-Security-Policy", DOCS if scope["path"].startswith(DOCS_PATHS) else OURS)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", TRANSPORT)


class SecurityHeaders:
    """Adds the headers to every response; a route may have set its own."""

    def __init__(self, app: ASGIApp) -> None:
        """Middleware around an app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and responses with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, send_with_headers)
