"""The schema: made, checked, and refused when it is not this program's; databases that do not work."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from knowledge_base import answers, schema
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database, driver_url
from knowledge_base.errors import DatabaseUnavailableError, SchemaError
from knowledge_base.tables import Base

pytestmark = pytest.mark.anyio


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url: str) -> None:
    engine = create_engine(driver_url(database_url, asynchronous=False))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def test_an_upgrade_of_an_upgraded_database_changes_nothing(database_url: str) -> None:
    assert schema.upgrade(database_url) == (schema.newest(), schema.newest())
    schema.check(database_url)


def test_an_empty_database_is_told_to_upgrade(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="weaver db upgrade"):
        schema.check(f"sqlite:///{tmp_path / 'new.db'}")


def test_a_database_of_a_newer_weaver_is_refused_and_left_alone(sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = Path(path).read_bytes()
    for call in (schema.check, schema.upgrade):
        with pytest.raises(SchemaError, match="9999 of a newer Weaver"):
            call(sqlite_url)
    assert Path(path).read_bytes() == before


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(DatabaseUnavailableError, match="not a database address"):
        Database("nonsense")
    with pytest.raises(DatabaseUnavailableError, match="mysql"):
        Database("mysql://localhost/weaver")


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "weaver.db"
    path.write_bytes(b"not a database at all, but long enough to look at" * 40)
    with pytest.raises(DatabaseUnavailableError, match=r"weaver\.db is not usable"):
        schema.check(f"sqlite:///{path}")


async def test_a_database_that_can_only_be_read_says_so_and_stays_as_it_was(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    database = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(DatabaseUnavailableError, match="readonly"):
        async with database.writing() as session:
            await answers.create(session, AnswerDraft("a", "a"), "test")
    await database.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a folder should be")
    with pytest.raises(DatabaseUnavailableError, match="cannot be made"):
        Database(f"sqlite:///{tmp_path / 'file' / 'weaver.db'}")
    with pytest.raises(DatabaseUnavailableError, match="cannot be made"):
        schema.upgrade(f"sqlite:///{tmp_path / 'file' / 'weaver.db'}")


async def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    database = Database("postgresql://weaver:secret@127.0.0.1:1/weaver")
    with pytest.raises(DatabaseUnavailableError, match=r"127\.0\.0\.1:1") as caught:
        async with database.reading() as session:
            await answers.count(session)
    await database.close()
    assert "secret" not in str(caught.value)
