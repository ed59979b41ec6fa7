"""SQLite's cursor: what it gives back is what SQLAlchemy's own gives back, whatever is executed."""

import sqlite3
import threading
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.sqlite_cursor import OneChangeDriver
from tests.patience import PATIENCE_SECONDS, comes_true

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["ours", "theirs"])
async def connection(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    """A connection to a database with one table, with this cursor and with the library's own."""
    more = {"module": OneChangeDriver()} if request.param == "ours" else {}
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", **more)
    async with engine.begin() as opened:
        await opened.execute(text("CREATE TABLE fruit (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL)"))
        yield opened
    await engine.dispose()


async def _fill(connection: AsyncConnection, *names: str) -> int:
    written = await connection.execute(
        text("INSERT INTO fruit (name) VALUES (:name)"), [{"name": one} for one in names]
    )
    return written.rowcount


async def test_rows_come_with_their_names_and_in_their_order(connection: AsyncConnection) -> None:
    assert await _fill(connection, "apple", "pear", "plum") == 3
    rows = await connection.execute(text("SELECT id, name FROM fruit ORDER BY id DESC"))
    assert rows.keys() == ["id", "name"]
    assert [tuple(row) for row in rows.fetchmany(2)] == [(3, "plum"), (2, "pear")]
    assert [row.name for row in rows] == ["apple"]


async def test_an_inserted_row_tells_its_number_and_a_change_how_many_it_touched(connection: AsyncConnection) -> None:
    await _fill(connection, "apple", "pear")
    inserted = await connection.execute(text("INSERT INTO fruit (name) VALUES ('plum')"))
    assert inserted.lastrowid == 3
    changed = await connection.execute(text("UPDATE fruit SET name = name || 's' WHERE id > 1"))
    assert changed.rowcount == 2
    returned = await connection.execute(text("DELETE FROM fruit WHERE id = 1 RETURNING name"))
    assert returned.scalar_one() == "apple"


async def test_a_refused_statement_is_the_librarys_own_error_and_the_next_works(
    connection: AsyncConnection,
) -> None:
    await _fill(connection, "apple")
    with pytest.raises(IntegrityError, match="UNIQUE constraint failed"):
        await _fill(connection, "apple")
    with pytest.raises(OperationalError, match="no such table: vegetable"):
        await connection.execute(text("SELECT * FROM vegetable"))
    assert (await connection.execute(text("SELECT count(*) FROM fruit"))).scalar_one() == 1


async def test_a_stream_is_read_row_by_row(connection: AsyncConnection) -> None:
    await _fill(connection, *(f"fruit {number}" for number in range(50)))
    async with connection.stream(text("SELECT id FROM fruit ORDER BY id")) as rows:
        assert [row.id async for row in rows] == list(range(1, 51))


async def test_what_is_streamed_first_is_read_from_one_snapshot(tmp_path: Path) -> None:
    database = await _fruits(tmp_path)
    await _write_briefly(database, "apple", "pear")
    async with database.reading() as session:
        for number in range(2):
            rows = await session.stream(text("SELECT name FROM fruit ORDER BY id"))
            assert [row.name async for row in rows] == ["apple", "pear"]
            await _write_briefly(database, f"plum {number}")
    await database.close()


async def test_what_streams_before_it_writes_is_alone_in_writing(tmp_path: Path) -> None:
    database = await _fruits(tmp_path)
    async with database.writing() as session:
        rows = await session.stream(text("SELECT name FROM fruit"))
        assert [row async for row in rows] == []
        with sqlite3.connect(tmp_path / "b.db", timeout=0) as other, pytest.raises(sqlite3.Error, match="locked"):
            other.execute("INSERT INTO fruit (name) VALUES ('pear')")
    await _write_briefly(database, "apple")
    await database.close()


async def test_a_brief_transaction_reads_and_writes_as_another_does(tmp_path: Path) -> None:
    database = await _fruits(tmp_path)
    await _write_briefly(database, "apple", "pear")
    with pytest.raises(IntegrityError):
        await _write_briefly(database, "plum", "pear")
    async with database.reading(brief=True) as session:
        names = (await session.execute(text("SELECT name FROM fruit ORDER BY id"))).scalars().all()
    assert names == ["apple", "pear"]
    await database.close()


async def test_a_brief_statement_changes_no_thread(tmp_path: Path) -> None:
    database = await _fruits(tmp_path)
    for brief in (True, False):
        threads: set[int] = set()
        async with database.reading(brief=brief) as session:
            connection = await (await session.connection()).get_raw_connection()
            driver = connection.driver_connection
            assert driver is not None
            await driver.create_function("note_thread", 0, lambda seen=threads: seen.add(threading.get_ident()))
            await session.execute(text("SELECT note_thread()"))
        assert (threads == {threading.get_ident()}) is brief
    await database.close()


async def test_those_who_write_are_let_in_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge_base.sqlite_cursor.BUSY_TIMEOUT_MS", 1000 * PATIENCE_SECONDS)
    database = await _fruits(tmp_path)
    entered: list[int] = []
    all_wait = anyio.Event()

    async def write(number: int) -> None:
        async with database.writing(brief=number % 2 == 0) as session:
            await session.execute(text("INSERT INTO fruit (name) VALUES (:name)"), {"name": str(number)})
            # Whoever asked again and again, sleeping in between, would find another order.
            entered.append(number)
            await all_wait.wait()

    async def stands_in_line(number: int) -> bool:
        return len(entered) + _waiting_to_write(database) == number + 1

    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(write, number)
            await comes_true(partial(stands_in_line, number), f"{number} waits to write")
        all_wait.set()
    assert entered == list(range(10))
    await database.close()


@pytest.mark.parametrize("brief", [True, False])
async def test_who_waits_too_long_to_write_is_told_and_the_next_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, brief: bool
) -> None:
    monkeypatch.setattr("knowledge_base.sqlite_cursor.BUSY_TIMEOUT_MS", 100)
    database = await _fruits(tmp_path)
    async with database.writing(brief=brief) as first:
        await first.execute(text("INSERT INTO fruit (name) VALUES ('apple')"))
        with pytest.raises(DatabaseUnavailableError, match="database is locked"):
            async with database.writing(brief=brief) as second:
                await second.execute(text("INSERT INTO fruit (name) VALUES ('pear')"))
    async with database.writing(brief=brief) as third:
        await third.execute(text("INSERT INTO fruit (name) VALUES ('plum')"))
        assert (await third.execute(text("SELECT count(*) FROM fruit"))).scalar_one() == 2
    await database.close()


async def test_a_connection_that_is_given_up_while_it_writes_lets_others_write(tmp_path: Path) -> None:
    database = await _fruits(tmp_path)
    async with database.engine.connect() as connection:
        await connection.execute(text("INSERT INTO fruit (name) VALUES ('apple')"))
        await connection.invalidate()
    async with database.writing(brief=True) as session:
        await session.execute(text("INSERT INTO fruit (name) VALUES ('pear')"))
        assert (await session.execute(text("SELECT name FROM fruit"))).scalars().all() == ["pear"]
    await database.close()


def _waiting_to_write(database: Database) -> int:
    """How many connections of this process wait until they may write."""
    driver = database.engine.dialect.dbapi
    assert isinstance(driver, OneChangeDriver)
    return len(driver.writer._waiters or ())


async def _fruits(folder: Path) -> Database:
    """A database with one table."""
    database = Database(f"sqlite:///{folder / 'b.db'}")
    async with database.writing() as session:
        await session.execute(text("CREATE TABLE fruit (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL)"))
    return database


async def _write_briefly(database: Database, *names: str) -> None:
    async with database.writing(brief=True) as session:
        for name in names:
            await session.execute(text("INSERT INTO fruit (name) VALUES (:name)"), {"name": name})
