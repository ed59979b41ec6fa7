"""`weaver import` on real files, with exit codes and summaries as the contract promises them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.commands import imports, serve
from bot.commands.environment import Environment
from bot.settings import Settings
from knowledge_base import answers, keys, models, positions
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database
from knowledge_base.errors import KnowledgeError
from knowledge_base.ingestion import summary
from knowledge_base.ingestion.errors import IngestionError
from knowledge_base.models import ModelDraft
from knowledge_base.positions import PositionDraft
from tests.knowledge_base.test_ingestion_encoding import CountingEncoder
from weaver_core.dialogue import PositionKind

GOOD = '{"question": "How long?", "answer": "Three days."}\n'


class SmallEnvironment(Environment):
    """The command's environment with an encoder that needs no weights, and a fit that is only counted."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.fitted = 0

    def encoders(self) -> tuple[CountingEncoder]:  # type: ignore[override]
        """An encoder that is made at once."""
        return (CountingEncoder(),)

    async def refit(self, database: Database, progress: object = None) -> None:
        """Count the fits."""
        del progress
        self.fitted += 1
        async with database.writing() as session:
            await models.promote_fit(session, ModelDraft(CountingEncoder.version, {}, {}, ""), "test")


@pytest.fixture
def environment(sqlite_url: str, tmp_path: Path) -> SmallEnvironment:
    """Settings for an empty, migrated database."""
    return SmallEnvironment(Settings(database_url=sqlite_url, home=tmp_path))


def run(environment: SmallEnvironment, *arguments: str | Path) -> Result:
    """Call the command."""
    return CliRunner().invoke(imports.import_, [str(argument) for argument in arguments], obj=environment)


def written(path: Path, text: str) -> Path:
    """A file with this text."""
    path.write_text(text)
    return path


def test_the_summary_is_one_json_document(environment: SmallEnvironment, tmp_path: Path) -> None:
    first = written(tmp_path / "a.jsonl", GOOD + "oops\n")
    second = written(tmp_path / "b.csv", "question,answer\nAnd then?,Nothing.\n")
    result = run(environment, first, second, "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert {name: document[name] for name in ("read", "new", "duplicate", "masked", "mined", "pending")} == {
        "read": 3,
        "new": 2,
        "duplicate": 0,
        "masked": 0,
        "mined": 0,
        "pending": 0,
    }
    assert [(one["file"], one["line"]) for one in document["rejected"]] == [(str(first), 2)]
    assert [one["format"] for one in document["files"]] == ["faq", "faq"]
    assert environment.fitted == 1
    again = run(environment, first, second, "--json")
    assert json.loads(again.stdout)["duplicate"] == 2
    assert environment.fitted == 1


def test_the_first_twenty_rejected_lines_are_listed(environment: SmallEnvironment, tmp_path: Path) -> None:
    result = run(environment, written(tmp_path / "a.jsonl", GOOD + "{}\n" * 25))
    assert result.exit_code == 0
    assert "line 21: question is missing" in result.stdout
    assert "line 22:" not in result.stdout
    assert "and 5 more" in result.stdout


@pytest.mark.parametrize("lines", [GOOD, ""], ids=["some are good", "none is good"])
def test_of_very_many_bad_lines_the_first_are_listed_and_all_are_counted(
    environment: SmallEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str
) -> None:
    monkeypatch.setattr(summary, "MOST_KEPT", 30)
    path = written(tmp_path / "a.jsonl", lines + '{"question": "Why?"}\n' * 45)
    plain = run(environment, path)
    assert "and 25 more (--json lists the first 30)" in plain.output
    if lines:
        document = json.loads(run(environment, path, "--json").stdout)
        assert [document["rejected_count"], document["files"][0]["rejected_count"]] == [45, 45]
        assert [one["line"] for one in document["rejected"]] == list(range(2, 32))
    else:
        assert "line 1: answer is missing (44 more)" in str(plain.exception)


@pytest.mark.parametrize(
    ("name", "text", "options", "said"),
    [
        ("none.jsonl", None, (), "none.jsonl does not exist"),
        ("bad.jsonl", "{}\n", (), "bad.jsonl is in no format"),
        ("bad.jsonl", GOOD + "{}\n", ("--strict",), "line 2: question is missing"),
        ("lines.jsonl", GOOD, ("--format", "pages"), "is JSON lines; pages come as Markdown or HTML"),
    ],
)
def test_bad_input_is_an_error_that_the_command_line_turns_into_exit_2(
    environment: SmallEnvironment, tmp_path: Path, name: str, text: str | None, options: tuple[str, ...], said: str
) -> None:
    path = tmp_path / name if text is None else written(tmp_path / name, text)
    result = run(environment, path, *options, "--json")
    assert isinstance(result.exception, IngestionError)
    assert isinstance(result.exception, KnowledgeError)
    assert said in str(result.exception)
    assert result.stdout == ""


def test_an_unreadable_second_file_is_known_before_the_first_is_stored(
    environment: SmallEnvironment, tmp_path: Path
) -> None:
    good = written(tmp_path / "a.jsonl", GOOD)
    assert isinstance(run(environment, good, tmp_path / "b.jsonl").exception, IngestionError)
    assert json.loads(run(environment, good, "--json").stdout)["new"] == 1


def test_what_an_earlier_file_brought_is_found_though_a_later_one_fails(
    environment: SmallEnvironment, tmp_path: Path
) -> None:
    result = run(environment, written(tmp_path / "a.jsonl", GOOD), written(tmp_path / "b.jsonl", "oops\n"))
    assert isinstance(result.exception, IngestionError)
    assert environment.fitted == 1


@pytest.mark.parametrize("options", [("--format", "nonsense"), ("--approve", "maybe"), ("--collection", " ")])
def test_bad_usage_is_exit_2(environment: SmallEnvironment, tmp_path: Path, options: tuple[str, ...]) -> None:
    assert run(environment, written(tmp_path / "a.jsonl", GOOD), *options).exit_code == 2


@pytest.mark.anyio
async def test_positions_that_lack_an_encoders_keys_get_them_before_they_are_served(
    environment: SmallEnvironment, sqlite_database: Database
) -> None:
    async with sqlite_database.writing() as session:
        answer = await answers.create(session, AnswerDraft("Three days.", "Delivery"), "test")
        await positions.add(session, answer.id, [PositionDraft(PositionKind.QUESTION, "How long?")])
    for _ in range(2):
        await serve.prepare_missing(environment)
        async with sqlite_database.reading() as session:
            assert await keys.count_missing(session, environment.encoders()[0].version) == 0
        # The second time there is nothing to do.
        assert environment.fitted == 1


@pytest.mark.anyio
async def test_a_service_does_not_wait_for_many_positions_beside_others_that_are_ready(
    environment: SmallEnvironment, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "SOON_ENCODED", 1)

    async def stored(*questions: str) -> None:
        async with sqlite_database.writing() as session:
            answer = await answers.create(session, AnswerDraft(" ".join(questions), "Delivery"), "test")
            drafts = [PositionDraft(PositionKind.QUESTION, question) for question in questions]
            await positions.add(session, answer.id, drafts)

    await stored("How long?", "How far?")
    # Nothing is ready: without them nothing could be found.
    assert await serve.prepare_missing(environment) == 0
    await stored("How much?", "How many?")
    assert await serve.prepare_missing(environment) == 2
    assert environment.fitted == 1
