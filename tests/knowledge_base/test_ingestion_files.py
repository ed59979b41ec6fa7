"""Files as people have them: cut off, in another encoding, without columns, with control characters."""

import gzip
import json
from pathlib import Path

import pytest

from knowledge_base.ingestion import files, formats, importing, reading
from knowledge_base.ingestion.errors import (
    EmptyFileError,
    FileKindError,
    FileMissingError,
    FileUnreadableError,
    FormatError,
    GzipError,
    IngestionError,
    MissingColumnsError,
    NotUtf8Error,
)
from knowledge_base.ingestion.records import Record

GOOD = b'{"question": "How long?", "answer": "Three days."}\n'


def written(tmp_path: Path, name: str, content: bytes) -> Path:
    """A file with this content."""
    path = tmp_path / name
    path.write_bytes(content)
    return path


def lines_of(path: Path) -> list[Record]:
    """All lines of a file."""
    return list(reading.read(files.examine(path)))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match=r"nowhere\.jsonl does not exist\.$"):
        files.examine(tmp_path / "nowhere.jsonl")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadableError, match="is a folder"):
        files.examine(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n \n\r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(EmptyFileError, match=r"faq\.jsonl is empty"):
        files.examine(written(tmp_path, "faq.jsonl", content))


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "latin.jsonl", GOOD * 40_000 + '{"question": "Größe?"}'.encode("latin-1"))
    with pytest.raises(NotUtf8Error, match=r"latin\.jsonl is not UTF-8 \(line 40001\)"):
        files.examine(path)


def test_a_character_cut_at_the_end_of_the_file_is_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(NotUtf8Error, match="line 2"):
        files.examine(written(tmp_path, "cut.jsonl", GOOD + "退".encode()[:2]))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileKindError, match=r"faq\.xlsx is of no kind that Weaver reads"):
        files.examine(written(tmp_path, "faq.xlsx", b"PK"))


def test_a_truncated_gzip_is_refused_before_anything_is_read_from_it(tmp_path: Path) -> None:
    whole = gzip.compress(GOOD * 1000)
    with pytest.raises(GzipError, match=r"faq\.jsonl\.gz is a gzip file that was cut off"):
        files.examine(written(tmp_path, "faq.jsonl.gz", whole[:-20]))


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(bytes(range(32, 127)) * 400))
    whole[len(whole) // 2] ^= 0xFF
    with pytest.raises(GzipError, match="damaged"):
        files.examine(written(tmp_path, "faq.jsonl.gz", bytes(whole)))


def test_a_file_that_is_only_called_gz_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GzipError, match="is not a gzip file"):
        files.examine(written(tmp_path, "faq.jsonl.gz", GOOD))


def test_a_gzip_is_read_like_its_content(tmp_path: Path) -> None:
    path = written(tmp_path, "faq.jsonl.gz", gzip.compress(b"\xef\xbb\xbf" + GOOD + b"\n" + GOOD))
    assert [(line.number, line.problem) for line in lines_of(path)] == [(1, None), (3, None)]


def test_bad_lines_are_numbered_and_the_good_ones_read(tmp_path: Path) -> None:
    bad = b'{"question": \n[1, 2]\n' + b"[" * 100_000 + b"\n" + b"9" * 5000 + b"\n"
    lines = lines_of(written(tmp_path, "faq.jsonl", GOOD + bad + GOOD))
    assert [line.number for line in lines if line.fields] == [1, 6]
    problems = {line.number: line.problem or "" for line in lines if line.problem}
    assert problems[2].startswith("it is not JSON")
    assert problems[3] == "it is not a JSON object"
    assert problems[4] == "it is nested too deeply"
    assert "a number is too long" in problems[5]


def test_an_overlong_line_is_passed_over_and_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LINE_LIMIT", 100)
    lines = lines_of(written(tmp_path, "faq.jsonl", b'{"question": "' + b"a" * 1000 + b'"}\n' + GOOD))
    assert [(line.number, line.fields is not None) for line in lines] == [(1, False), (2, True)]


def test_raw_control_characters_do_not_spoil_a_line(tmp_path: Path) -> None:
    (line,) = lines_of(written(tmp_path, "faq.jsonl", b'\x00{"question": "a\x07\tb", \x0c"answer": "c"}\r\n\x1a\n'))
    assert line.fields == {"question": "a\tb", "answer": "c"}
    assert line.stripped == 3


def test_lone_surrogates_are_read_as_json_spells_them(tmp_path: Path) -> None:
    (line,) = lines_of(written(tmp_path, "faq.jsonl", b'{"question": "\\ud83d\\ude00 \\ud800", "answer": "b"}\n'))
    assert line.fields is not None
    assert line.fields["question"] == "😀 \ud800"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_with_the_delimiter_of_its_header(tmp_path: Path, delimiter: str) -> None:
    rows = [["Question ", "ANSWER", "tags"], ['"How\nlong?"', "Three", ""], ["And?", "No", "a"]]
    content = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows)
    lines = lines_of(written(tmp_path, "faq.csv", content.encode()))
    assert [(line.number, line.fields) for line in lines] == [
        (2, {"question": "How\nlong?", "answer": "Three"}),
        (4, {"question": "And?", "answer": "No", "tags": "a"}),
    ]


def test_a_csv_with_a_huge_field_or_too_many_fields_loses_that_row_only(tmp_path: Path) -> None:
    content = f"question,answer\na,b\n{'x' * 200_000},c\nd,e,f\n\ng,h\n"
    lines = lines_of(written(tmp_path, "faq.csv", content.encode()))
    assert [line.number for line in lines if line.fields] == [2, 3, 6]
    assert [line.problem for line in lines if line.problem] == ["it has 3 fields, the header has 2"]


def test_a_csv_whose_quotation_mark_stays_open_says_so(tmp_path: Path) -> None:
    lines = lines_of(written(tmp_path, "faq.csv", b'question,answer\na,b\n"c,d\ne,f\n'))
    assert lines[0].fields == {"question": "a", "answer": "b"}
    assert (lines[1].number, (lines[1].problem or "")[:13]) == (3, "it is not CSV")


def test_a_csv_without_its_columns_says_which_and_what_it_has(tmp_path: Path) -> None:
    source = files.examine(written(tmp_path, "faq.csv", b"question,reply\na,b\n"))
    with pytest.raises(MissingColumnsError, match=r"faq\.csv lacks the column answer; it has question, reply\.$"):
        formats.choose(source, "auto")


@pytest.mark.parametrize(
    ("name", "content", "chosen"),
    [
        ("f.jsonl", b'oops\n{"question": "a", "answer": "b"}\n', "faq"),
        ("f.jsonl", b'{"id": "1", "turns": []}\n', "dialogues"),
        ("f.csv", b"answer,question\nb,a\n", "faq"),
    ],
)
def test_auto_recognises_a_format_by_its_first_good_line(
    tmp_path: Path, name: str, content: bytes, chosen: str
) -> None:
    assert formats.choose(files.examine(written(tmp_path, name, content)), "auto").name == chosen


@pytest.mark.parametrize(
    ("name", "format_name", "said"),
    [
        ("f.jsonl", "pages", "is JSON lines; pages come as Markdown or HTML"),
        ("f.jsonl", "nonsense", "the formats are faq"),
        ("f.jsonl", "auto", "fields a"),
        ("f.csv", "dialogues", "dialogues come as JSON lines"),
    ],
)
def test_a_format_that_cannot_be_read_is_refused_in_one_sentence(
    tmp_path: Path, name: str, format_name: str, said: str
) -> None:
    source = files.examine(written(tmp_path, name, b"a,b\n1,2\n" if name == "f.csv" else b'{"a": 1}\n'))
    with pytest.raises(FormatError, match=said):
        formats.choose(source, format_name)


def test_every_error_is_one_sentence_that_names_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "x.jsonl", json.dumps("just text").encode())
    with pytest.raises(IngestionError) as caught:
        formats.choose(files.examine(path), "auto")
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith(".")


def test_large_records_are_stored_few_at_a_time(tmp_path: Path) -> None:
    line = json.dumps({"question": "a", "answer": "b", "other": "x" * (importing.CHARACTERS_AT_ONCE // 3)}) + "\n"
    records = reading.read(files.examine(written(tmp_path, "f.jsonl", line.encode() * 4 + GOOD * 9)))
    assert [len(importing._some(records, 5)) for _ in range(3)] == [3, 5, 5]
