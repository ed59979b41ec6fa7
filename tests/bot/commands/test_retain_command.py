"""`weaver retain`, and the service that does the same by itself."""

import json
from datetime import UTC, datetime, timedelta

import anyio
import pytest

from knowledge_base import dialogues
from knowledge_base.database import Database
from tests.bot.commands.test_accounts_command import Run, run
from tests.bot.conftest import Count, Serve
from tests.patience import wait_until
from weaver_core.dialogue import Dialogue, Role, Turn

__all__ = ["run"]

# Collection and age in days of what is stored.
STORED = (("default", 400), ("default", 5), ("chat", 40))


@pytest.fixture(autouse=True)
def stored(sqlite_url: str) -> None:
    """Three dialogues, one of them in a collection of its own."""

    async def store() -> None:
        database = Database(sqlite_url)
        async with database.writing() as session:
            for collection, days in STORED:
                turn = Turn(Role.CUSTOMER, "Hello there", datetime.now(UTC) - timedelta(days=days))
                await dialogues.add(session, Dialogue(f"{collection} {days}", (turn,)), "dialogues", collection, "hash")
        await database.close()

    anyio.run(store)


def test_without_a_number_of_days_nothing_goes_and_the_setting_is_named(run: Run, dialogue_count: Count) -> None:
    said = run("retain")
    assert said.exit_code == 2
    assert "Dialogues are kept for ever: give --days, or set WEAVER_RETENTION_DAYS." in said.stderr
    assert dialogue_count() == 3


def test_a_dry_run_says_what_a_run_erases(run: Run, dialogue_count: Count) -> None:
    assert run("retain", "--days", "30", "--dry-run").stdout == "Would erase 2 dialogues, kept for 30 days.\n"
    assert dialogue_count() == 3
    assert json.loads(run("retain", "--days", "30", "--json").stdout)["counts"]["dialogues"] == 2
    assert dialogue_count() == 1


def test_one_collections_dialogues_go_by_a_number_of_their_own(
    run: Run, dialogue_count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEAVER_RETENTION_DAYS", "365")
    monkeypatch.setenv("WEAVER_RETENTION_BY_COLLECTION", "chat=30, mail=90")
    assert run("retain", "--collection", "mail").stdout == "Erased 0 dialogues, kept for 90 days in mail.\n"
    assert run("retain", "--collection", "chat").stdout == "Erased 1 dialogues, kept for 30 days in chat.\n"
    said = run("retain").stdout
    assert said == "Erased 1 dialogues, kept for 30 days in chat, 90 days in mail, 365 days elsewhere.\n"
    assert dialogue_count() == 1


@pytest.mark.parametrize("written", ["chat", "chat=", "=3", "chat=0", "chat=soon"])
def test_days_that_cannot_be_read_are_named(run: Run, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("WEAVER_RETENTION_BY_COLLECTION", written)
    said = run("retain")
    assert said.exit_code == 2
    assert "WEAVER_RETENTION_BY_COLLECTION" in said.stderr


def test_a_service_erases_what_is_kept_no_longer(serve: Serve, dialogue_count: Count) -> None:
    serve(retention_days=30)
    wait_until(lambda: dialogue_count() == 1, "one dialogue is left")
