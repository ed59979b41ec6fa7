"""The schema's revisions: bring a database up to date, and say where it stands."""

from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.database import describe, driver_url, make_folder
from knowledge_base.errors import DatabaseUnavailableError, SchemaError
from knowledge_base.tables.base import now

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    return configuration


def _engine(url: str) -> Engine:
    address = driver_url(url, asynchronous=False)
    if address.drivername == "sqlite" and address.database:
        make_folder(Path(address.database).parent)
    return create_engine(address)


def newest() -> str:
    """The revision that this program works with."""
    head = ScriptDirectory.from_config(_configuration()).get_current_head()
    if head is None:  # pragma: no cover - a program without migrations cannot be built
        raise SchemaError("This program has no migrations.")
    return head


def current(url: str) -> str | None:
    """The revision of a database, None for an empty one. Raises DatabaseUnavailableError."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise DatabaseUnavailableError(describe(engine.url, error)) from error
    finally:
        engine.dispose()


def check(url: str) -> None:
    """Raises SchemaError, with what to do, unless the database has exactly this program's schema."""
    revision, wanted = current(url), newest()
    if revision == wanted:
        return
    if revision is None:
        raise SchemaError("The database has no Weaver schema yet; run `weaver db upgrade`.")
    if revision in _known_revisions():
        raise SchemaError(f"The database has the older schema {revision}; run `weaver db upgrade`.")
    raise SchemaError(f"The database has the schema {revision} of a newer Weaver; this one knows up to {wanted}.")


async def server_clock(session: AsyncSession) -> datetime:
    """The time that the database's machine has; SQLite's is this one."""
    if session.get_bind().dialect.name == "sqlite":
        await session.execute(select(1))
        return now()
    moment: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return moment


def upgrade(url: str, revision: str | None = None) -> tuple[str | None, str]:
    """Bring a database to this program's schema, or to an earlier revision of it.

    Returns the revisions before and after. Raises SchemaError.
    """
    wanted = revision or newest()
    try:
        before = current(url)
    except OSError as error:
        raise DatabaseUnavailableError(f"The database's folder cannot be made: {error.strerror}.") from error
    if before is not None and before not in _known_revisions():
        raise SchemaError(f"The database has the schema {before} of a newer Weaver; this one knows up to {newest()}.")
    engine = _engine(url)
    configuration = _configuration()
    try:
        with engine.begin() as connection:
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, wanted)
    except DBAPIError as error:
        raise DatabaseUnavailableError(describe(engine.url, error)) from error
    except CommandError as error:
        raise SchemaError(f"The database could not be upgraded: {error}.") from error
    finally:
        engine.dispose()
    return before, wanted


def revisions() -> list[str]:
    """All revisions that there ever were, oldest first."""
    scripts = ScriptDirectory.from_config(_configuration()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def _known_revisions() -> set[str]:
    return set(revisions())
