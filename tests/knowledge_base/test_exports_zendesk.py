"""Zendesk's tickets become dialogues: public comments, in order, under the right roles."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.ingestion import files, formats, past_dialogues
from knowledge_base.ingestion.exports import zendesk
from knowledge_base.ingestion.past_dialogues import DialogueLine
from knowledge_base.ingestion.records import Record
from tests.knowledge_base.test_ingestion_files import written
from weaver_core.dialogue import Role

FIXTURES = Path(__file__).parent / "exports"
REPLY = """Hello Miriam,

the grinder only starts while its lid is locked:

- turn the lid until it clicks
- press the button for two seconds

Kind regards
Jonas"""


def records_of(path: Path) -> list[Record]:
    """What an export holds."""
    return list(zendesk.read(files.examine(path)))


def lines_of(path: Path) -> list[DialogueLine]:
    """Its dialogues."""
    records = records_of(path)
    return [past_dialogues.parse(record.number, record.fields) for record in records if record.fields is not None]


def one_of(tmp_path: Path, *comments: dict[str, Any], **facts: object) -> DialogueLine:
    """The dialogue of a ticket with these comments."""
    ticket = {"id": 1, "requester_id": 7, "comments": list(comments)} | facts
    (line,) = lines_of(written(tmp_path, "t.jsonl", json.dumps(ticket).encode()))
    return line


def test_public_comments_are_turns_in_the_order_of_their_times() -> None:
    line = lines_of(FIXTURES / "zendesk.json")[0]
    dialogue = line.dialogue
    assert (dialogue.external_id, dialogue.customer, dialogue.channel, dialogue.resolved) == (
        "4711",
        "K-1001",
        "email",
        True,
    )
    assert [(turn.role, turn.text) for turn in dialogue.turns] == [
        (Role.CUSTOMER, "Coffee grinder makes no sound\nMy grinder does not start any more. What can I do?"),
        (
            Role.AGENT,
            REPLY,
        ),
        (Role.CUSTOMER, "It clicks and it runs, thank you!"),
    ]
    assert dialogue.turns[1].at == datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
    assert line.names == ("Jonas Weber", "Miriam Hale")


def test_what_is_left_out_is_counted_and_what_cannot_be_used_named() -> None:
    records = records_of(FIXTURES / "zendesk.json")
    assert dict(records[0].left_out) == {"attachments": 1, "private notes": 1, "system messages": 1}
    assert dict(records[1].left_out) == {"calls": 1}
    assert [record.problem for record in records[2:]] == ["ticket 4713 has no comments", "ticket 4714 is deleted"]


def test_a_person_in_copy_is_a_customer_and_a_made_up_subject_is_not_read() -> None:
    dialogue = lines_of(FIXTURES / "zendesk.json")[1].dialogue
    assert [turn.role for turn in dialogue.turns] == [Role.CUSTOMER, Role.CUSTOMER, Role.AGENT]
    assert dialogue.turns[0].text == "Do you ship to Norway?"
    assert (dialogue.customer, dialogue.resolved) == ("pavel@example.org", None)


def test_the_json_export_has_a_ticket_a_line_and_its_persons_inside() -> None:
    first, second = lines_of(FIXTURES / "zendesk.zh.jsonl")
    assert (first.dialogue.customer, second.dialogue.customer) == ("xiaomei@example.org", "chenli@example.org")
    assert [turn.role for turn in second.dialogue.turns] == [Role.CUSTOMER, Role.AGENT]
    assert first.names == ("李晓梅", "王强")


def test_without_users_the_requester_is_the_customer_and_others_are_agents(tmp_path: Path) -> None:
    line = one_of(tmp_path, {"author_id": 7, "body": "How long?"}, {"author_id": 8, "body": "Three days."})
    assert [turn.role for turn in line.dialogue.turns] == [Role.CUSTOMER, Role.AGENT]
    assert line.dialogue.customer == "zendesk:7"


@pytest.mark.parametrize(
    ("bodies", "text"),
    [
        ({"html_body": "<p>a<br>b</p>", "plain_body": "x", "body": "y"}, "a\nb"),
        ({"html_body": "<p></p>", "plain_body": "x&nbsp;", "body": "y"}, "x&nbsp;"),
        ({"body": "1 < 2"}, "1 < 2"),
    ],
)
def test_the_html_is_read_before_the_plain_texts(tmp_path: Path, bodies: dict[str, Any], text: str) -> None:
    assert one_of(tmp_path, {"author_id": 7} | bodies).dialogue.turns[0].text == text


def test_a_ticket_may_stand_beside_its_comments_and_users(tmp_path: Path) -> None:
    answer = {
        "ticket": {"id": 5, "requester_id": 1},
        "comments": [{"author_id": 2, "body": "Can I help?"}, {"author_id": 1, "body": "Yes, please."}],
        "users": [{"id": 2, "role": "agent", "name": "Ida"}, {"id": 1, "role": "end-user", "email": "a@example.org"}],
    }
    path = written(tmp_path, "answers.json", (json.dumps(answer, indent=1) + "\n").encode() * 2)
    assert formats.choose(files.examine(path), "auto").name == "zendesk"
    lines = lines_of(path)
    assert [(line.dialogue.external_id, line.dialogue.customer) for line in lines] == [("5", "a@example.org")] * 2


@pytest.mark.parametrize(
    ("ticket", "problem"),
    [
        ({"id": 1, "requester_id": 7}, "ticket 1 has no comments"),
        ({"id": 1, "requester_id": 7, "comments": "none"}, "ticket 1 has no comments"),
        ({"name": "Ada", "role": "agent"}, "it is not a ticket"),
        (
            {"id": 1, "requester_id": 7, "comments": [{"author_id": 7, "body": "a", "created_at": "soon"}]},
            "the time of",
        ),
    ],
)
def test_a_record_that_is_no_usable_ticket_is_named(tmp_path: Path, ticket: dict[str, Any], problem: str) -> None:
    (record,) = records_of(written(tmp_path, "t.jsonl", json.dumps(ticket).encode()))
    assert (record.problem or "").startswith(problem)
