"""A trained assistant, its action server and the Weaver behind it, once for all tests here."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tests.bot.action_server import free_port, serve_actions
from tests.rasa.assistant import EXAMPLE, Customer, run_rasa, serve_assistant
from tests.rasa.weaver import Weaver


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, and what Rasa said while it was made."""

    model: Path
    output: str


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """`rasa train` of the example, as its README has it."""
    folder = tmp_path_factory.mktemp("assistant") / "rasa"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("models", ".rasa"))
    done = run_rasa(folder, "train", "--fail-on-validation-warnings")
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    (model,) = (folder / "models").glob("*.tar.gz")
    return Trained(model, output)


@pytest.fixture(scope="session")
def weaver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weaver]:
    """A Weaver that serves."""
    weaver = Weaver(tmp_path_factory.mktemp("weaver") / "home", free_port())
    weaver.load()
    weaver.start()
    yield weaver
    weaver.stop()


@pytest.fixture(scope="session")
def assistant(trained: Trained, weaver: Weaver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The assistant's address."""
    folder = tmp_path_factory.mktemp("running")
    settings = {"WEAVER_URL": weaver.url, "WEAVER_API_KEY": weaver.key("program"), "WEAVER_TIMEOUT_SECONDS": "30"}
    with (
        serve_actions(folder / "actions.log", **settings) as actions,
        serve_assistant(folder, trained.model, actions.url) as url,
    ):
        yield url


@pytest.fixture
def customer(assistant: str) -> Customer:
    """Somebody new."""
    return Customer(assistant, f"customer-{uuid4().hex}")
