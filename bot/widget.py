"""`/widget.js`: the one file that a shop's pages load from here, joined from its parts."""

import gzip
import hashlib
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

import rcssmin
import rjsmin
from fastapi import Request, Response

STATIC = Path(__file__).resolve().parent / "static"
FOLDER = STATIC / "widget"
STYLE = "style.css"
# They share one scope: functions and classes may name each other, and what runs at once stands after what it needs.
PARTS = (
    "options.js",
    "texts.js",
    "words.js",
    "storage.js",
    "connection.js",
    "outbox.js",
    "conversation.js",
    "drawing.js",
    "markdown.js",
    "images.js",
    "sound.js",
    "transcript.js",
    "log.js",
    "votes.js",
    "messages.js",
    "attachments.js",
    "composer.js",
    "launcher.js",
    "header.js",
    "banner.js",
    "handoff.js",
    "element.js",
    "page.js",
)
# A page that loads it twice has one chat.
BEGINNING = '(() => {\n"use strict";\nif (window.Weaver) return;\n'
END = "})();\n"
# A shop's pages keep it for five minutes, then ask whether it is still the same.
KEPT = "public, max-age=300, stale-while-revalidate=86400"


def joined() -> str:
    """The parts in their order, in a scope of their own, with the style as a string."""
    style = json.dumps(rcssmin.cssmin((FOLDER / STYLE).read_text(encoding="utf-8")), ensure_ascii=False)
    parts = [(FOLDER / name).read_text(encoding="utf-8") for name in PARTS]
    return "".join([BEGINNING, f"const STYLE = {style};\n", *parts, END])


def script() -> bytes:
    """What is served: the parts without their comments and indentation."""
    minified: str = rjsmin.jsmin(joined())
    return minified.encode()


def widget_route() -> Callable[[Request], Awaitable[Response]]:
    """The route that serves the widget as its files are now."""
    content = script()
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
