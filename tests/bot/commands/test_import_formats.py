"""Every format that `weaver import` reads, from a file to both kinds of database and out again."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.commands import imports
from bot.settings import Settings
from knowledge_base import answers, dialogues, forgetting
from knowledge_base.answers import AnswerStatus
from knowledge_base.database import Database
from knowledge_base.dialogues import StoredDialogue
from knowledge_base.tables import DialogueRow
from tests.bot.commands.test_import_command import SmallEnvironment

FIXTURES = Path(__file__).parents[2] / "knowledge_base" / "exports"


@dataclass(frozen=True, slots=True)
class Expected:
    """What an import of a fixture brings. `customers` are those whose dialogues are stored."""

    format: str
    counts: dict[str, int]
    customers: tuple[str, ...] = ()


EXPECTED = {
    "messages.csv": Expected(
        "messages", {"read": 5, "new": 3, "mined": 3}, ("lea@example.org", "mia@example.org", "tom@example.org")
    ),
    "messages.zh.csv": Expected("messages", {"read": 2, "new": 2, "mined": 2}, ("C-7001", "C-7002")),
    "chatwoot.json": Expected("chatwoot", {"read": 2, "new": 2, "mined": 2}, ("+15550100", "K-2001")),
    "chatwoot.zh.json": Expected("chatwoot", {"read": 2, "new": 1, "mined": 1}, ("K-2002",)),
    "intercom.json": Expected("intercom", {"read": 3, "new": 2, "mined": 2}, ("K-3001", "intercom:6502")),
    "intercom.zh.jsonl": Expected("intercom", {"read": 1, "new": 1, "mined": 1}, ("sunyue@example.org",)),
    "pages.jsonld.html": Expected("pages", {"read": 2, "new": 2, "pending": 0}),
    "pages.md": Expected("pages", {"read": 6, "new": 6, "pending": 0}),
    "pages.zh.html": Expected("pages", {"read": 10, "new": 10, "pending": 0}),
    "zendesk.json": Expected("zendesk", {"read": 4, "new": 2, "mined": 2}, ("K-1001", "pavel@example.org")),
    "zendesk.zh.jsonl": Expected(
        "zendesk", {"read": 2, "new": 2, "mined": 2}, ("chenli@example.org", "xiaomei@example.org")
    ),
}
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """The command on an empty, migrated database, its summary as it prints it."""
    environment = SmallEnvironment(Settings(database_url=database_url, home=tmp_path))

    def command(*arguments: str | Path) -> dict[str, Any]:
        result = CliRunner().invoke(imports.import_, [*map(str, arguments), "--json"], obj=environment)
        if result.exception is not None:
            raise result.exception
        document: dict[str, Any] = json.loads(result.stdout)
        return document

    return command


async def stored(url: str) -> list[StoredDialogue]:
    """All dialogues of a database, by their ids."""
    database = Database(url)
    async with database.reading() as session:
        ids = (await session.execute(select(DialogueRow.id).order_by(DialogueRow.external_id))).scalars().all()
        found = [await dialogues.get(session, dialogue_id) for dialogue_id in ids]
    await database.close()
    return found


async def texts_of_answers(url: str) -> list[str]:
    """The texts of all answers, in whatever state."""
    database = Database(url)
    async with database.reading() as session:
        found = await answers.find(session, statuses=tuple(AnswerStatus), limit=1000)
    await database.close()
    return sorted(answer.text for answer in found)


def test_every_fixture_says_what_it_brings() -> None:
    assert {path.name for path in FIXTURES.iterdir() if path.suffix != ".py"} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_fixture_is_recognised_stored_and_the_second_time_a_duplicate(run: Run, name: str) -> None:
    expected = EXPECTED[name]
    first = run(FIXTURES / name)
    assert [one["format"] for one in first["files"]] == [expected.format]
    assert {count: first[count] for count in expected.counts} == expected.counts
    again = run(FIXTURES / name)
    assert (again["new"], again["updated"], again["duplicate"]) == (0, 0, expected.counts["new"])
    assert again["rejected"] == first["rejected"]


def test_a_page_that_changed_changes_its_answers(run: Run, database_url: str, tmp_path: Path) -> None:
    page = tmp_path / "faq.md"
    page.write_text("# Help\n\n## Delivery\n\nThree days.\n\n## Where is the manual?\n\nIn the box.\n")
    assert run(page)["new"] == 2
    page.write_text("# Help\n\n## Where is the manual?\n\nIn the box.\n\n## Delivery\n\nFour days.\n")
    again = run(page)
    assert (again["new"], again["updated"], again["duplicate"]) == (0, 1, 1)
    assert anyio.run(texts_of_answers, database_url) == ["Four days.", "In the box."]


def test_what_is_left_out_is_told_to_people_and_to_programs(run: Run, sqlite_url: str, tmp_path: Path) -> None:
    (told,) = run(FIXTURES / "zendesk.zh.jsonl")["files"]
    assert told["left_out"] == {"private notes": 1}
    environment = SmallEnvironment(Settings(database_url=sqlite_url, home=tmp_path))
    report = CliRunner().invoke(imports.import_, [str(FIXTURES / "intercom.json")], obj=environment).stdout
    assert "  left out: events 2, attachments 1, private notes 1, deleted messages 1\n" in report
    assert "    record 3: conversation 3003 has no conversation_parts\n" in report


def test_no_private_note_is_stored_anywhere(run: Run, database_url: str) -> None:
    for name in EXPECTED:
        run(FIXTURES / name)
    said = [turn.text for one in anyio.run(stored, database_url) for turn in one.dialogue.turns]
    said += anyio.run(texts_of_answers, database_url)
    for note in ("tell her to close it", "She asked last week", "Known fault", "客户很着急", "track()"):
        assert not any(note in text for text in said)


@pytest.mark.parametrize("name", sorted(name for name, expected in EXPECTED.items() if expected.customers))
def test_the_customers_of_an_export_can_be_forgotten(run: Run, database_url: str, name: str) -> None:
    run(FIXTURES / name)
    customers = EXPECTED[name].customers
    found = anyio.run(stored, database_url)
    assert tuple(sorted({one.dialogue.customer for one in found if one.dialogue.customer})) == customers
    assert {one.source for one in found} == {EXPECTED[name].format}

    async def forget() -> None:
        database = Database(database_url)
        async with database.writing() as session:
            receipt = await forgetting.forget(session, customers[0], "test")
        assert receipt.counts["dialogues"] == sum(one.dialogue.customer == customers[0] for one in found)
        await database.close()

    anyio.run(forget)
    assert customers[0] not in {one.dialogue.customer for one in anyio.run(stored, database_url)}
