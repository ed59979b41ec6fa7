"""FAQ files become answers with positions, once, whatever is imported again or interrupted."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge_base import answers, changes, positions
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.ingestion.errors import NothingKeptError, StrictImportError
from knowledge_base.ingestion.importers import FaqImporter
from knowledge_base.ingestion.importing import ImportOptions, import_file
from knowledge_base.ingestion.records import Record
from knowledge_base.ingestion.summary import ImportSummary, Tally
from weaver_core.dialogue import PositionKind
from weaver_core.texts.passages import estimated_tokens

pytestmark = pytest.mark.anyio


def faq(path: Path, lines: Sequence[dict[str, Any] | str]) -> Path:
    """A JSONL file of these lines; a text stands as it is."""
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


async def stored(database: Database, answer_id: str) -> Answer:
    """The answer that is called so."""
    async with database.reading() as session:
        return await answers.by_public_id(session, answer_id)


async def content(database: Database) -> list[tuple[Any, ...]]:
    """All that an import stored, without the keys that the program made."""
    found: list[tuple[Any, ...]] = []
    async with database.reading() as session:
        for answer in await answers.find(session, statuses=tuple(AnswerStatus), limit=10_000):
            passages = [(position.kind, position.text) for position in await positions.of_answer(session, answer.id)]
            wordings = [revision.text for revision in await answers.revisions(session, answer.id)]
            found.append(
                (answer.text, answer.title, answer.status, answer.collection, answer.tags, sorted(passages), wordings)
            )
    return sorted(found)


def counts(summary: ImportSummary) -> tuple[int, int, int, int]:
    """New, updated, duplicate, rejected."""
    return summary.new, summary.updated, summary.duplicate, len(summary.rejected)


async def test_lines_with_one_answer_id_are_many_questions_of_one_answer(database: Database, tmp_path: Path) -> None:
    answer = "Three days. To the EU it takes five.\n😀"
    path = faq(
        tmp_path / "faq.jsonl",
        [
            {"question": "How long does it take?", "answer": answer, "answer_id": "time", "tags": ["delivery"]},
            {"question": "多久能到", "answer": answer, "answer_id": "time"},
        ],
    )
    summary = await import_file(database, path, ImportOptions())
    assert counts(summary) == (2, 0, 0, 0)
    answer_row = await stored(database, "time")
    assert (answer_row.text, answer_row.title, answer_row.language) == (answer, "How long does it take?", "en")
    assert (answer_row.status, answer_row.tags, answer_row.origin) == (AnswerStatus.APPROVED, ("delivery",), "faq")
    async with database.reading() as session:
        passages = await positions.of_answer(session, answer_row.id)
    assert {(passage.kind, passage.text, passage.language) for passage in passages} == {
        (PositionKind.QUESTION, "How long does it take?", "en"),
        (PositionKind.QUESTION, "多久能到", "zh"),
        (PositionKind.SENTENCE, "Three days.", "en"),
        (PositionKind.SENTENCE, "To the EU it takes five.", "en"),
    }


async def test_the_same_file_twice_changes_nothing(database: Database, tmp_path: Path) -> None:
    lines = [{"question": f"Question {n}?", "answer": f"Answer {n // 3}.", "answer_id": n // 3} for n in range(30)]
    lines += [{"question": "And?", "answer": "Merged."}, {"question": "And then?", "answer": " Merged. "}]
    path = faq(tmp_path / "faq.jsonl", lines)
    first = await import_file(database, path, ImportOptions())
    before = await content(database)
    async with database.reading() as session:
        change = await changes.latest(session)
    second = await import_file(database, path, ImportOptions())
    assert (counts(first), counts(second)) == ((32, 0, 0, 0), (0, 0, 32, 0))
    assert await content(database) == before
    async with database.reading() as session:
        assert await changes.latest(session) == change


async def test_answers_with_an_answer_id_never_merge(database: Database, tmp_path: Path) -> None:
    path = faq(
        tmp_path / "faq.jsonl",
        [
            {"question": "a?", "answer": "Yes.", "answer_id": "one"},
            {"question": "b?", "answer": "Yes.", "answer_id": "two"},
            {"question": "c?", "answer": "Yes."},
            {"question": "d?", "answer": "Yes."},
            {"question": "d?", "answer": "Yes.", "collection": "other"},
        ],
    )
    await import_file(database, path, ImportOptions())
    assert len(await content(database)) == 4


async def test_a_second_text_for_one_answer_id_is_rejected_and_says_where_the_first_is(
    database: Database, tmp_path: Path
) -> None:
    lines = [
        {"question": "a?", "answer": "Yes.", "answer_id": "x"},
        {"question": "b?", "answer": "No.", "answer_id": "x"},
    ]
    for expected in ((1, 0, 0, 1), (0, 0, 1, 1)):
        summary = await import_file(database, faq(tmp_path / "faq.jsonl", lines), ImportOptions())
        assert counts(summary) == expected
        assert [(one.number, one.reason) for one in summary.rejected] == [
            (2, "answer_id x has another answer in line 1")
        ]
    assert (await stored(database, "x")).text == "Yes."


async def test_a_later_text_revises_the_answer_and_replaces_its_sentences(database: Database, tmp_path: Path) -> None:
    path = faq(tmp_path / "faq.jsonl", [{"question": "How long?", "answer": "Three days.", "answer_id": "t"}])
    await import_file(database, path, ImportOptions())
    faq(path, [{"question": "How long now?", "answer": "Four days. Or five.", "answer_id": "t", "title": "Times"}])
    assert counts(await import_file(database, path, ImportOptions())) == (0, 1, 0, 0)
    answer = await stored(database, "t")
    assert (answer.text, answer.title) == ("Four days. Or five.", "Times")
    async with database.reading() as session:
        wordings = await answers.revisions(session, answer.id)
        passages = {position.text for position in await positions.of_answer(session, answer.id)}
    assert [revision.text for revision in wordings] == ["Four days. Or five.", "Three days."]
    assert passages == {"How long?", "How long now?", "Four days.", "Or five."}


async def test_what_a_line_says_of_its_answer_is_followed_and_forgotten_with_it(
    database: Database, tmp_path: Path
) -> None:
    path, line = tmp_path / "faq.jsonl", {"question": "Sale?", "answer": "Until Sunday.", "answer_id": "s"}
    said = {"tags": "sale; winter", "valid_from": "2026-11-27T08:00:00+01:00", "valid_until": "2026-11-30"}
    await import_file(database, faq(path, [line]), ImportOptions())
    assert counts(await import_file(database, faq(path, [line, line | said]), ImportOptions())) == (0, 1, 1, 0)
    answer = await stored(database, "s")
    assert answer.tags == ("sale", "winter")
    assert answer.valid_from == datetime(2026, 11, 27, 7, tzinfo=UTC)
    # The day itself is still within it.
    assert answer.valid_until == datetime(2026, 12, 1, tzinfo=UTC)
    assert counts(await import_file(database, faq(path, [line, line | said]), ImportOptions())) == (0, 0, 2, 0)
    assert (await import_file(database, faq(path, [line]), ImportOptions())).updated == 1
    answer = await stored(database, "s")
    assert (answer.tags, answer.valid_from, answer.valid_until) == ((), None, None)


async def test_a_generated_id_that_comes_back_in_a_file_is_the_same_answer(database: Database, tmp_path: Path) -> None:
    path = faq(tmp_path / "faq.jsonl", [{"question": "a?", "answer": "Yes, always."}])
    await import_file(database, path, ImportOptions())
    async with database.reading() as session:
        (answer,) = await answers.find(session)
    faq(path, [{"question": "a?", "answer": "Yes, mostly.", "answer_id": answer.answer_id}])
    assert counts(await import_file(database, path, ImportOptions())) == (0, 1, 0, 0)
    assert (await stored(database, answer.answer_id)).text == "Yes, mostly."


async def test_answers_wait_for_review_when_asked_to_and_are_approved_when_asked_to(
    database: Database, tmp_path: Path
) -> None:
    path = faq(tmp_path / "faq.jsonl", [{"question": "a?", "answer": "Yes.", "answer_id": "x"}])
    assert (await import_file(database, path, ImportOptions(approve="review"))).pending == 1
    assert (await stored(database, "x")).status is AnswerStatus.PENDING
    assert counts(await import_file(database, path, ImportOptions())) == (0, 0, 1, 0)
    assert (await stored(database, "x")).status is AnswerStatus.PENDING
    assert counts(await import_file(database, path, ImportOptions(approve="auto"))) == (0, 1, 0, 0)
    assert (await stored(database, "x")).status is AnswerStatus.APPROVED


async def test_bad_lines_are_rejected_with_plain_reasons(database: Database, tmp_path: Path) -> None:
    good = {"question": "Is it?", "answer": "It is."}
    bad: list[tuple[dict[str, Any] | str, str]] = [
        ({"question": "x"}, "answer is missing"),
        ({"question": " \x07 ", "answer": "y"}, "question is empty"),
        ({"question": "x", "answer": 5}, "answer is not a text"),
        ({"question": "😀", "answer": "y"}, "question holds no words"),
        (good | {"valid_from": "soon"}, "valid_from is not a date: 'soon'"),
        (good | {"valid_from": 5}, "valid_from is not a text"),
        (good | {"valid_until": "0001-01-01T00:00:00+10:00"}, "valid_until is not a date: '0001-01-01T00:00:00+10:00'"),
        (good | {"valid_from": "2026-02-02", "valid_until": "2026-01-01"}, "valid_until is not after valid_from"),
        (good | {"tags": 5}, "tags is not a list of texts"),
        (good | {"tags": [5]}, "a tag is not a text"),
        (good | {"answer_id": "i" * 256}, "answer_id is longer than 255 characters"),
        (good | {"answer_id": True}, "answer_id is not a text"),
        (good | {"collection": "c" * 65}, "collection is longer than 64 characters"),
        (good | {"language": "the one"}, "language is 'the one'; it must be a code such as en or zh"),
        ("[]", "it is not a JSON object"),
    ]
    path = faq(tmp_path / "faq.jsonl", [good, *(line for line, _ in bad)])
    summary = await import_file(database, path, ImportOptions())
    assert summary.read == 16
    assert [(one.number, one.reason) for one in summary.rejected] == [
        (number, reason) for number, (_, reason) in enumerate(bad, start=2)
    ]


async def test_control_characters_and_lone_surrogates_are_stripped_and_counted(
    database: Database, tmp_path: Path
) -> None:
    line = (
        '{"question": "How\\u0000 \\ud800long\\u0085?", "answer": "Three\\u001b days\\u000b.", "answer_id": "t\\u0007"}'
    )
    summary = await import_file(database, faq(tmp_path / "faq.jsonl", [line]), ImportOptions())
    assert (summary.new, summary.stripped) == (1, 6)
    answer = await stored(database, "t")
    assert (answer.text, answer.title) == ("Three days.", "How long?")


async def test_an_faq_is_stored_verbatim_whatever_it_holds(database: Database, tmp_path: Path) -> None:
    text = "Write to help@shop.example or ring +44 20 7946 0123, order HP-204518, Dear Maria."
    line = {"question": "Contact?", "answer": text, "answer_id": "c"}
    await import_file(database, faq(tmp_path / "faq.jsonl", [line]), ImportOptions())
    answer = await stored(database, "c")
    assert (answer.text, answer.personal) == (text, False)


async def test_a_csv_is_read_like_jsonl(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text('question,answer,answer_id,tags,valid_until\n"How, long?",Three,t,a;b,\n,no question,,,\n')
    summary = await import_file(database, path, ImportOptions(collection="shop"))
    assert counts(summary) == (1, 0, 0, 1)
    answer = await stored(database, "t")
    assert (answer.title, answer.tags, answer.collection) == ("How, long?", ("a", "b"), "shop")


async def test_a_long_question_and_an_endless_answer_are_several_passages_and_stay_the_same_ones(
    database: Database, tmp_path: Path
) -> None:
    mail = " ".join(f"I ordered lamp number {n} and it never came." for n in range(30))
    line = {"question": f"Why? {mail}", "answer": " ".join(f"word{n}" for n in range(900)), "answer_id": "long"}
    path = faq(tmp_path / "faq.jsonl", [line])
    await import_file(database, path, ImportOptions())
    answer = await stored(database, "long")
    async with database.reading() as session:
        passages = await positions.of_answer(session, answer.id)
    assert max(estimated_tokens(passage.text) for passage in passages) <= 128
    asked = [passage.text for passage in passages if passage.kind is PositionKind.QUESTION]
    assert len(asked) > 2
    assert asked[0].startswith("Why? I ordered lamp number 0 ")
    assert all(
        later.startswith(earlier[-len("I ordered lamp number 11 and it never came.") :].strip())
        for earlier, later in pairwise(asked)
    )
    told = " ".join(passage.text for passage in passages if passage.kind is PositionKind.SENTENCE)
    assert told == answer.text
    assert counts(await import_file(database, path, ImportOptions())) == (0, 0, 1, 0)


async def test_strict_stores_nothing_when_one_line_is_bad_and_names_all_bad_ones(
    database: Database, tmp_path: Path
) -> None:
    good = [{"question": f"{n}?", "answer": f"Answer {n}."} for n in range(600)]
    bad = [{"question": "a?", "answer": "1", "answer_id": "x"}, {"question": "b?", "answer": "2", "answer_id": "x"}]
    path = faq(tmp_path / "faq.jsonl", [*good, {"question": "?"}, *bad])
    with pytest.raises(
        StrictImportError, match=r"faq\.jsonl was not imported.*line 601: answer is missing \(1 more\)"
    ) as caught:
        await import_file(database, path, ImportOptions(strict=True))
    assert caught.value.summary is not None
    assert [one.number for one in caught.value.summary.rejected] == [601, 603]
    assert await content(database) == []
    assert counts(await import_file(database, faq(path, good), ImportOptions(strict=True))) == (600, 0, 0, 0)


async def test_a_file_without_a_good_line_is_an_error_that_names_it(database: Database, tmp_path: Path) -> None:
    path = faq(tmp_path / "faq.jsonl", [{"question": "a"}, {"question": "b"}])
    with pytest.raises(NothingKeptError, match=r"faq\.jsonl has no line.*line 1: answer is missing \(1 more\)\.$"):
        await import_file(database, path, ImportOptions())
    (tmp_path / "faq.csv").write_text("question,answer\n")
    with pytest.raises(NothingKeptError, match=r"faq\.csv holds no lines"):
        await import_file(database, tmp_path / "faq.csv", ImportOptions())


class KilledError(Exception):
    """Stands for a killed process."""


async def test_an_interrupted_import_ends_with_the_same_content_when_it_is_run_again(
    database: Database, tmp_path: Path
) -> None:
    lines = [{"question": f"Q {n}?", "answer": f"Answer {n // 4}.", "answer_id": f"a{n // 4}"} for n in range(1200)]
    path = faq(tmp_path / "faq.jsonl", lines)

    def stop_half_way(done: int, total: int) -> None:
        if done > total // 2:
            raise KilledError

    with pytest.raises(KilledError):
        await import_file(database, path, ImportOptions(), stop_half_way)
    half = await content(database)
    assert 0 < len(half) < 300
    summary = await import_file(database, path, ImportOptions())
    assert summary.kept == 1200
    whole = await content(database)
    assert len(whole) == 300
    assert sum(len(passages) for *_, passages, _ in whole) == 1500


async def test_progress_counts_the_file_s_bytes_to_the_end(database: Database, tmp_path: Path) -> None:
    path = faq(tmp_path / "faq.jsonl", [{"question": f"{n}?", "answer": f"Answer {n}."} for n in range(100)])
    heard: list[tuple[int, int]] = []
    await import_file(database, path, ImportOptions(strict=True), lambda done, total: heard.append((done, total)))
    assert heard[-1] == (path.stat().st_size, path.stat().st_size)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


LINES = st.fixed_dictionaries(
    {
        "question": st.sampled_from(["a?", "b?", "c d?", ""]),
        "answer": st.sampled_from(["One.", "Two. Three.", " One. "]),
    },
    optional={
        "answer_id": st.sampled_from(["x", "y", 7]),
        "tags": st.sampled_from([["t"], [], "u;v"]),
        "title": st.sampled_from(["T", "U"]),
        "valid_until": st.sampled_from(["2030-01-01", "2031-01-01"]),
        "collection": st.sampled_from(["default", "other"]),
    },
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(files=st.lists(st.lists(LINES, min_size=1, max_size=8), min_size=1, max_size=3))
@pytest.mark.slow
async def test_importing_any_file_again_at_once_changes_nothing(
    sqlite_database: Database, tmp_path: Path, files: list[list[dict[str, Any]]]
) -> None:
    for number, lines in enumerate(files):
        path = faq(tmp_path / f"{number}.jsonl", lines)
        try:
            await import_file(sqlite_database, path, ImportOptions())
        except NothingKeptError:
            continue
        before = await content(sqlite_database)
        again = await import_file(sqlite_database, path, ImportOptions())
        assert (again.new, again.updated) == (0, 0)
        assert await content(sqlite_database) == before


async def test_lines_that_are_all_bad_take_no_transaction_and_do_not_slow_the_next(database: Database) -> None:
    importer, tally = FaqImporter("default", None), Tally()
    size = importer.pace.size
    await importer.store(database, [Record(number, 0, {"question": "Why?"}) for number in range(1, 9)], tally)
    assert (importer.pace.size, importer.pace.longest_seconds, tally.rejected.count) == (size, 0.0, 8)
