"""`weaver import --defer` and `weaver encode`: stored first, found later, and what is said in between."""

import json
from pathlib import Path
from typing import Any

import anyio
import click
import httpx2
import pytest
from click.testing import CliRunner, Result

from bot.commands import imports
from bot.commands.ask import ask
from bot.commands.doctor import doctor
from bot.commands.encode import encode
from bot.commands.environment import Environment
from bot.settings import Settings
from bot.waiting import sentence
from knowledge_base.database import Database
from tests.bot.commands.test_import_command import SmallEnvironment, written
from tests.bot.conftest import Serve
from tests.bot.installation import Installation
from tests.bot.running_server import RunningServer
from tests.knowledge_base.test_ingestion_encoding import CountingEncoder
from tests.patience import PATIENCE_SECONDS
from weaver_core.encoders.encoder import OnnxEncoder

LINES = (
    '{"question": "How long does it take?", "answer": "Three days.", "answer_id": "delivery"}\n'
    '{"question": "Can I return it?", "answer": "Within 30 days.", "answer_id": "returns"}\n'
)
POSITIONS = 4


class Interrupted(SmallEnvironment):
    """An environment that is interrupted once: after so many texts, or as it begins to fit."""

    def __init__(self, settings: Settings, texts: int | None) -> None:
        super().__init__(settings)
        self._encoder = CountingEncoder(10_000 if texts is None else texts)
        self._fits = texts is not None

    def encoders(self) -> tuple[CountingEncoder]:  # type: ignore[override]
        """The encoder that stops."""
        return (self._encoder,)

    async def refit(self, database: Database, progress: object = None) -> None:
        """Stop once."""
        if not self._fits:
            self._fits = True
            raise KeyboardInterrupt
        await super().refit(database, progress)


class RealEnvironment(Environment):
    """The command's environment with an encoder that is open already."""

    def __init__(self, settings: Settings, encoder: OnnxEncoder) -> None:
        super().__init__(settings)
        self._encoders = (encoder,)


def faq(tmp_path: Path) -> Path:
    """Two answers with a question each."""
    return written(tmp_path / "faq.jsonl", LINES)


def run(environment: Environment, command: click.Command, *arguments: str) -> Result:
    """Call a command."""
    return CliRunner().invoke(command, arguments, obj=environment, catch_exceptions=False)


def test_what_is_deferred_is_found_once_it_is_encoded(
    installation: Installation, encoder: OnnxEncoder, tmp_path: Path
) -> None:
    # No encoder is opened to store what is imported.
    deferred = installation.run("import", str(faq(tmp_path)), "--defer", WEAVER_ENCODERS="no/such/encoder")
    assert deferred.returncode == 0, deferred.stderr
    assert "not found yet: run `weaver encode`." in deferred.stderr
    environment = RealEnvironment(Settings(home=installation.home), encoder)
    again = json.loads(run(environment, imports.import_, str(faq(tmp_path)), "--defer", "--json").stdout)
    assert (again["duplicate"], again["deferred"]) == (2, True)
    asked = run(environment, ask, "how long does it take", "--json")
    assert json.loads(asked.stdout)["candidates"] == []
    assert sentence(POSITIONS) in asked.stderr
    checked = run(environment, doctor, "--json")
    assert json.loads(checked.stdout)[-1]["mend"] == sentence(POSITIONS)

    encoded = run(environment, encode, "--json")
    none = dict.fromkeys(("dropped", "merged", "duplicates", "contradictions", "same_questions"), 0)
    assert json.loads(encoded.stdout) == {"encoded": POSITIONS} | none
    asked = run(environment, ask, "how long does it take", "--json")
    assert json.loads(asked.stdout)["answer"]["answer_id"] == "delivery"
    assert "encod" not in asked.stderr
    assert json.loads(run(environment, doctor, "--json").stdout)[-1]["mend"] == ""
    assert run(environment, encode).stdout == "Nothing waited for encoding.\n"


def test_a_running_service_says_what_waits_and_finds_it_once_it_is_encoded(
    serve: Serve, encoder: OnnxEncoder, tmp_path: Path, keys: dict[str, str]
) -> None:
    server = serve()
    environment = RealEnvironment(server.settings, encoder)
    said = {"status": "ready", "model_version": "v0", "waiting": 0}
    assert ready(server) == said
    run(environment, imports.import_, str(faq(tmp_path)), "--defer")
    assert ready(server) == said | {"waiting": POSITIONS, "detail": sentence(POSITIONS)}
    assert asked(server, keys)["decision"] == "handoff"
    run(environment, encode)
    assert ready(server)["waiting"] == 0
    while asked(server, keys)["answer"] is None:
        anyio.run(anyio.sleep, 0.02)
    assert asked(server, keys)["answer"]["answer_id"] == "delivery"


def ready(server: RunningServer) -> dict[str, object]:
    """What the service says of itself."""
    response = httpx2.get(f"{server.url}/readyz", timeout=PATIENCE_SECONDS)
    assert response.status_code == 200
    said: dict[str, object] = response.json()
    return said


def asked(server: RunningServer, keys: dict[str, str]) -> dict[str, Any]:
    """What the service answers to one of the questions."""
    authorization = {"Authorization": f"Bearer {keys['program']}"}
    body = {"text": "How long does it take?"}
    response = httpx2.post(f"{server.url}/api/v1/ask", json=body, headers=authorization, timeout=PATIENCE_SECONDS)
    assert response.status_code == 200
    said: dict[str, Any] = response.json()
    return said


@pytest.mark.parametrize("texts", [2, None], ids=["as it encodes", "as it fits"])
def test_what_an_interrupted_encoding_left_the_next_one_does(
    sqlite_url: str, tmp_path: Path, texts: int | None
) -> None:
    settings = Settings(database_url=sqlite_url, home=tmp_path)
    environment = SmallEnvironment(settings)
    run(environment, imports.import_, str(faq(tmp_path)), "--defer")
    assert environment.fitted == 0
    broken = Interrupted(settings, texts)
    with pytest.raises(click.Abort):
        encode.main([], obj=broken, standalone_mode=False)
    left = run(environment, encode, "--json")
    assert json.loads(left.stdout)["encoded"] == (POSITIONS if texts else 0)
    assert environment.fitted == 1
    run(environment, encode)
    assert environment.fitted == 1


def test_what_an_earlier_file_brought_is_told_though_a_later_one_fails(
    installation: Installation, tmp_path: Path
) -> None:
    done = installation.run("import", str(faq(tmp_path)), str(written(tmp_path / "b.jsonl", "oops\n")), "--defer")
    assert done.returncode == 2
    assert "run `weaver encode`" in done.stderr
    assert "b.jsonl" in done.stderr
