"""What the API says of itself is true: whatever is sent, answers are as described, and errors are problem documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.rest.problems import MEDIA_TYPE, ProblemBody
from tests.bot.conftest import ANSWERS, Serve
from tests.bot.running_server import RunningServer
from tests.bot.script import Script
from tests.patience import PATIENCE_SECONDS

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# It starts a training; tests/bot/rest/test_updates_api.py asks for it.
LEFT_OUT = {("POST", "/api/v1/admin/updates")}
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored: a caller who names it comes further than one who guesses."""

    conversation_id: str
    message_id: str
    feedback_id: str

    def parameters(self) -> dict[str, str]:
        """For the gaps of paths."""
        return {
            "conversation_id": self.conversation_id,
            "message_id": self.message_id,
            "feedback_id": self.feedback_id,
            "answer_id": next(iter(ANSWERS)),
            "customer": "ada",
            "name": "v1",
        }


@pytest.fixture
def generous(serve: Serve, script: Script) -> RunningServer:
    """A server without limits on how fast it is asked."""
    return serve(script, message_burst=10**6, conversations_a_minute=10**6, asks_a_minute=10**6, images_a_minute=10**6)


@pytest.fixture
def known(generous: RunningServer, keys: dict[str, str]) -> Known:
    """A conversation with a question, its answer and a thumb down."""
    headers = {"Authorization": f"Bearer {keys['program']}"}
    with httpx2.Client(base_url=f"{generous.url}/api/v1", headers=headers, timeout=30) as http:
        opened = http.post("/conversations", json={"external_id": "r1", "identity": "ada"}).json()
        body = {"client_id": "c1", "text": "Where is my parcel?"}
        reply = http.post(f"/conversations/{opened['id']}/messages", json=body).json()["reply"]
        http.post(f"/messages/{reply['id']}/feedback", json={"rating": "down"})
        agent = {"Authorization": f"Bearer {keys['reviewer']}"}
        feedback = http.get("/admin/feedback", headers=agent).json()
    return Known(opened["id"], reply["id"], feedback["items"][0]["id"])


def operations(server: RunningServer) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    """Everything that the API says can be done."""
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if (operation.method.upper(), operation.path) not in LEFT_OUT:
            yield operation


@pytest.mark.parametrize("role", ["nobody", "program", "admin"])
@pytest.mark.slow
def test_every_answer_is_as_described_whatever_is_sent(
    generous: RunningServer, known: Known, keys: dict[str, str], role: str
) -> None:
    headers = {} if role == "nobody" else {"Authorization": f"Bearer {keys[role]}"}
    seen: set[int] = set()
    untrue: list[BaseException] = []
    for operation in operations(generous):
        try:
            seen |= asked(operation, headers, known.parameters())
        except (AssertionError, FailureGroup) as error:
            untrue.append(error)
    if untrue:
        raise BaseExceptionGroup(f"What the API says of itself is untrue {len(untrue)} times.", untrue)
    assert seen >= {"nobody": {200, 401}, "program": {200, 403, 404, 422}, "admin": {200, 404, 422}}[role]


def asked(operation: APIOperation[Any, Any, Any, Any], headers: dict[str, str], known: dict[str, str]) -> set[int]:
    """Ask for an operation in many ways, fitting its description and not. Returns the statuses that came back."""
    seen: set[int] = set()
    named = {name: value for name, value in known.items() if f"{{{name}}}" in operation.path}
    ways = [operation.as_strategy(mode) for mode in GenerationMode]
    if named:
        ways.append(operation.as_strategy(path_parameters=named))

    @settings(
        max_examples=EXAMPLES * len(ways),
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(ways))
    def ask(case: Any) -> None:  # noqa: ANN401 - schemathesis' Case
        # What is generated for the header would take the caller's place.
        case.headers.pop("Authorization", None)
        response = case.call(headers=headers, timeout=PATIENCE_SECONDS)
        case.validate_response(response, checks=CHECKS)
        seen.add(response.status_code)
        if response.status_code >= httpx2.codes.BAD_REQUEST:
            assert response.headers["content-type"] == [MEDIA_TYPE]
            problem = ProblemBody.model_validate(response.json())
            assert problem.status == response.status_code
            assert problem.detail.endswith(".")

    ask()
    return seen
