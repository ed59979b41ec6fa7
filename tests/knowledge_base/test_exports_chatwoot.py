"""Chatwoot's conversations become dialogues, from pages of messages or from conversations with messages inside."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.ingestion import files, formats, past_dialogues
from knowledge_base.ingestion.exports import chatwoot
from knowledge_base.ingestion.past_dialogues import DialogueLine
from knowledge_base.ingestion.records import Record
from tests.knowledge_base.test_ingestion_files import written
from weaver_core.dialogue import Role

FIXTURES = Path(__file__).parent / "exports"


def records_of(path: Path) -> list[Record]:
    """What an export holds."""
    return list(chatwoot.read(files.examine(path)))


def lines_of(path: Path) -> list[DialogueLine]:
    """Its dialogues."""
    records = records_of(path)
    return [past_dialogues.parse(record.number, record.fields) for record in records if record.fields is not None]


def roles_of(tmp_path: Path, *messages: dict[str, Any]) -> list[Role]:
    """Who said these messages of one conversation."""
    lines = [
        {"conversation_id": 1, "inbox_id": 1, "message_type": 1, "content": f"message {number}", "created_at": number}
        | message
        for number, message in enumerate(messages, start=1_770_000_000)
    ]
    path = written(tmp_path, "m.jsonl", "\n".join(map(json.dumps, lines)).encode())
    assert formats.choose(files.examine(path), "auto").name == "chatwoot"
    return [turn.role for line in lines_of(path) for turn in line.dialogue.turns]


def test_pages_in_any_order_that_overlap_make_one_dialogue() -> None:
    first, second = lines_of(FIXTURES / "chatwoot.json")
    assert (first.dialogue.external_id, first.dialogue.customer) == ("12", "K-2001")
    assert [turn.role for turn in first.dialogue.turns] == [Role.CUSTOMER, Role.BOT, Role.AGENT]
    assert first.dialogue.turns[0].at == datetime(2026, 2, 3, 9, 13, 20, tzinfo=UTC)
    assert first.names == ("Kim Berg", "Rosa Lind")
    assert (second.dialogue.external_id, second.dialogue.customer) == ("14", "+15550100")
    assert [turn.role for turn in second.dialogue.turns] == [Role.CUSTOMER, Role.AGENT]


def test_notes_activities_templates_deleted_ones_and_attachments_are_left_out() -> None:
    first, second = records_of(FIXTURES / "chatwoot.json")
    assert dict(first.left_out) == {
        "attachments": 1,
        "automatic messages": 1,
        "private notes": 1,
        "system messages": 1,
    }
    assert dict(second.left_out) == {"attachments": 1, "deleted messages": 1, "messages without a text": 1}


def test_conversations_with_their_messages_inside_are_read() -> None:
    good, empty = records_of(FIXTURES / "chatwoot.zh.json")
    assert good.fields is not None
    dialogue = past_dialogues.parse(good.number, good.fields).dialogue
    assert (dialogue.external_id, dialogue.customer, dialogue.channel, dialogue.resolved) == (
        "77",
        "K-2002",
        "WebWidget",
        True,
    )
    assert empty.problem == "conversation 78 has no message with a text"


def test_what_a_bot_a_rule_or_a_campaign_sent_is_not_an_agents(tmp_path: Path) -> None:
    assert roles_of(
        tmp_path,
        {"message_type": "incoming"},
        {"sender": {"type": "user"}},
        {"sender": {"type": "agent_bot"}},
        {"sender_type": "Captain::Assistant"},
        {"content_attributes": {"automation_rule_id": 4}},
        {"additional_attributes": {"campaign_id": 4}},
        {"sender": None},
    ) == [Role.CUSTOMER, Role.AGENT, Role.BOT, Role.BOT, Role.BOT, Role.BOT, Role.AGENT]


@pytest.mark.parametrize(
    ("person", "customer"),
    [
        ({"id": 9, "identifier": "K-9", "email": "a@example.org"}, "K-9"),
        ({"id": 9, "identifier": None, "email": "a@example.org"}, "a@example.org"),
        ({"id": 9}, "chatwoot:9"),
    ],
)
def test_the_customer_is_known_by_the_companys_own_id_first(
    tmp_path: Path, person: dict[str, Any], customer: str
) -> None:
    message = {"conversation_id": 1, "private": False, "message_type": 0, "content": "Hello?", "sender": person}
    (line,) = lines_of(written(tmp_path, "m.jsonl", json.dumps(message).encode()))
    assert line.dialogue.customer == customer


def test_a_record_that_is_something_else_is_named(tmp_path: Path) -> None:
    (record,) = records_of(written(tmp_path, "m.jsonl", b'{"id": 1, "name": "Inbox"}'))
    assert record.problem == "it is neither a conversation nor a message"
