"""JSON documents are read as streams: what is good in them is found, however the rest looks."""

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.ingestion import files, json_window, reading
from knowledge_base.ingestion.kinds import Kind
from knowledge_base.ingestion.records import ENVELOPE, Record
from tests.knowledge_base.test_ingestion_files import written

MB = 1024 * 1024
Shown = tuple[str, object]


def records_of(tmp_path: Path, text: str, name: str = "export.json") -> list[Record]:
    """What a document holds."""
    return list(reading.read(files.examine(written(tmp_path, name, text.encode()))))


def shown(tmp_path: Path, text: str) -> list[Shown]:
    """Of each record the list that it stands in and its fields, or its problem."""
    return [(record.under, record.fields or record.problem) for record in records_of(tmp_path, text)]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ('[{"id": 1}, {"id": 2}]', [("", {"id": 1}), ("", {"id": 2})]),
        (
            '{"count": 2, "tickets": [{"id": 1}], "users": [{"id": 5}]}',
            [("tickets", {"id": 1}), ("users", {"id": 5}), (ENVELOPE, {"count": 2})],
        ),
        (
            '{"data": {"meta": {"a": 1}, "payload": [{"id": 1}]}}',
            [("payload", {"id": 1}), (ENVELOPE, {"meta": {"a": 1}})],
        ),
        ('[{"tickets": [{"id": 1}]},\n{"tickets": [{"id": 2}]}]', [("tickets", {"id": 1}), ("tickets", {"id": 2})]),
        ('{\n "id": 1\n}\n{\n "id": 2\n}', [("", {"id": 1}), ("", {"id": 2})]),
        ('{"tickets": []}', []),
        ('{"tickets": [{"id": 1},]}', [("tickets", {"id": 1})]),
    ],
)
def test_the_objects_of_lists_are_the_records(tmp_path: Path, text: str, records: list[Shown]) -> None:
    assert shown(tmp_path, text) == records


@pytest.mark.parametrize(
    ("text", "records"),
    [
        (
            '{"tickets": [{"id": 1},\n{"id": 2, "a": tru},\n{"id": 3}]}',
            [("tickets", {"id": 1}), ("tickets", "it is not JSON (Expecting value) (line 2)"), ("tickets", {"id": 3})],
        ),
        (
            '{"tickets": [{"id": 1}, {"id": 2',
            [("tickets", {"id": 1}), ("", "the file was cut off here (line 1)")],
        ),
        ('{"tickets": [{"id": 1},', [("tickets", {"id": 1}), ("", "the file was cut off here (line 1)")]),
        ('{"tickets": [{"id": 1}', [("tickets", {"id": 1}), ("", "the file was cut off here (line 1)")]),
        (
            '{"tickets": [{"id": 1} oops]}\n{"tickets": [{"id": 2}]}',
            [
                ("tickets", {"id": 1}),
                ("", "it is not JSON (a comma is missing) (line 1)"),
                ("tickets", {"id": 2}),
            ],
        ),
        ('{"tickets": [{"id": 1} {"id": 2}]}', [("tickets", {"id": 1}), ("tickets", {"id": 2})]),
        (
            '[1, "a", [], {"id": 1}]',
            [("", "it is not a JSON object (line 1)")] * 3 + [("", {"id": 1})],
        ),
        (
            '{"tickets": [{"id": ' + "9" * 5000 + '}, {"id": 1}]}',
            [("tickets", "it is not JSON (a number is too long) (line 1)"), ("tickets", {"id": 1})],
        ),
        ("[" * 200_000, [("", "the file was cut off here (line 1)")]),
        ('{"data":' * 100_000 + "1", [("", "the file was cut off here (line 1)")]),
        (
            '{"tickets": [' + '{"a":' * 100_000 + "1" + "}" * 100_000 + ', {"id": 1}]}',
            [("tickets", "it is nested too deeply (line 1)"), ("tickets", {"id": 1})],
        ),
        (
            '{"a": ' + "[" * 100_000 + "]" * 100_000 + ', "tickets": [{"id": 1}]}',
            [("tickets", {"id": 1}), ("", "it is nested too deeply (line 1)")],
        ),
        ('{"id": 1,\n2: 3}\n[{"id": 2}]', [("", "it is not JSON (a field has no name) (line 2)"), ("", {"id": 2})]),
    ],
)
def test_what_is_bad_is_named_and_what_is_good_is_kept(tmp_path: Path, text: str, records: list[Shown]) -> None:
    assert shown(tmp_path, text) == records


def test_a_record_that_is_too_long_is_passed_over(tmp_path: Path) -> None:
    text = '{"tickets": [{"s": "' + "a" * (10 * MB) + '"}, {"id": 1}]}'
    assert shown(tmp_path, text) == [("tickets", "it is longer than 8 MB (line 1)"), ("tickets", {"id": 1})]


@pytest.mark.parametrize(
    "inside", ['"' + '\\\\\\"{' * 900 + '"', '["a' + '","]' * 900 + '", 1]', "[" + '{"a": [{}, []]}, ' * 200 + "1]"]
)
@pytest.mark.parametrize("chunk", [1, 16, 100_000])
def test_the_end_of_what_is_too_long_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str, chunk: int
) -> None:
    monkeypatch.setattr(files, "LINE_LIMIT", 1000)
    monkeypatch.setattr(json_window, "CHUNK", chunk)
    text = '{"tickets": [{"s": ' + inside + '}, {"id": 1}]}'
    assert shown(tmp_path, text) == [("tickets", "it is longer than 0 MB (line 1)"), ("tickets", {"id": 1})]


def test_an_object_that_is_too_long_in_all_its_parts_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LINE_LIMIT", 1000)
    parts = ",".join(f'"part{number}": "{"a" * 100}"' for number in range(20))
    records = shown(tmp_path, f'{{"x": 1,\n{parts}}}\n[{{"id": 1}}]')
    assert [fields for _, fields in records] == ["it is longer than 0 MB (line 2)", {"id": 1}]


def test_control_characters_are_dropped_and_counted_where_they_stand(tmp_path: Path) -> None:
    first, second = records_of(tmp_path, '[{"a": "x\x07\x00"},\x0c {"b": "\ttab"}]')
    assert (first.fields, second.fields) == ({"a": "x"}, {"b": "\ttab"})
    assert first.stripped + second.stripped == 3


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
def test_the_pieces_in_which_a_file_is_read_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    text = (
        '{"a": 12345, "tickets": [{"id": 1, "s": "\\\\\\"]}"}, {"n": tru, "t": "x"}, {"id": 22}]}\n\n[{"退款": -1.5e3}]'
    )
    whole = shown(tmp_path, text)
    monkeypatch.setattr(json_window, "CHUNK", chunk)
    assert shown(tmp_path, text) == whole
    assert len(whole) == 5


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text().map(lambda key: f"x{key}"), values), max_size=6), st.integers(0, 3))
@pytest.mark.slow
def test_any_list_of_objects_is_read_as_json_spells_it(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, object]], indent: int
) -> None:
    text = json.dumps(objects, indent=indent or None)
    found = records_of(tmp_path_factory.mktemp("json"), text)
    assert [record.fields for record in found] == objects


@given(st.text(alphabet='{}[]",:\\ \n1atr', max_size=60))
def test_no_text_is_too_strange(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    found = records_of(tmp_path_factory.mktemp("json"), "{" + text)
    assert all(record.fields is not None or record.problem for record in found)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.jsonl", '{"id": 1}\n{"id": 2}\n', Kind.LINES),
        ("a.json", '{"id": 1}\n{"id": 2}\n', Kind.LINES),
        ("a.jsonl", '{"question": \n{"id": 2}\n', Kind.LINES),
        ("a.jsonl", '{"tickets": [{"id": 1}]}\n{"tickets": []}\n', Kind.DOCUMENT),
        ("a.json", '{\n  "tickets": [\n    {"id": 1}\n  ]\n}', Kind.DOCUMENT),
        ("a", '[{"id": 1}]', Kind.DOCUMENT),
        ("a.txt", ' {"id": 1}', Kind.DOCUMENT),
        ("a.csv", '{"id": 1}', Kind.LINES),
        ("a.json", "oops", Kind.LINES),
    ],
)
def test_lines_and_documents_are_told_apart_by_their_content(tmp_path: Path, name: str, text: str, kind: Kind) -> None:
    assert files.examine(written(tmp_path, name, text.encode())).kind is kind


def test_a_document_is_read_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    ticket = json.dumps({"id": 1, "comments": [{"body": "a" * 2000, "n": list(range(100))}] * 4})
    with path.open("w") as file:
        file.write('{"tickets":[')
        for _ in range(2000):
            file.write(ticket + ",")
        file.write(ticket + "]}")
    assert path.stat().st_size > 16 * MB
    tracemalloc.start()
    try:
        count = sum(1 for _ in reading.read(files.examine(path)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 2001
    assert peak < 6 * MB
