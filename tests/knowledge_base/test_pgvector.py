"""The database's own index: beside the schema but no part of it, made by who may, found again when it was lost."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, make_url

from knowledge_base import backups, forgetting, positions, schema, table_streams
from knowledge_base.database import Database, driver_url
from knowledge_base.errors import IndexUnavailableError
from knowledge_base.identifiers import new_id
from knowledge_base.indexes import pgvector_table
from knowledge_base.indexes.pgvector import PgvectorIndex
from knowledge_base.indexes.vector_index import Followed
from knowledge_base.tables import Base
from knowledge_base.vector_tables import WRITING
from tests.knowledge_base import indexed
from tests.knowledge_base.indexed import DIMENSION, GROUPS, VIEWS
from tests.knowledge_base.test_erasure import mined
from tests.knowledge_base.test_shared_index import TEXTS, over, unit

pytestmark = pytest.mark.anyio

DIMENSIONS = dict.fromkeys(VIEWS, DIMENSION)
Run = Callable[..., list[tuple[Any, ...]]]
# Ends the other sessions, and waits until each is gone.
END_OTHERS = """
    SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def run(postgres_url: str) -> Iterator[Run]:
    """Runs a statement as the database's administrator."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:

        def run_one(statement: Any, *values: object) -> list[tuple[Any, ...]]:  # noqa: ANN401 - what psycopg takes
            found = connection.execute(statement, values)
            return found.fetchall() if found.description else []

        yield run_one


@pytest.fixture
def index(postgres_url: str) -> Iterator[PgvectorIndex]:
    """An index of two answers, complete."""
    index = PgvectorIndex(postgres_url, "space", DIMENSIONS)
    index.clear()
    indexed.put(over(index), *(indexed.memory(number, TEXTS) for number in range(2)))
    index.note(Followed(1, new_id()))
    yield index
    index.close()


def nearest(index: PgvectorIndex) -> list[UUID]:
    """The answers that a search finds."""
    return [hit.answer_id for hit in index.search(VIEWS[0], unit(1), 20, GROUPS)]


def test_a_search_goes_by_the_graph_of_its_group(index: PgvectorIndex, run: Run) -> None:
    run("SET enable_seqscan = off")
    run("SET enable_sort = off")
    table = index._table.name
    plan = run(
        f"EXPLAIN SELECT answer FROM weaver_index.{table} WHERE place = '{pgvector_table.STAMP}' "  # noqa: S608 - ours
        "ORDER BY view_1 <#> '[1,0,0,0,0,0,0,0]' LIMIT 5"
    )
    assert any("Index Scan using" in line and "view_1" in line for (line,) in plan)


def test_what_is_there_already_is_not_written_again(index: PgvectorIndex, run: Run) -> None:
    rows = f"SELECT position, xmin::text FROM weaver_index.{index._table.name} WHERE answer = %s"  # noqa: S608 - ours
    before = set(run(rows, UUID(int=1)))
    indexed.put(over(index), indexed.memory(1, [*TEXTS, "one more"]))
    after = set(run(rows, UUID(int=1)))
    assert len(after) == len(before) + 1
    assert before < after


def test_a_position_that_comes_from_another_answer_is_found_with_its_new_one(index: PgvectorIndex) -> None:
    taken, other = indexed.memory(1, TEXTS), indexed.memory(2, TEXTS)
    indexed.put(over(index), replace(taken, answer=other.answer))
    assert UUID(int=1) not in nearest(index)
    assert UUID(int=2) in nearest(index)


@pytest.mark.parametrize(
    "damage", ["DROP TABLE {}", "TRUNCATE {}", "DROP INDEX {}_view_0", "ALTER TABLE {} DROP view_1"]
)
def test_a_table_that_is_not_whole_is_not_complete(index: PgvectorIndex, run: Run, damage: str) -> None:
    run(damage.format(f"weaver_index.{index._table.name}"))
    assert index.followed() is None
    index.clear()
    index.note(Followed(2, None))
    assert index.followed() == Followed(2, None)


def test_a_connection_that_was_lost_is_made_again(index: PgvectorIndex, run: Run) -> None:
    found = nearest(index)
    run(END_OTHERS)
    assert nearest(index) == found


def test_who_fills_an_index_and_loses_the_connection_begins_again(index: PgvectorIndex, run: Run) -> None:
    index.claim()
    run(END_OTHERS)
    with pytest.raises(IndexUnavailableError, match="cannot be searched or changed"):
        index.clear()
    index.release()
    assert index.followed() is not None


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    index = PgvectorIndex("postgresql://weaver:secret@127.0.0.1:1/weaver", "space", DIMENSIONS)
    with pytest.raises(IndexUnavailableError, match=r"127\.0\.0\.1:1/weaver") as caught:
        index.followed()
    assert "secret" not in str(caught.value)


def test_others_wait_for_the_process_that_fills_an_index(index: PgvectorIndex, postgres_url: str, run: Run) -> None:
    other = PgvectorIndex(postgres_url, "space", DIMENSIONS)
    index.claim()
    waiting = threading.Thread(target=other.claim)
    waiting.start()
    while not run("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
        assert waiting.is_alive()
    index.release()
    waiting.join()
    other.close()


def test_nobody_who_searches_waits_for_what_is_written(index: PgvectorIndex, run: Run) -> None:
    held = over(index)
    run("SELECT pg_advisory_lock(%s)", WRITING)
    writing = threading.Thread(target=indexed.put, args=(held, indexed.memory(7, TEXTS)))
    writing.start()
    while not run("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
        assert writing.is_alive()
    before = held.by_vector(VIEWS[0], unit(1), 20, GROUPS)
    assert UUID(int=7) not in {hit.answer_id for hit in before}
    run("SELECT pg_advisory_unlock(%s)", WRITING)
    writing.join()
    assert UUID(int=7) in {hit.answer_id for hit in held.by_vector(VIEWS[0], unit(1), 20, GROUPS)}


def test_a_table_that_another_process_reads_stays(index: PgvectorIndex, postgres_url: str) -> None:
    newer = PgvectorIndex(postgres_url, "newer", DIMENSIONS)
    newer.clear()
    newer.tidy()
    assert nearest(index) != []
    newer.close()


def test_a_server_without_pgvector_is_named(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgvector_table, "EXTENSION", "vector_that_nobody_installed")
    with pytest.raises(IndexUnavailableError, match="has no pgvector: install its extension"):
        PgvectorIndex(postgres_url, "space", DIMENSIONS).clear()


def test_a_pgvector_that_is_too_old_is_named(postgres_url: str, run: Run) -> None:
    run("CREATE EXTENSION vector")
    run("UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'")
    with pytest.raises(IndexUnavailableError, match=r"pgvector 0\.7\.4; Weaver needs 0\.8"):
        PgvectorIndex(postgres_url, "space", DIMENSIONS).clear()


def test_a_role_that_may_not_prepare_the_database_is_told_what_to_ask_for(postgres_url: str, run: Run) -> None:
    run("CREATE ROLE clerk LOGIN")
    try:
        url = make_url(postgres_url).set(username="clerk").render_as_string(hide_password=False)
        index = PgvectorIndex(url, "space", DIMENSIONS)
        with pytest.raises(IndexUnavailableError, match="The role clerk may not prepare this database") as caught:
            index.clear()
        for statement in ("CREATE EXTENSION vector", 'CREATE SCHEMA weaver_index AUTHORIZATION "clerk"'):
            assert statement in str(caught.value)
            run(statement)
        index.clear()
        index.note(Followed(0, None))
        assert index.followed() == Followed(0, None)
        index.close()
        run("DROP SCHEMA weaver_index CASCADE")
    finally:
        run("DROP ROLE clerk")


async def test_copies_and_backups_and_the_schema_know_nothing_of_it(
    index: PgvectorIndex, postgres_url: str, sqlite_url: str, tmp_path: Path
) -> None:
    engine = create_engine(driver_url(postgres_url, asynchronous=False))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()
    assert schema.upgrade(postgres_url) == (schema.newest(), schema.newest())
    database, other = Database(postgres_url), Database(sqlite_url)
    saved = await backups.save(database, tmp_path / "backup", lambda _done, _total: None)
    # A database that holds an index and nothing else is empty.
    await backups.restore(database, tmp_path / "backup", lambda _done, _total: None)
    copied = await table_streams.copy(database, other, lambda _done, _total: None)
    assert set(saved) == set(copied) == set(Base.metadata.tables)
    assert len(nearest(index)) == 2
    for one in (database, other):
        await one.close()


async def test_what_is_erased_is_gone_from_it_in_the_same_transaction(
    index: PgvectorIndex, postgres_url: str, run: Run
) -> None:
    database = Database(postgres_url)
    async with database.writing() as session:
        answer = await mined(session, "1", "Vera", "Where is my lamp?", "It comes tomorrow.")
        await mined(session, "2", "Otto", "Where is the other lamp?", "It comes tomorrow.")
        held = await positions.of_answer(session, answer.id)
    made = indexed.memory(9, [position.text for position in held])
    indexed.put(over(index), replace(made, positions=tuple(held)))
    async with database.writing() as session:
        await forgetting.forget(session, "Vera", "test")
        left = await positions.of_answer(session, answer.id)
    await database.close()
    # No process has followed the change yet.
    table = f"weaver_index.{index._table.name}"
    stored = run(f"SELECT position FROM {table} WHERE answer = %s", made.answer.id)  # noqa: S608 - ours
    assert 0 < len(left) < len(held)
    assert {position for (position,) in stored} == {position.id for position in left}
    # Nor is it left there when a process wrote once more what it had read before, and was killed then.
    indexed.put(over(index), replace(made, positions=tuple(held)))
    index.tidy()
    assert set(run(f"SELECT position FROM {table} WHERE answer = %s", made.answer.id)) == set(stored)  # noqa: S608
