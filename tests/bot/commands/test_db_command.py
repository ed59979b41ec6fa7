"""`weaver db copy`, `backup` and `restore` from the command line."""

import json
from pathlib import Path

import anyio
import pytest

from knowledge_base.database import Database
from tests.bot.commands.test_accounts_command import Run, run
from tests.knowledge_base.test_backups import fill

__all__ = ["run"]


@pytest.fixture(autouse=True)
def filled(sqlite_url: str) -> None:
    """Rows in the installation's database."""

    async def store() -> None:
        database = Database(sqlite_url)
        await fill(database)
        await database.close()

    anyio.run(store)


def test_a_copy_to_postgresql_prints_what_arrived_and_a_second_one_is_refused(run: Run, postgres_url: str) -> None:
    result = run("db", "copy", postgres_url, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["tables"]["dialogue"]["rows"] == 2
    again = run("db", "copy", postgres_url)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "The target database is not empty" in again.stderr


def test_a_backup_comes_back_with_the_same_checksums(
    run: Run, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "weaver.backup")
    saved = run("db", "backup", path)
    assert saved.exit_code == 0
    monkeypatch.setenv("WEAVER_DATABASE_URL", postgres_url)
    restored = run("db", "restore", path)
    assert (restored.exit_code, restored.stdout) == (0, saved.stdout)
