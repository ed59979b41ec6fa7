"""SQLite's cursor: what it gives back is what SQLAlchemy's own gives back, whatever is executed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from knowledge_base.sqlite_cursor import OneChangeDriver

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
