"""The schema: made, checked, and refused when it is not this program's; databases that do not work."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from knowledge_base import answers, dialogues, memories, positions, schema
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database, driver_url
from knowledge_base.errors import DatabaseUnavailableError, SchemaError
from knowledge_base.identifiers import new_id
from knowledge_base.positions import PositionDraft
from knowledge_base.tables import Base
from tests.postgres import TemporaryPostgres
from weaver_core.dialogue import PositionKind

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database without a schema: first SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server = request.getfixturevalue("postgres")
    assert isinstance(server, TemporaryPostgres)
    return server.create(f"empty_{tmp_path.name[-8:].strip('_-').lower()}")


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


OLD_ROWS = """
INSERT INTO dialogue (id, source, collection, created_at)
    VALUES ({dialogue}, 'test', 'default', {at});
INSERT INTO turn (id, dialogue_id, ordinal, role, text, at) VALUES ({turn}, {dialogue}, 1, 'customer', 'Where?', {at});
INSERT INTO answer (id, title, text, collection, tags, status, origin, personal, created_at, updated_at)
    VALUES ({answer}, 't', 'Here.', 'default', '[]', 'approved', 'faq', {false}, {at}, {at});
INSERT INTO position (id, answer_id, kind, text, trust, content_hash, turn_id, created_at)
    VALUES ({position}, {answer}, 'question', 'Where?', 0, '{digest}', {turn}, {at});
INSERT INTO key (position_id, encoder, vector) VALUES ({position}, 'tiny@1', {vector})
"""


async def test_what_the_first_schema_held_is_there_after_the_second(empty_url: str) -> None:
    ids = {name: new_id() for name in ("dialogue", "turn", "answer", "position")}
    vector = np.array([0.6, -0.48, 0.64, 0], np.float32)
    draft = PositionDraft(PositionKind.QUESTION, "Where?")
    is_sqlite = empty_url.startswith("sqlite")
    values = {name: f"'{value.hex}'" for name, value in ids.items()} | {
        "at": "'2025-01-01 00:00:00'",
        "false": "0" if is_sqlite else "false",
        "digest": draft.content_hash.hex() + 32 * "0",
        "vector": ("x'{}'" if is_sqlite else "'\\x{}'").format(vector.astype("<f2").tobytes().hex()),
    }
    schema.upgrade(empty_url, "0001")
    engine = create_engine(driver_url(empty_url, asynchronous=False))
    with engine.begin() as connection:
        for statement in OLD_ROWS.format(**values).split(";"):
            connection.exec_driver_sql(statement)
    engine.dispose()
    schema.upgrade(empty_url)
    database = Database(empty_url)
    async with database.writing() as session:
        (memory,) = await memories.load(session, ["tiny@1"], [ids["answer"]])
        # The same words are known by the digest that was stored.
        assert await positions.add(session, ids["answer"], [draft]) == []
        assert (await dialogues.get(session, ids["dialogue"])).turn_ids == (ids["turn"],)
    await database.close()
    (position,) = memory.positions
    assert (position.id, position.answer_id, position.turn_id) == (ids["position"], ids["answer"], ids["turn"])
    assert memory.vectors["tiny@1"] == pytest.approx(vector[None], abs=0.01)
