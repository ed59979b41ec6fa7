"""Fixtures that every test may use: real databases, migrated and empty."""

import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from knowledge_base import schema
from knowledge_base.database import Database
from tests.postgres import TemporaryPostgres

# What an example takes, the machine decides: a busy one is no mistake of what is tested, and every run tries the same.
settings.register_profile("weaver", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("weaver")


def pytest_configure() -> None:
    """Let gRPC write nothing: what it says of one test's Milvus would come while another test reads what is written."""
    os.environ["GRPC_VERBOSITY"] = "NONE"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Tests run on asyncio, as the service does."""
    return "asyncio"


@pytest.fixture(scope="module", autouse=True)
def settled_objects() -> None:
    """Set aside what stays until the end: torch alone makes half a million objects, and a server collects garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[TemporaryPostgres]:
    """A real PostgreSQL for this run of the tests."""
    # Not below pytest's own folder: as root the server is another user, and pytest closes that folder to others.
    with TemporaryDirectory(prefix="weaver-postgres-") as folder, TemporaryPostgres(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a migrated, empty SQLite file: copying them is faster than migrating again."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    schema.upgrade(f"sqlite:///{path}")
    return path.read_bytes()


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: bytes) -> str:
    """The address of a migrated, empty SQLite file."""
    path = tmp_path / "weaver.db"
    path.write_bytes(migrated_sqlite)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def migrated_postgres(postgres: TemporaryPostgres) -> str:
    """The name of a migrated, empty database from which others are made."""
    name = "weaver_template"
    schema.upgrade(postgres.create(name))
    return name


@pytest.fixture
def postgres_url(postgres: TemporaryPostgres, migrated_postgres: str) -> Iterator[str]:
    """The address of a migrated, empty database in a real PostgreSQL."""
    with postgres.copy_of(migrated_postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated, empty database: first SQLite, then PostgreSQL."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url = request.getfixturevalue(fixture)
    assert isinstance(url, str)
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database: first SQLite, then PostgreSQL."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    """A migrated, empty SQLite database, for what does not depend on the engine."""
    database = Database(sqlite_url)
    yield database
    await database.close()
