"""A running service with a real encoder, a migrated SQLite file and two answers in it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import anyio
import pytest

from bot.settings import Settings
from knowledge_base import answers, api_keys, dialogues
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import Answer, AnswerDraft
from knowledge_base.database import Database
from tests import tiny_encoder
from tests.bot.installation import Installation
from tests.bot.running_server import RunningServer, run_server
from tests.bot.script import Script
from weaver_core.encoders import export, sources
from weaver_core.encoders.encoder import OnnxEncoder

ANSWERS = {
    "shipping-time": ("How long does delivery take?", "Parcels take three days."),
    "returns": ("Can I send it back?", "You can return it within 30 days."),
}

Serve = Callable[..., RunningServer]
Count = Callable[[], int]


@pytest.fixture(scope="session")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small transformer that this run wrote."""
    texts = [text for pair in ANSWERS.values() for text in pair]
    return tiny_encoder.write(tmp_path_factory.mktemp("encoder") / "tiny", texts)


@pytest.fixture(scope="session")
def encoder_folder(transformer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, exported."""
    return export.exported(sources.find(str(transformer)), tmp_path_factory.mktemp("encoders"))


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> OnnxEncoder:
    """The small transformer, opened."""
    return OnnxEncoder(encoder_folder)


@pytest.fixture
def stored_answers(sqlite_url: str) -> list[Answer]:
    """Two approved answers in the database."""

    async def store() -> list[Answer]:
        database = Database(sqlite_url)
        async with database.writing() as session:
            drafts = [AnswerDraft(text, title, external_id=name) for name, (title, text) in ANSWERS.items()]
            stored = [await answers.create(session, draft, "test") for draft in drafts]
        await database.close()
        return stored

    return anyio.run(store)


@pytest.fixture
def keys(sqlite_url: str) -> dict[str, str]:
    """An API key of every role."""

    async def store() -> dict[str, str]:
        database = Database(sqlite_url)
        async with database.writing() as session:
            made = {role.value: await api_keys.add(session, role.value, role, "test") for role in AccountRole}
        await database.close()
        return made

    return anyio.run(store)


@pytest.fixture
def script(stored_answers: list[Answer]) -> Script:
    """Decides for the server under test."""
    return Script(stored_answers)


@pytest.fixture
def serve(sqlite_url: str, encoder: OnnxEncoder, tmp_path: Path) -> Iterator[Serve]:
    """Starts a server with settings of the test's own; it stops with the test."""
    with ExitStack() as stack:

        def start(script: Script | None = None, **settings: object) -> RunningServer:
            given = Settings.model_validate({"home": tmp_path, "database_url": sqlite_url, **settings})
            running: AbstractContextManager[RunningServer]
            running = run_server(given, encoder, script.respond if script else None)
            return stack.enter_context(running)

        yield start


@pytest.fixture
def server(serve: Serve, script: Script) -> RunningServer:
    """A running service whose decisions the script makes."""
    return serve(script)


@pytest.fixture
def dialogue_count(sqlite_url: str) -> Count:
    """How many dialogues are stored at the moment of the call."""

    async def read() -> int:
        database = Database(sqlite_url)
        async with database.reading() as session:
            number = await dialogues.count(session)
        await database.close()
        return number

    return lambda: anyio.run(read)


@pytest.fixture(scope="session")
def tiny_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small transformer that this run wrote."""
    return tiny_encoder.write(tmp_path_factory.mktemp("encoder") / "tiny", ["How long does it take?", "three days"])


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where exported encoders are kept during this run."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def installation(tmp_path: Path, tiny_source: Path, cache: Path, migrated_sqlite: bytes) -> Installation:
    """A migrated, empty installation."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "weaver.db").write_bytes(migrated_sqlite)
    return Installation(home, tiny_source, cache)
