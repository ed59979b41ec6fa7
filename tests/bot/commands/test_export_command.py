"""`weaver export`: answers that come back by an import, and all of one person."""

import json
from pathlib import Path

import anyio

from knowledge_base.database import Database
from tests.bot.commands.test_accounts_command import Run, run
from tests.bot.commands.test_import_command import SmallEnvironment, environment
from tests.bot.commands.test_import_command import run as import_file
from tests.knowledge_base.test_backups import fill
from tests.knowledge_base.test_erasure import HERS

__all__ = ["environment", "run"]

FAQ = [
    {
        "question": question,
        "answer": "Three days.",
        "answer_id": "delivery",
        "title": "Delivery",
        "collection": "shop",
        "language": "en",
        "tags": ["a", "b"],
        "valid_from": "2026-01-01T00:00:00+00:00",
    }
    for question in ("How long does it take?", "When does it arrive?")
]


def test_answers_come_back_as_they_were_imported(run: Run, environment: SmallEnvironment, tmp_path: Path) -> None:
    path = tmp_path / "faq.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in FAQ))
    assert import_file(environment, path).exit_code == 0
    result = run("export")
    assert [json.loads(line) for line in result.stdout.splitlines()] == FAQ
    path.write_text(result.stdout)
    summary = json.loads(import_file(environment, path, "--json").stdout)
    assert (summary["new"], summary["duplicate"]) == (0, 2)


def test_all_of_one_person_is_one_document(run: Run, sqlite_url: str, tmp_path: Path) -> None:
    async def store() -> None:
        database = Database(sqlite_url)
        await fill(database)
        await database.close()

    anyio.run(store)
    path = tmp_path / "otto.json"
    assert run("export", "--customer", "Otto", "--output", str(path)).stdout == ""
    held = json.loads(path.read_text())
    assert {name: len(rows) for name, rows in held.items() if name != "customer"} == {
        "dialogue": 1,
        "conversation": 1,
        "turn": 2,
        "note": 1,
        "review_note": 0,
        "attachment": 0,
        "event": 2,
        "bot_message": 1,
        "feedback": 1,
        "position": 1,
        "answer": 1,
    }
    assert held["feedback"][0]["comment"] == HERS
    assert "Vera" not in path.read_text()
    nowhere = run("export", "--output", str(tmp_path / "no" / "file"))
    assert nowhere.exit_code == 2
    assert "cannot be written: No such file" in nowhere.stderr
