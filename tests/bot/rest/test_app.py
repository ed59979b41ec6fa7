"""What every response carries, and the files that pages load."""

import gzip
import re

import httpx2
import pytest

from bot import widget
from tests.bot.running_server import RunningServer
from tests.patience import PATIENCE_SECONDS


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/static/shop.css", "/widget.js"])
def test_every_response_has_the_security_headers(server: RunningServer, path: str) -> None:
    headers = httpx2.get(f"{server.url}{path}", timeout=PATIENCE_SECONDS).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_page_of_the_api_may_run_what_it_is_made_of_and_needs_no_network(server: RunningServer) -> None:
    response = httpx2.get(f"{server.url}/docs", timeout=PATIENCE_SECONDS)
    assert response.status_code == 200
    assert "script-src 'self' 'unsafe-inline'" in response.headers["content-security-policy"]
    own = re.findall(r'(?:src|href)="([^"]+)"', response.text)
    assert own
    assert all(
        path.startswith("/") and httpx2.get(server.url + path, timeout=PATIENCE_SECONDS).status_code == 200
        for path in own
    )
    assert httpx2.get(f"{server.url}/openapi.json", timeout=PATIENCE_SECONDS).json()["info"]["title"] == "Weaver"


def test_the_widget_is_for_any_sites_pages_and_is_sent_once(server: RunningServer) -> None:
    first = httpx2.get(f"{server.url}/widget.js", timeout=PATIENCE_SECONDS)
    assert first.content == widget.script()
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["content-type"].startswith("text/javascript")
    again = httpx2.get(
        f"{server.url}/widget.js", headers={"If-None-Match": first.headers["etag"]}, timeout=PATIENCE_SECONDS
    )
    assert (again.status_code, again.content) == (304, b"")


def test_the_widget_is_under_20_kb_on_the_wire(server: RunningServer) -> None:
    with httpx2.stream("GET", f"{server.url}/widget.js", headers={"Accept-Encoding": "gzip"}) as response:
        packed = b"".join(response.iter_raw())
    assert len(packed) < 20_000
    assert gzip.decompress(packed) == widget.script()
    plain = httpx2.get(f"{server.url}/widget.js", headers={"Accept-Encoding": "identity"}, timeout=PATIENCE_SECONDS)
    assert "content-encoding" not in plain.headers
