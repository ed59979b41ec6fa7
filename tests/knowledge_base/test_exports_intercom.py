"""Intercom's conversations become dialogues: the opening message and the parts that the customer saw."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.ingestion import files, past_dialogues
from knowledge_base.ingestion.exports import intercom
from knowledge_base.ingestion.past_dialogues import DialogueLine
from knowledge_base.ingestion.records import Record
from tests.knowledge_base.test_ingestion_files import written
from weaver_core.dialogue import Role

FIXTURES = Path(__file__).parent / "exports"


def records_of(path: Path) -> list[Record]:
    """What an export holds."""
    return list(intercom.read(files.examine(path)))


def lines_of(path: Path) -> list[DialogueLine]:
    """Its dialogues."""
    records = records_of(path)
    return [past_dialogues.parse(record.number, record.fields) for record in records if record.fields is not None]


def test_the_source_and_the_parts_with_a_body_are_turns() -> None:
    line = lines_of(FIXTURES / "intercom.json")[0]
    dialogue = line.dialogue
    assert (dialogue.external_id, dialogue.customer, dialogue.channel, dialogue.resolved) == (
        "3001",
        "K-3001",
        "email",
        True,
    )
    assert [(turn.role, turn.text.splitlines()[0]) for turn in dialogue.turns] == [
        (Role.CUSTOMER, "Toaster"),
        (Role.BOT, "Have you tried another slot?"),
        (Role.AGENT, "It is not broken: the browning sensor sits on that side."),
        (Role.AGENT, "I close this, write again whenever you like."),
    ]
    assert dialogue.turns[2].text.endswith("2. Or order the free deflector (https://shop.example/deflector).")
    assert dialogue.turns[1].at == datetime(2026, 2, 5, 14, 2, tzinfo=UTC)
    assert line.names == ("Ella Frost", "Sam Reed")


def test_notes_events_redacted_parts_and_attachments_are_left_out() -> None:
    first, second, third = records_of(FIXTURES / "intercom.json")
    assert dict(first.left_out) == {"attachments": 1, "events": 2, "private notes": 1}
    assert dict(second.left_out) == {"deleted messages": 1}
    assert third.problem == "conversation 3003 has no conversation_parts"


def test_what_was_sent_to_many_is_not_an_agents_word() -> None:
    dialogue = lines_of(FIXTURES / "intercom.json")[1].dialogue
    assert [turn.role for turn in dialogue.turns] == [Role.BOT, Role.CUSTOMER, Role.AGENT]
    assert dialogue.customer == "intercom:6502"


def test_one_conversation_a_line_is_read() -> None:
    (line,) = lines_of(FIXTURES / "intercom.zh.jsonl")
    assert line.dialogue.customer == "sunyue@example.org"
    assert [turn.role for turn in line.dialogue.turns] == [Role.CUSTOMER, Role.AGENT]


@pytest.mark.parametrize(
    ("author", "role"),
    [
        ({"type": "user"}, Role.CUSTOMER),
        ({"type": "lead"}, Role.CUSTOMER),
        ({"type": "contact"}, Role.CUSTOMER),
        ({"type": "admin"}, Role.AGENT),
        ({"type": "admin", "from_ai_agent": True}, Role.BOT),
        ({"type": "admin", "email": "operator+abc@intercom.io"}, Role.BOT),
        ({"type": "bot"}, Role.BOT),
        ({"type": "operator"}, Role.BOT),
    ],
)
def test_the_authors_type_is_the_role(tmp_path: Path, author: dict[str, Any], role: Role) -> None:
    part = {"part_type": "comment", "body": "<p>Hello</p>", "author": author}
    conversation = {"id": "1", "type": "conversation", "conversation_parts": {"conversation_parts": [part]}}
    (line,) = lines_of(written(tmp_path, "c.json", json.dumps(conversation).encode()))
    assert [turn.role for turn in line.dialogue.turns] == [role]


def test_a_record_that_is_something_else_is_named(tmp_path: Path) -> None:
    (record,) = records_of(written(tmp_path, "c.jsonl", b'{"type": "admin", "id": "1"}'))
    assert record.problem == "it is not a conversation"
