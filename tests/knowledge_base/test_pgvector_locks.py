"""Who waits for whom at the database's own index: not a turn for a dump, not an erasure for graphs that are made."""

from collections.abc import Iterator

import anyio
import anyio.lowlevel
import anyio.to_thread
import psycopg
import pytest
from sqlalchemy import make_url

from knowledge_base import forgetting, positions
from knowledge_base.database import Database
from knowledge_base.indexes.pgvector import PgvectorIndex
from knowledge_base.indexes.vector_index import Followed, name_of
from knowledge_base.vector_tables import SCHEMA, WRITING
from tests.knowledge_base import indexed
from tests.knowledge_base.indexed import DIMENSION, GROUPS, VIEWS
from tests.knowledge_base.test_erasure import mined
from tests.knowledge_base.test_shared_index import TEXTS, over, unit

pytestmark = pytest.mark.anyio


@pytest.fixture
def impatient_url(postgres_url: str) -> str:
    """The address of a database that refuses whoever waits for a lock, so that a wait fails its test."""
    url = make_url(postgres_url).update_query_dict({"options": "-c lock_timeout=30s"})
    return url.render_as_string(hide_password=False)


@pytest.fixture
def index(impatient_url: str) -> Iterator[PgvectorIndex]:
    """A complete index of one answer."""
    index = PgvectorIndex(impatient_url, "space", dict.fromkeys(VIEWS, DIMENSION))
    index.clear()
    indexed.put(over(index), indexed.memory(1, TEXTS))
    index.note(Followed(1, None))
    yield index
    index.close()


@pytest.fixture
def other(postgres_url: str) -> Iterator[psycopg.Connection]:
    """Another session, in a transaction."""
    with psycopg.connect(postgres_url) as connection:
        yield connection


async def until_somebody_waits(other: psycopg.Connection) -> None:
    """Until a session of this database waits for a lock."""
    waiting = """
        SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE datname = current_database() AND NOT granted
    """
    while not other.execute(waiting).fetchone():
        await anyio.lowlevel.checkpoint()


def test_a_new_group_does_not_wait_for_a_dump(index: PgvectorIndex, other: psycopg.Connection) -> None:
    other.execute(f"LOCK TABLE {SCHEMA}.{index._table.name} IN ACCESS SHARE MODE")
    indexed.put(over(index), indexed.memory(2, TEXTS, GROUPS[1]))
    assert len(index.search(VIEWS[0], unit(1), 20, GROUPS)) == 2


def test_a_table_that_is_dumped_is_not_removed_and_not_waited_for(
    index: PgvectorIndex, impatient_url: str, other: psycopg.Connection
) -> None:
    table = index._table.name
    index.close()
    other.execute(f"LOCK TABLE {SCHEMA}.{table} IN ACCESS SHARE MODE")
    newer = PgvectorIndex(impatient_url, "newer", dict.fromkeys(VIEWS, DIMENSION))
    newer.clear()
    newer.tidy()
    other.rollback()
    tables = "SELECT count(*) FROM pg_class WHERE relname = %s"
    assert other.execute(tables, (table,)).fetchone() == (1,)
    other.rollback()
    newer.tidy()
    assert other.execute(tables, (table,)).fetchone() == (0,)
    newer.close()


async def test_erasing_does_not_wait_for_graphs_that_are_being_made(
    postgres_url: str, impatient_url: str, other: psycopg.Connection
) -> None:
    index = PgvectorIndex(postgres_url, "space", dict.fromkeys(VIEWS, DIMENSION))
    index.clear()
    indexed.put(over(index), indexed.memory(1, TEXTS))
    # While somebody writes into a partition, who makes graphs waits with the whole table in hand.
    other.execute(f"LOCK TABLE {SCHEMA}.{index._table.name}_{name_of(GROUPS[0])} IN ROW EXCLUSIVE MODE")
    database = Database(impatient_url)
    async with database.writing() as session:
        await mined(session, "1", "Vera", "Where is my lamp?", "It comes tomorrow.")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.to_thread.run_sync, index.note, Followed(1, None))
        await until_somebody_waits(other)
        try:
            async with database.writing() as session:
                receipt = await forgetting.forget(session, "Vera", "test")
        finally:
            other.rollback()
    await database.close()
    assert receipt.counts["dialogues"] == 1
    assert index.followed() == Followed(1, None)
    index.close()


async def test_a_table_that_is_dropped_in_this_moment_does_not_stop_an_erasure(
    index: PgvectorIndex, postgres_url: str, other: psycopg.Connection
) -> None:
    other.execute("SELECT pg_advisory_xact_lock(%s)", (WRITING,))
    other.execute(f"DROP TABLE {SCHEMA}.{index._table.name}")
    database = Database(postgres_url)
    async with database.writing() as session:
        answer = await mined(session, "1", "Vera", "Where is my lamp?", "It comes tomorrow.")

    async def forget() -> None:
        async with database.writing() as session:
            await forgetting.forget(session, "Vera", "test")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(forget)
        await until_somebody_waits(other)
        other.commit()
    async with database.reading() as session:
        assert await positions.of_answer(session, answer.id) == []
    await database.close()
