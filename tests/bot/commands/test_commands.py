"""The command line: exit codes, one JSON document, one clear sentence for bad input."""

import json
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.bot.installation import Installation


@pytest.mark.slow
def test_a_question_is_answered_without_a_server(installation: Installation, tmp_path: Path) -> None:
    faq = tmp_path / "faq.jsonl"
    lines = [
        {"question": "How long does it take?", "answer": "Three days.", "answer_id": "delivery"},
        {"question": "Can I return it?", "answer": "Within 30 days.", "answer_id": "returns"},
    ]
    faq.write_text("".join(json.dumps(line) + "\n" for line in lines))
    imported = installation.run("import", str(faq), "--json")
    assert imported.returncode == 0, imported.stderr
    json.loads(imported.stdout)
    asked = installation.run("ask", "how long does it take", "--json", "--explain")
    assert asked.returncode == 0, asked.stderr
    document = json.loads(asked.stdout)
    assert document["decision"] == "answer"
    assert document["answer"] == {"answer_id": "delivery", "title": "How long does it take?", "text": "Three days."}
    assert sum(position["weight"] for position in document["candidates"][0]["positions"]) == pytest.approx(
        1.0, abs=1e-4
    )

    questions = tmp_path / "questions.jsonl"
    asked_lines = [
        {"question": "How long does it take", "answer_ids": ["delivery"]},
        {"question": "Can I return it", "answers": ["Within 30 days."]},
        {"question": "😀", "answer_ids": []},
    ]
    questions.write_text("".join(json.dumps(line) + "\n" for line in asked_lines))
    predictions = tmp_path / "predictions.jsonl"
    plot = tmp_path / "reliability.svg"
    evaluated = installation.run(
        "evaluate", str(questions), "--json", "--predictions", str(predictions), "--reliability", str(plot)
    )
    assert plot.read_text().startswith("<svg")
    assert evaluated.returncode == 0, evaluated.stderr
    figures = json.loads(evaluated.stdout)
    assert figures["questions"] == 3
    assert figures["hit@1"] == 1.0
    assert set(figures) == {
        *("questions", "hit@1", "hit@3", "mrr", "coverage", "precision_when_answering"),
        *("abstain_auroc", "ece", "p50_ms", "p99_ms"),
    }
    predicted = [json.loads(line) for line in predictions.read_text().splitlines()]
    assert [line["question"] for line in predicted] == [line["question"] for line in asked_lines]
    assert set(predicted[0]) == {"question", "decision", "confidence", "ranked", "latency_ms"}
    assert set(predicted[0]["ranked"][0]) == {"answer_id", "text", "probability"}


def test_an_empty_memory_hands_over_and_says_so(installation: Installation) -> None:
    asked = installation.run("ask", "Hello, anyone?")
    assert asked.returncode == 0
    assert "not been taught any answers" in asked.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ask", ""), "The text is empty"),
        (("ask", "   \x01 "), "The text is empty"),
        (("ask", "x" * 100_000), "The text has 100000 characters"),
        (("ask", "hi", "--history", "nowhere.jsonl"), "nowhere.jsonl cannot be read"),
        (("evaluate", "nowhere.jsonl"), "nowhere.jsonl cannot be read"),
        (("import", "nowhere.jsonl"), "nowhere.jsonl"),
        (("frobnicate",), "No such command 'frobnicate'"),
        (("ask",), "Missing argument"),
        (("user", "add", "ada", "--role", "emperor"), "emperor"),
    ],
)
@pytest.mark.slow
def test_bad_input_is_one_sentence_and_exit_code_two(
    installation: Installation, arguments: tuple[str, ...], sentence: str
) -> None:
    said = installation.run(*arguments)
    assert said.returncode == 2
    assert sentence in said.stderr
    assert "Traceback" not in said.stderr
    assert said.stdout == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"question": "a", "answer_ids": []}\n{oops\n', "Line 2"),
        (b"[1]\n", "Line 1"),
        (b'{"question": "a"}\n', "neither answer_ids nor answers"),
        (b'{"question": " ", "answer_ids": []}\n', "has no question"),
        (b'{"question": "a", "answer_ids": "b"}\n', "answer_ids on line 1"),
        (b'{"question": "a", "answer_ids": [], "history": [{"role": "king", "text": "x"}]}\n', "turn on line 1"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"", "has no questions"),
    ],
)
@pytest.mark.slow
def test_a_bad_evaluation_file_names_its_line(
    installation: Installation, tmp_path: Path, content: bytes, sentence: str
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(content)
    said = installation.run("evaluate", str(file), "--json")
    assert said.returncode == 2
    assert sentence in said.stderr
    assert said.stdout == ""


def test_a_port_in_use_is_named_before_anything_is_loaded(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = installation.run("serve", "--port", port)
    assert said.returncode == 2
    assert f"127.0.0.1:{port} cannot be used" in said.stderr


@pytest.mark.slow
def test_a_database_of_a_newer_weaver_is_refused_by_every_command(installation: Installation) -> None:
    with sqlite3.connect(installation.home / "weaver.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for arguments in (("serve",), ("ask", "hello"), ("db", "check"), ("db", "upgrade"), ("models", "list")):
        said = installation.run(*arguments)
        assert said.returncode == 2, arguments
        assert "newer Weaver" in said.stderr


def test_an_installation_without_a_schema_is_told_what_to_do(installation: Installation) -> None:
    (installation.home / "weaver.db").unlink()
    said = installation.run("ask", "hello")
    assert said.returncode == 2
    assert "run `weaver db upgrade`" in said.stderr
    assert installation.run("db", "upgrade", "--json").returncode == 0
    assert json.loads(installation.run("db", "check", "--json").stdout)["schema"]


def test_a_setting_that_cannot_be_is_named(installation: Installation) -> None:
    said = installation.run("models", "list", WEAVER_WRONG_PER_HUNDRED="many")
    assert said.returncode == 2
    assert "WEAVER_WRONG_PER_HUNDRED" in said.stderr


def test_an_index_in_a_database_that_cannot_search_is_named_in_one_sentence(installation: Installation) -> None:
    asked = installation.run("ask", "Hello?", WEAVER_INDEX="pgvector")
    assert asked.returncode == 2
    sentence = (
        "WEAVER_INDEX is not usable: pgvector needs WEAVER_DATABASE_URL=postgresql://…, since the database searches"
    )
    assert sentence in " ".join(asked.stderr.split())


@pytest.mark.slow
def test_an_installation_whose_database_searches_its_vectors_answers(
    installation: Installation, postgres_url: str, tmp_path: Path
) -> None:
    faq = tmp_path / "faq.jsonl"
    faq.write_text(json.dumps({"question": "How long does it take?", "answer": "Three days.", "answer_id": "delivery"}))
    settings = {"WEAVER_DATABASE_URL": postgres_url, "WEAVER_INDEX": "pgvector"}
    imported = installation.run("import", str(faq), **settings)
    assert imported.returncode == 0, imported.stderr
    # The first process fills the index, the second finds it full.
    for _ in range(2):
        asked = installation.run("ask", "how long does it take", "--json", **settings)
        assert asked.returncode == 0, asked.stderr
        assert json.loads(asked.stdout)["answer"]["answer_id"] == "delivery"


def test_an_encoder_that_is_nowhere_is_named(installation: Installation) -> None:
    said = installation.run("ask", "hello", WEAVER_ENCODERS="no/such/encoder")
    assert said.returncode == 2
    assert "no/such/encoder" in said.stderr


@pytest.mark.slow
def test_every_command_says_what_it_does(installation: Installation) -> None:
    listed = installation.run("--help")
    assert listed.returncode == 0
    for name in ("ask", "db", "demo", "doctor", "encode", "evaluate", "import", "key", "models", "serve", "user"):
        assert name in listed.stdout
        assert installation.run(name, "--help").returncode == 0


def test_a_decoder_that_cannot_be_opened_is_named(installation: Installation, tmp_path: Path) -> None:
    done = installation.run("ask", "How long does it take?", WEAVER_CONTEXT=str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert done.stdout == ""
    said = done.stderr.strip().splitlines()[-1]
    assert said.startswith("weaver: The decoder in ")
    assert said.endswith("nowhere has no readable config.json: No such file or directory.")
