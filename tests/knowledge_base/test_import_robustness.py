"""An import that is killed, that is not alone, or that has no room left: a second run ends with the same content."""

import json
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection

from knowledge_base.database import Database
from knowledge_base.errors import DatabaseUnavailableError
from knowledge_base.ingestion.importing import ImportOptions, import_file
from knowledge_base.tables import DialogueRow, TurnRow
from tests.knowledge_base.test_ingestion_faq import content

pytestmark = pytest.mark.anyio

DIALOGUES = 150
PAGE_BYTES = 4096
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dialogues, every other of which gives an answer that an earlier one gave."""
    lines = [
        {
            "id": f"d{number}",
            "customer": f"c{number}",
            "turns": [
                {"role": "customer", "text": f"How do I clean the kettle of the kind {number}?"},
                {"role": "agent", "text": f"Fill it with vinegar and boil it well, then rinse it, kind {number // 2}."},
            ],
        }
        for number in range(DIALOGUES)
    ]
    file = tmp_path_factory.mktemp("import") / "dialogues.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


async def turns(database: Database) -> tuple[int, int]:
    """How many dialogues and turns are stored."""
    async with database.reading() as session:
        counted = [select(func.count()).select_from(table) for table in (DialogueRow, TurnRow)]
        dialogues, said = [(await session.execute(query)).scalar_one() for query in counted]
    return dialogues, said


@pytest.fixture(scope="module")
def whole(path: Path, migrated_sqlite: bytes) -> list[tuple[object, ...]]:
    """What an import that nothing disturbs ends with."""
    path.with_name("whole.db").write_bytes(migrated_sqlite)

    async def imported() -> list[tuple[object, ...]]:
        database = Database(f"sqlite:///{path.with_name('whole.db')}")
        await import_file(database, path, ImportOptions())
        found = await content(database)
        await database.close()
        return found

    return anyio.run(imported)


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.slow
async def test_a_killed_import_is_completed_by_the_next(
    database: Database, database_url: str, path: Path, whole: list[tuple[object, ...]], batches: int
) -> None:
    command = [sys.executable, "-m", "tests.knowledge_base.import_process", database_url, str(path)]
    async with await anyio.open_process(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=None) as process:
        assert process.stdout is not None
        told = b""
        while told.count(b"\n") < batches:
            told += await process.stdout.receive()
        process.kill()
    assert (await turns(database))[0] > 0
    await import_file(database, path, ImportOptions())
    assert await turns(database) == (DIALOGUES, 2 * DIALOGUES)
    assert await content(database) == whole


async def test_two_imports_of_one_file_at_once_end_with_what_one_ends_with(
    database: Database, database_url: str, path: Path, whole: list[tuple[object, ...]]
) -> None:
    other = Database(database_url)
    try:
        async with anyio.create_task_group() as group:
            for one in (database, other):
                group.start_soon(import_file, one, path, ImportOptions())
    finally:
        await other.close()
    assert await turns(database) == (DIALOGUES, 2 * DIALOGUES)
    assert await content(database) == whole


async def test_a_full_disk_is_one_sentence_and_what_was_stored_is_gone_on_with(
    sqlite_database: Database, sqlite_url: str, migrated_sqlite: bytes, path: Path, whole: list[tuple[object, ...]]
) -> None:
    narrow = Database(sqlite_url)
    pages = len(migrated_sqlite) // PAGE_BYTES + 30

    @event.listens_for(narrow.engine.sync_engine, "connect")
    def leave_little_room(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count={pages}")
        cursor.close()

    with pytest.raises(DatabaseUnavailableError, match=r"weaver\.db is not usable: database or disk is full\.$"):
        await import_file(narrow, path, ImportOptions())
    await narrow.close()
    stored = (await turns(sqlite_database))[0]
    assert 0 < stored < DIALOGUES
    summary = await import_file(sqlite_database, path, ImportOptions())
    assert (summary.duplicate, summary.new) == (stored, DIALOGUES - stored)
    assert await content(sqlite_database) == whole
