"""Exports as they arrive: cut off anywhere, under another format's name, compressed, with values of a wrong kind."""

import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.ingestion import faq, files, formats, past_dialogues
from knowledge_base.ingestion.errors import IngestionError
from knowledge_base.ingestion.fields import FieldError
from knowledge_base.ingestion.formats import Format
from knowledge_base.ingestion.records import Record
from tests.knowledge_base.test_ingestion_files import written

FIXTURES = sorted((Path(__file__).parent / "exports").iterdir())
NAMES = [path.name for path in FIXTURES]
STRANGE: tuple[Any, ...] = (None, True, -1, 1e308, "", "x", [], [[]], [None], {}, {"id": {}}, [{"body": 5}])


def good_in(path: Path, chosen: Format) -> list[str]:
    """The ids of what can be imported; every other record must say why not."""
    found: list[str] = []
    for record in chosen.read(files.examine(path)):
        assert (record.fields is None) != (record.problem is None)
        with suppress(FieldError):
            found += _id_of(record, chosen)
    return found


def _id_of(record: Record, chosen: Format) -> list[str]:
    if record.fields is None:
        return []
    if chosen.holds == "answers":
        return [str(faq.parse(record.number, record.fields, "default").answer_id)]
    return [past_dialogues.parse(record.number, record.fields).dialogue.external_id]


def chosen_for(path: Path) -> Format:
    """The format that a file shows."""
    return formats.choose(files.examine(path), "auto")


@pytest.mark.parametrize("path", FIXTURES, ids=NAMES)
def test_of_a_file_cut_anywhere_the_good_part_is_kept_or_one_sentence_said(path: Path, tmp_path: Path) -> None:
    content, whole = path.read_bytes(), set(good_in(path, chosen_for(path)))
    kept: set[str] = set()
    for end in (*range(1, len(content), max(1, len(content) // 60)), len(content) - 1):
        cut = written(tmp_path, path.name, content[:end])
        with suppress(IngestionError):
            kept |= set(good_in(cut, chosen_for(cut)))
    # A heading that was cut is another question; of a table's last row nobody can tell whether it was cut.
    assert chosen_for(path).name in ("pages", "messages") or kept <= whole
    assert kept


@pytest.mark.parametrize("path", FIXTURES, ids=NAMES)
@pytest.mark.parametrize("name", [known for known in formats.NAMES if known != formats.AUTO])
def test_a_file_under_the_name_of_another_format_is_refused_or_its_records_are(path: Path, name: str) -> None:
    found: list[str] = []
    with suppress(IngestionError):
        found = good_in(path, formats.choose(files.examine(path), name))
    # A message of Chatwoot's has what the format of messages asks for.
    assert not found or name in (chosen_for(path).name, "messages")


@pytest.mark.parametrize("path", FIXTURES, ids=NAMES)
def test_a_compressed_export_is_the_same_export(path: Path, tmp_path: Path) -> None:
    packed = written(tmp_path, f"{path.name}.gz", gzip.compress(path.read_bytes()))
    assert good_in(packed, chosen_for(packed)) == good_in(path, chosen_for(path))


@pytest.mark.parametrize(
    "path", [one for one in FIXTURES if one.suffix in (".json", ".jsonl")], ids=lambda one: one.name
)
def test_a_strange_value_anywhere_spoils_at_most_its_own_record(path: Path, tmp_path: Path) -> None:
    chosen, text = chosen_for(path), path.read_text("utf-8")
    documents = (
        [json.loads(text)] if path.suffix == ".json" and text[1] == "\n" else [*map(json.loads, text.splitlines())]
    )
    for place, strange in enumerate(STRANGE):
        for number, value in enumerate(documents):
            changed = [*documents]
            changed[number] = _spoiled(value, strange, place)
            content = "\n".join(json.dumps(one) for one in changed).encode()
            good_in(written(tmp_path, "spoiled.json", content), chosen)


def _spoiled(value: Any, strange: Any, place: int) -> Any:  # noqa: ANN401 - any JSON
    """A value in which every so many members are replaced by a strange one."""
    if isinstance(value, dict):
        return {
            name: strange if (number + place) % 5 == 0 else _spoiled(inner, strange, place + 1)
            for number, (name, inner) in enumerate(value.items())
        }
    return [_spoiled(inner, strange, place + 1) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "content",
    [
        '{"conversation_id": "%s", "inbox_id": 1, "message_type": 0, "content": "Is it %s there?"}',
        '{"id": "%s", "requester_id": "%s", "comments": [{"author_id": "%s", "body": "Is it %s there?"}]}',
        '{"id": "%s", "conversation_parts": {}, "source": {"body": "Is it %s there?", "author": {"type": "user"}}}',
    ],
    ids=["chatwoot", "zendesk", "intercom"],
)
def test_an_id_of_half_a_character_is_none(tmp_path: Path, content: str) -> None:
    lines = [content.replace("%s", one) for one in ("7", "\\ud800")]
    path = written(tmp_path, "spoiled.jsonl", "\n".join(lines).encode())
    assert good_in(path, chosen_for(path)) == ["7"]


def test_what_names_no_conversation_belongs_to_none(tmp_path: Path) -> None:
    message = {"conversation_id": 7, "inbox_id": 1, "message_type": 0, "content": "Is it there?"}
    other = message | {"conversation_id": None, "content": "My name is Ada."}
    path = written(tmp_path, "pages.jsonl", f"{json.dumps(message)}\n{json.dumps(other)}".encode())
    bad, good = chosen_for(path).read(files.examine(path))
    assert (bad.number, bad.problem) == (2, "it names no conversation")
    assert good.fields is not None
    assert [turn["text"] for turn in good.fields["turns"]] == ["Is it there?"]  # type: ignore[attr-defined]
