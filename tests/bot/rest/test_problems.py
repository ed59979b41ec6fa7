"""Every error over REST is a problem document with one clear sentence."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from bot import errors
from bot.faults import DOMAIN_ERRORS, FAULTS
from knowledge_base import errors as knowledge
from tests.bot.conftest import Serve
from tests.bot.running_server import RunningServer
from tests.bot.script import Script
from tests.patience import PATIENCE_SECONDS

UNKNOWN = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def http(server: RunningServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, timeout=30) as client:
        yield client


def assert_problem(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The response is a problem document as RFC 9457 has it."""
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert (response.status_code, document["status"], document["code"]) == (status, status, code)
    assert document["title"]
    assert document["detail"].endswith(".")
    return document


def test_an_unknown_route_is_named(http: httpx2.Client) -> None:
    assert assert_problem(http.get("/nowhere"), 404, "not_found")["detail"] == "There is nothing at /nowhere."


def test_a_wrong_method_is_named(http: httpx2.Client) -> None:
    document = assert_problem(http.get("/api/v1/ask"), 405, "method_not_allowed")
    assert document["detail"] == "GET is not a method of /api/v1/ask."


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ("{nonsense", "The body is not valid JSON: Expecting property name enclosed in double quotes."),
        ("", "The body is missing."),
        ("[]", "The body should be a valid dictionary or object to extract fields from."),
        ("{}", "The field client_id is missing."),
        ('{"client_id": "c1"}', "The field text is missing."),
        ('{"client_id": "c1", "text": 7}', "The field text should be a valid string."),
        ('{"client_id": "", "text": "x"}', "The field client_id should have at least 1 characters."),
        (
            '{"client_id": "a\\u0007", "text": "x"}',
            "The field client_id must not begin or end with a blank, nor hold a control character.",
        ),
    ],
)
def test_a_body_that_does_not_fit_is_told_by_its_field(
    http: httpx2.Client, keys: dict[str, str], content: str, detail: str
) -> None:
    headers = {"Authorization": f"Bearer {keys['program']}", "Content-Type": "application/json"}
    opened = http.post("/api/v1/conversations", json={}).json()
    response = http.post(f"/api/v1/conversations/{opened['id']}/messages", content=content, headers=headers)
    assert assert_problem(response, 422, "invalid_request")["detail"] == detail


def test_a_query_that_does_not_fit_is_told_by_its_name(http: httpx2.Client, keys: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {keys['program']}"}
    opened = http.post("/api/v1/conversations", json={}).json()
    response = http.get(f"/api/v1/conversations/{opened['id']}/events?after=-1", headers=headers)
    detail = assert_problem(response, 422, "invalid_request")["detail"]
    assert detail == "The field after should be greater than or equal to 0."


@pytest.mark.parametrize("name", [UNKNOWN, "nonsense", "%00"])
def test_an_unknown_conversation_is_named(http: httpx2.Client, keys: dict[str, str], name: str) -> None:
    headers = {"Authorization": f"Bearer {keys['program']}"}
    response = http.get(f"/api/v1/conversations/{name}/events", headers=headers)
    assert_problem(response, 404, "conversation_not_found")


@pytest.mark.parametrize("name", [UNKNOWN, "nonsense"])
def test_an_unknown_message_is_named(http: httpx2.Client, keys: dict[str, str], name: str) -> None:
    headers = {"Authorization": f"Bearer {keys['program']}"}
    response = http.post(f"/api/v1/messages/{name}/feedback", json={"rating": "up"}, headers=headers)
    detail = assert_problem(response, 404, "message_not_found")["detail"]
    assert detail == f"There is no message {name}."


def test_nobody_is_asked_for_credentials(http: httpx2.Client) -> None:
    response = http.post("/api/v1/ask", json={"text": "hello"})
    assert_problem(response, 401, "credentials_missing")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("credentials", "code"), [("Bearer wv_unknown", "credentials_invalid"), ("Bearer x.y.z", "token_invalid")]
)
def test_credentials_that_are_not_good_are_refused(http: httpx2.Client, credentials: str, code: str) -> None:
    response = http.post("/api/v1/conversations", json={}, headers={"Authorization": credentials})
    assert_problem(response, 401, code)


def test_a_role_that_is_not_enough_is_told_which_is(http: httpx2.Client, keys: dict[str, str]) -> None:
    opened = http.post("/api/v1/conversations", json={}).json()
    response = http.post("/api/v1/ask", json={"text": "hello"}, headers={"Authorization": f"Bearer {opened['token']}"})
    assert assert_problem(response, 403, "forbidden")["detail"] == "This needs the role program or above."
    assert keys


def test_a_body_beyond_all_measure_is_refused(http: httpx2.Client) -> None:
    content = b'{"channel": "' + b"x" * 2_000_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    declared = http.post("/api/v1/conversations", content=content, headers=headers)
    assert_problem(declared, 413, "content_too_large")
    chunks = (content[start : start + 100_000] for start in range(0, len(content), 100_000))
    assert_problem(http.post("/api/v1/conversations", content=chunks, headers=headers), 413, "content_too_large")


def test_a_failure_inside_says_no_more_than_that(serve: Serve, script: Script, keys: dict[str, str]) -> None:
    server = serve(script)
    headers = {"Authorization": f"Bearer {keys['program']}"}
    response = httpx2.post(
        f"{server.url}/api/v1/ask", json={"text": "fail secretly"}, headers=headers, timeout=PATIENCE_SECONDS
    )
    document = assert_problem(response, 500, "internal_error")
    assert "secretly" not in str(document)


def test_every_domain_error_has_its_place_in_the_table() -> None:
    bases = {errors.BotError, knowledge.KnowledgeError}
    for module in (errors, knowledge):
        for error in vars(module).values():
            if isinstance(error, type) and issubclass(error, DOMAIN_ERRORS) and error not in bases:
                assert error in FAULTS, error
