"""An upgrade from every earlier revision, with a row in every table, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Connection, Engine, MetaData, create_engine, select, types

from knowledge_base import schema
from knowledge_base.database import driver_url

if TYPE_CHECKING:
    from tests.postgres import TemporaryPostgres

EARLIER = schema.revisions()[:-1]
# What later revisions say in another way; test_schema.py looks at it.
RESTATED = {("key", "encoder"), ("key", "vector"), ("position", "content_hash")}
VERSION = "alembic_version"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    server: TemporaryPostgres = request.getfixturevalue("postgres")
    with server.copy_of("template1") as url:
        yield url


def value(column: Column[Any], rows: dict[str, dict[str, Any]]) -> object:
    """A value that a column takes: of the row that it refers to, else of its type."""
    for key in column.foreign_keys:
        return rows.get(key.column.table.name, {}).get(key.column.name)
    made: list[tuple[type[types.TypeEngine[Any]], object]] = [
        (types.Uuid, UUID(int=7)),
        (types.DateTime, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (types.Boolean, True),
        (types.JSON, {"a": [1]}),
        (types.LargeBinary, b"\x00\x01"),
        (types.Integer, 7),
        (types.Float, 0.5),
        (types.Numeric, 0.5),
    ]
    # SQLite has no type for a UUID: it is 32 figures there. A digest is figures everywhere.
    text = "7".zfill(32) if "CHAR(32)" in str(column.type) or column.name == "content_hash" else "7"
    return next((example for kind, example in made if isinstance(column.type, kind)), text)


def fill(engine: Engine) -> None:
    """A row in each table that has none."""
    metadata = MetaData()
    metadata.reflect(engine)
    rows: dict[str, dict[str, Any]] = {}
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            held = connection.execute(select(table)).mappings().first()
            if held is None:
                connection.execute(table.insert(), {column.name: value(column, rows) for column in table.columns})
                held = connection.execute(select(table)).mappings().one()
            rows[table.name] = dict(held)


def content(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {
        table.name: [
            {column: figures(held) for column, held in row.items() if (table.name, column) not in RESTATED}
            for row in connection.execute(select(table)).mappings()
        ]
        for table in metadata.sorted_tables
        if table.name != VERSION
    }


def figures(held: object) -> object:
    """A value, an id in bytes as the figures that spell it."""
    return held.hex() if isinstance(held, bytes) else held


@pytest.mark.parametrize("revision", EARLIER)
@pytest.mark.slow
def test_an_upgrade_from_any_earlier_revision_keeps_every_row(empty_url: str, revision: str) -> None:
    schema.upgrade(empty_url, revision)
    engine = create_engine(driver_url(empty_url, asynchronous=False))
    fill(engine)
    with engine.connect() as connection:
        before = content(connection)
    assert all(before.values())
    assert schema.upgrade(empty_url) == (revision, schema.newest())
    schema.check(empty_url)
    with engine.connect() as connection:
        after = content(connection)
    engine.dispose()
    kept = {name: [{column: row[column] for column in before[name][0]} for row in after[name]] for name in before}
    assert kept == before
