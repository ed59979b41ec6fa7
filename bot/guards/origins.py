"""Which web pages may open conversations: those of this host, of localhost, and those that the operator allows."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from bot.errors import OriginDeniedError

ANY = "*"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def check(connection: HTTPConnection, allowed: Collection[str]) -> None:
    """Programs name no origin and pass. Raises OriginDeniedError for a page of a site that is not allowed."""
    origin = connection.headers.get("origin")
    if origin is not None and not is_allowed(origin, connection.headers.get("host", ""), allowed):
        raise OriginDeniedError(origin)


def is_allowed(origin: str, host: str, allowed: Collection[str]) -> bool:
    """Whether pages of an origin may talk to the service that was reached as `host`."""
    if ANY in allowed or origin.rstrip("/").lower() in {name.rstrip("/").lower() for name in allowed}:
        return True
    try:
        page = urlsplit(origin)
        name = page.hostname or ""
    except ValueError:
        return False
    if page.scheme not in ("http", "https"):
        return False
    return name in _LOCAL or name.endswith(".localhost") or page.netloc.lower() == host.lower()
