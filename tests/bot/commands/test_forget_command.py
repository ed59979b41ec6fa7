"""`weaver forget` on an installation with one person in it."""

import json

import anyio
import pytest

from knowledge_base.database import Database
from tests.bot.commands.test_accounts_command import Run, run
from tests.bot.conftest import Count
from tests.knowledge_base.test_erasure import HERS, mined

__all__ = ["run"]


@pytest.fixture(autouse=True)
def stored(sqlite_url: str) -> None:
    """One imported dialogue of Vera's."""

    async def store() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            await mined(session, "1", "Vera", HERS, "Rinse it twice.")
        await database.close()

    anyio.run(store)


def test_a_dry_run_says_what_a_run_erases(run: Run, dialogue_count: Count) -> None:
    tried = json.loads(run("forget", "--customer", "Vera", "--dry-run", "--json").stdout)
    assert (tried["dry_run"], dialogue_count()) == (True, 1)
    done = json.loads(run("forget", "--customer", "Vera", "--json").stdout)
    assert (done["dry_run"], done["counts"], dialogue_count()) == (False, tried["counts"], 0)


def test_a_run_says_what_went_and_a_second_one_that_nothing_is_stored(run: Run) -> None:
    first = run("forget", "--customer", "Vera")
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout.startswith("Erased 1 answers, 1 dialogues, 2 keys, 2 positions,")
    assert "Vera" not in first.stdout
    second = run("forget", "--customer", "Vera")
    assert (second.exit_code, second.stdout) == (0, "Nothing is stored of Vera.\n")


def test_a_name_must_not_be_empty(run: Run) -> None:
    result = run("forget", "--customer", " ")
    assert result.exit_code == 2
    assert "a name cannot be empty" in result.stderr
