"""Files in which something has no end, small enough to be mailed when they are packed: memory stays flat."""

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.endless import KEPT, MB, REFUSED, Endless
from knowledge_base.database import Database
from knowledge_base.ingestion import files, formats
from knowledge_base.ingestion.errors import IngestionError
from knowledge_base.ingestion.importing import ImportOptions, import_file
from knowledge_base.ingestion.summary import ImportSummary
from tests.knowledge_base.test_ingestion_files import GOOD, lines_of, written

pytestmark = pytest.mark.slow

UNPACKED, MOST_GROWN = 160, 80 * MB


def named(one: Endless) -> str:
    """The file's name, for the test's."""
    return one.name


def held(name: str) -> int:
    """What the system says of this process's memory, in bytes."""
    (line,) = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024


@pytest.fixture
def grown() -> Callable[[], int]:
    """By how much this process's memory was larger than at the test's beginning, at most."""
    before = held("VmRSS")
    # The peak counts from now on.
    Path("/proc/self/clear_refs").write_text("5")
    return lambda: held("VmHWM") - before


async def imported(database: Database, path: Path) -> ImportSummary:
    """The summary of an import."""
    return await import_file(database, path, ImportOptions())


@pytest.mark.anyio
@pytest.mark.parametrize("file", KEPT, ids=named)
async def test_what_has_no_end_is_passed_over_and_named(
    sqlite_database: Database, grown: Callable[[], int], tmp_path: Path, file: Endless
) -> None:
    done = await imported(sqlite_database, file.packed(tmp_path, UNPACKED))
    assert [f"{done.unit} {one.number}: {one.reason}" for one in done.rejected] == [file.said]
    assert done.new == 1
    assert grown() < MOST_GROWN


@pytest.mark.anyio
@pytest.mark.parametrize("file", REFUSED, ids=named)
async def test_where_nothing_else_is_in_the_file_one_sentence_says_why(
    sqlite_database: Database, grown: Callable[[], int], tmp_path: Path, file: Endless
) -> None:
    with pytest.raises(IngestionError) as caught:
        await imported(sqlite_database, file.packed(tmp_path, UNPACKED))
    assert str(caught.value).endswith(f"{file.said}.")
    assert grown() < MOST_GROWN


def test_a_row_that_goes_on_over_the_following_lines_ends_where_memory_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LINE_LIMIT", 100)
    rows = b'"line\nline",' * 20
    lines = lines_of(written(tmp_path, "faq.csv", b"question,answer\na,b\n" + rows + b"\nc,d\n"))
    good = [line.fields for line in lines if line.fields]
    assert (good[0], good[-1]) == ({"question": "a", "answer": "b"}, {"question": "c", "answer": "d"})
    assert (3, "it is longer than 0 MB") in [(line.number, line.problem) for line in lines]


def test_an_object_of_very_many_members_is_as_long_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LINE_LIMIT", 1000)
    members = ", ".join(f'"key{number}": 1' for number in range(200))
    lines = lines_of(written(tmp_path, "faq.json", b"{" + members.encode() + b"}" + GOOD))
    assert [line.problem for line in lines] == ["it is longer than 0 MB (line 1)", None]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("chats.jsonl", '{"conversation": "c-1", "role": "user", "text": "%s"}\n'),
        ("pages.json", '{"conversation_id": 7, "inbox_id": 1, "message_type": 0, "content": "%s"}\n'),
    ],
)
@pytest.mark.anyio
async def test_a_conversation_without_end_is_named(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.setattr(files, "LINE_LIMIT", 100_000)
    path = written(tmp_path, name, (message % ("long " * 500)).encode() * 50)
    with pytest.raises(IngestionError, match=r"1: all that belongs to '(c-1|7)' is longer than 0 MB\.$"):
        await imported(sqlite_database, path)


def test_long_names_of_columns_and_fields_do_not_fill_the_sentence(tmp_path: Path) -> None:
    for path in (
        written(tmp_path, "faq.csv", b"a" * 30_000 + b"," + b"b," * 1000 + b"\n1,2\n"),
        written(tmp_path, "faq.jsonl", b'{"' + b"a" * 100_000 + b'": 1}\n'),
    ):
        with pytest.raises(IngestionError) as caught:
            formats.choose(files.examine(path), "auto")
        assert len(str(caught.value)) < 500 + len(str(path))
