"""`/widget.js`: the one file that a shop's pages load from here."""

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

from fastapi import Request, Response

STATIC = Path(__file__).resolve().parent / "static"
# A shop's pages keep it for five minutes, then ask whether it is still the same.
KEPT = "public, max-age=300, stale-while-revalidate=86400"


def widget_route(file: Path = STATIC / "widget.js") -> Callable[[Request], Awaitable[Response]]:
    """The route that serves the file as it is now."""
    content = file.read_bytes()
    packed = gzip.compress(content, mtime=0)
    headers = {
        "ETag": f'W/"{hashlib.sha256(content).hexdigest()[:32]}"',
        "Cache-Control": KEPT,
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Accept-Encoding",
    }

    async def widget(request: Request) -> Response:
        """The chat widget."""
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        media_type = "text/javascript; charset=utf-8"
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=media_type)
        return Response(content, headers=headers, media_type=media_type)

    return widget
