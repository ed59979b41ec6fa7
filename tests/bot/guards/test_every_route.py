"""What holds for every route there is, those of tomorrow too: who may enter, what a form must prove, which headers."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from bot.app import create_app
from bot.guards.headers import HEADERS
from bot.rest.identity import COOKIE, SAFE_METHODS
from bot.settings import Settings
from knowledge_base.accounts import AccountRole
from tests.bot.conftest import Serve
from tests.bot.person import Person, add_account, signed_in
from tests.bot.running_server import RunningServer
from tests.bot.script import Script

Call = tuple[str, str]

# Everything else is for somebody.
PUBLIC = {
    ("POST", "/api/v1/conversations"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/"),
    ("GET", "/shop"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/logout"),
    # Who holds a link has no account yet; its token is looked at, and opens nothing but its own password.
    ("GET", "/invitation"),
    ("POST", "/invitation"),
    ("POST", "/api/v1/invitations/accept"),
    ("GET", "/docs"),
    ("GET", "/docs/oauth2-redirect"),
}
# What a visitor's token opens in its own conversation, and a program's key in any.
VISITORS = "/api/v1/conversations/", "/api/v1/messages/"
ADMINS = "/api/v1/accounts", "/api/v1/keys", "/api/v1/audit", "/admin/accounts", "/admin/keys", "/admin/audit"
UNKNOWN = "01890a5d-ac96-774b-bcce-b302099a8057"


def calls() -> list[Call]:
    """Every method of every route, REST's and the pages'."""
    app = create_app(Settings(), [])
    routes = [route for route in iter_route_contexts(app.routes) if isinstance(route.original_route, APIRoute)]
    return sorted((method, str(route.path)) for route in routes for method in route.methods or ())


def address(path: str) -> str:
    """The path of a route with something in its gaps."""
    return re.sub(r"\{[^}]+\}", UNKNOWN, path)


@pytest.fixture
def http(server: RunningServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture
def admin(sqlite_url: str, server: RunningServer) -> Iterator[Person]:
    """A browser in which an administrator is signed in."""
    add_account(sqlite_url, "ada", AccountRole.ADMIN)
    with signed_in(server, "ada") as person:
        person.client.follow_redirects = False
        yield person


def test_there_are_routes_to_look_at() -> None:
    assert len(calls()) > 50
    assert set(calls()) >= PUBLIC


def test_nobody_comes_in_where_somebody_is_wanted(http: httpx2.Client) -> None:
    for method, path in calls():
        if (method, path) in PUBLIC:
            continue
        told = http.request(method, address(path))
        if path.startswith("/api/"):
            assert (told.status_code, told.json()["code"]) == (401, "credentials_missing"), path
        else:
            assert (told.status_code, told.headers["location"][:6]) == (303, "/login"), path


def test_a_visitors_token_opens_nothing_but_its_own_conversation(serve: Serve, script: Script) -> None:
    # Without the limit that would stop this visitor long before the last route.
    server = serve(script, message_burst=1000)
    with httpx2.Client(base_url=server.url, timeout=30) as http:
        mine, theirs = (http.post("/api/v1/conversations", json={}).json() for _ in range(2))
        headers = {"Authorization": f"Bearer {mine['token']}"}
        for method, path in calls():
            if (method, path) in PUBLIC:
                continue
            foreign = path.replace("{conversation_id}", theirs["id"])
            told = http.request(method, address(foreign), headers=headers)
            closed = (401, 404, 422) if path.startswith(VISITORS) else (303, 401, 403)
            assert told.status_code in closed, (method, path, told.text)


def test_what_a_visitor_asks_of_rest_is_limited_and_a_programs_is_not(
    serve: Serve, script: Script, keys: dict[str, str]
) -> None:
    server = serve(script, messages_a_second=0.001, message_burst=2)
    with httpx2.Client(base_url=server.url, timeout=30) as http:
        mine, other = (http.post("/api/v1/conversations", json={}).json() for _ in range(2))
        statuses = [read(http, mine["id"], mine["token"]) for _ in range(5)]
        assert statuses == [200, 200, 200, 200, 429]
        assert read(http, other["id"], other["token"]) == 200
        assert [read(http, mine["id"], keys["program"]) for _ in range(5)] == [200] * 5


def read(http: httpx2.Client, conversation_id: str, secret: str) -> int:
    """Read a conversation's log. Returns the status."""
    path = f"/api/v1/conversations/{conversation_id}/events"
    return http.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code


@pytest.mark.parametrize(
    ("role", "closed"),
    [
        ("program", ("/agent", "/admin", "/api/v1/agent", "/api/v1/admin", *ADMINS)),
        ("agent", ("/api/v1/admin", *ADMINS)),
        ("reviewer", ADMINS),
    ],
)
def test_a_key_opens_no_more_than_its_role_may(
    http: httpx2.Client, keys: dict[str, str], role: str, closed: tuple[str, ...]
) -> None:
    for method, path in calls():
        if path.startswith(closed):
            told = http.request(method, address(path), headers={"Authorization": f"Bearer {keys[role]}"})
            assert told.status_code == 403, (method, path, told.text)


def test_a_change_by_cookie_needs_the_logins_token_on_every_route(admin: Person) -> None:
    changing = [call for call in calls() if call[0] not in SAFE_METHODS and call != ("POST", "/login")]
    assert len(changing) > 30
    for method, path in changing:
        for given in ({}, {"csrf_token": "guessed"}):
            told = admin.client.request(method, address(path), data=given)
            assert (told.status_code, "csrf_token" in told.text) == (403, True), (method, path)
    assert admin.read("/admin").status_code == 200


def test_every_answer_has_the_security_headers(admin: Person) -> None:
    pages = [address(path) for method, path in calls() if method == "GET"]
    answers = [admin.client.get(path) for path in [*pages, "/nowhere", "/widget.js", "/static/pages.css", "/docs"]]
    answers += [admin.client.post("/api/v1/ask"), admin.client.delete("/healthz")]
    answers += [admin.client.post("/api/v1/conversations", content=b"x" * 2_000_000)]
    assert {answer.status_code for answer in answers} >= {200, 303, 403, 404, 405, 413}
    for answer in answers:
        for name in HEADERS:
            assert name in answer.headers, (answer.url, name)
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy, answer.url
        if not answer.url.path.startswith("/docs"):
            assert "unsafe" not in policy, answer.url


def test_what_fails_inside_has_them_too(http: httpx2.Client, keys: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {keys['program']}"}
    answer = http.post("/api/v1/ask", json={"text": "fail at the lamps"}, headers=headers)
    assert answer.status_code == 500
    assert set(HEADERS) <= {name for name in HEADERS if name in answer.headers}
    assert "content-security-policy" in answer.headers


def test_browsers_are_told_to_stay_with_tls_where_there_is_some(http: httpx2.Client) -> None:
    assert "strict-transport-security" not in http.get("/login").headers
    behind_tls = http.get("/login", headers={"X-Forwarded-Proto": "https"})
    assert behind_tls.headers["strict-transport-security"].startswith("max-age=")


def test_the_cookie_is_for_tls_only_where_there_is_some(sqlite_url: str, server: RunningServer) -> None:
    add_account(sqlite_url, "ada", AccountRole.ADMIN)
    with Person(server) as person:
        person.client.follow_redirects = False
        person.client.headers["X-Forwarded-Proto"] = "https"
        cookie = person.sign_in("ada").headers["set-cookie"]
    assert COOKIE in cookie
    assert "; Secure" in cookie
