"""Tables of messages become dialogues, wherever a conversation's rows stand."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge_base.ingestion import files, formats, past_dialogues
from knowledge_base.ingestion.errors import FileUnreadableError, FormatError, MissingColumnsError
from knowledge_base.ingestion.exports import messages, roles, times
from knowledge_base.ingestion.exports.spool import ADDED_AT_ONCE, Spool
from knowledge_base.ingestion.fields import FieldError
from knowledge_base.ingestion.records import Record
from tests.knowledge_base.test_ingestion_files import written
from weaver_core.dialogue import Dialogue, Role

FIXTURES = Path(__file__).parent / "exports"


def records_of(path: Path) -> list[Record]:
    """What a table of messages holds."""
    return list(messages.read(files.examine(path)))


def dialogues_of(path: Path) -> list[Dialogue]:
    """Its dialogues."""
    return [
        past_dialogues.parse(record.number, record.fields).dialogue
        for record in records_of(path)
        if record.fields is not None
    ]


def test_rows_of_a_conversation_are_brought_together_in_the_order_of_their_times() -> None:
    first, second, third = dialogues_of(FIXTURES / "messages.csv")
    assert (first.external_id, first.customer, first.channel) == ("c-101", "mia@example.org", "web")
    assert [turn.role for turn in first.turns] == [Role.CUSTOMER, Role.AGENT]
    assert first.turns[1].at == datetime(2026, 3, 2, 9, 17, 30, tzinfo=UTC)
    assert second.turns[0].at == datetime(2026, 3, 2, 8, 16, 10, tzinfo=UTC)
    assert [turn.role for turn in third.turns] == [Role.CUSTOMER, Role.BOT, Role.AGENT]
    assert third.turns[2].at == datetime(2026, 3, 2, 9, 17, 40, tzinfo=UTC)


def test_a_row_that_cannot_be_used_is_named_and_its_conversation_kept() -> None:
    records = records_of(FIXTURES / "messages.csv")
    assert [(record.number, record.problem) for record in records if record.problem] == [
        (11, "the role 'boss' is not known"),
        (12, "the time can be read in two ways: '03/02/2026 10:00'; write the year first"),
    ]
    assert [dict(record.left_out) for record in records if record.fields] == [
        {"system messages": 1, "messages without a text": 1},
        {},
        {},
    ]


def test_chinese_headers_roles_and_times_are_read() -> None:
    first, second = dialogues_of(FIXTURES / "messages.zh.csv")
    assert (first.external_id, first.customer) == ("对话一", "C-7001")
    assert [turn.role for turn in first.turns] == [Role.CUSTOMER, Role.AGENT]
    assert second.turns[0].at == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def test_without_times_the_order_is_that_of_the_file(tmp_path: Path) -> None:
    rows = (
        "chat,role,text\n1,user,How long?\n2,user,Where?\n1,agent,Three days.\n2,agent,At the desk.\n1,user,Thanks!\n"
    )
    dialogues = dialogues_of(written(tmp_path, "chats.csv", rows.encode()))
    assert [[turn.text for turn in dialogue.turns] for dialogue in dialogues] == [
        ["How long?", "Three days.", "Thanks!"],
        ["Where?", "At the desk."],
    ]


def test_messages_may_be_json_lines_too(tmp_path: Path) -> None:
    lines = '{"session_id": 7, "role": "user", "content": "How long?", "timestamp": 1772443000}\n'
    lines += '{"session_id": 7, "role": "assistant", "content": "Three days."}\n'
    path = written(tmp_path, "chats.jsonl", lines.encode())
    assert formats.choose(files.examine(path), "auto").name == "messages"
    (dialogue,) = dialogues_of(path)
    assert [(turn.role, turn.text) for turn in dialogue.turns] == [
        (Role.CUSTOMER, "How long?"),
        (Role.BOT, "Three days."),
    ]


def test_the_most_telling_of_several_columns_is_read() -> None:
    names = ["From", "sender-type", "Message", "TEXT", "Thread Id", "id"]
    assert messages.columns_of(names) == {"conversation": "Thread Id", "role": "sender-type", "text": "TEXT"}


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("End-User", Role.CUSTOMER),
        (" Visitor ", Role.CUSTOMER),
        ("顾客", Role.CUSTOMER),
        ("SUPPORT_AGENT", Role.AGENT),
        ("人工客服", Role.AGENT),
        ("机器人", Role.BOT),
        ("系统", Role.SYSTEM),
        ("Ada", None),
    ],
)
def test_roles_are_known_by_many_words(word: str, role: Role | None) -> None:
    assert roles.of(word) is role


@pytest.mark.parametrize(
    ("written_as", "utc"),
    [
        ("2026-03-02T09:15:00Z", "2026-03-02T09:15:00+00:00"),
        ("2026-03-02 09:15", "2026-03-02T09:15:00+00:00"),
        ("2026/3/2 9:05:07 pm", "2026-03-02T21:05:07+00:00"),
        ("2026-03-02 09:15:00 +0800", "2026-03-02T01:15:00+00:00"),
        ("2026-03-02 09:15:00 UTC", "2026-03-02T09:15:00+00:00"),
        ("2026年3月2日", "2026-03-02T00:00:00+00:00"),
        ("2026年3月2日 上午12:30", "2026-03-02T00:30:00+00:00"),
        ("1772443000", "2026-03-02T09:16:40+00:00"),
        (1772443000.5, "2026-03-02T09:16:40.500000+00:00"),
        ("1772443000000", "2026-03-02T09:16:40+00:00"),
        ("", None),
        (None, None),
    ],
)
def test_times_come_in_many_spellings_and_are_kept_in_utc(written_as: object, utc: str | None) -> None:
    assert times.utc("at", written_as) == utc


@pytest.mark.parametrize("value", ["noon", "02.03.2026", "2026-13-02 09:00", 10**20, [1], "9999-12-31T23:00:00-05:00"])
def test_what_is_no_time_is_said(value: object) -> None:
    with pytest.raises(FieldError, match=r"^at "):
        times.utc("at", value)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("conversation,text", r"lacks the column role; it has conversation, text\.$"),
        ("a,b", "lacks for faq the columns question and answer, or for messages the columns conversation and role and"),
    ],
)
def test_a_table_without_its_columns_says_which(tmp_path: Path, header: str, said: str) -> None:
    with pytest.raises(MissingColumnsError, match=said):
        formats.choose(files.examine(written(tmp_path, "t.csv", f"{header}\n1,2\n".encode())), "auto")


def test_a_file_that_could_be_in_two_formats_is_not_guessed(tmp_path: Path) -> None:
    source = files.examine(written(tmp_path, "t.csv", b"question,answer,chat,role,text\n1,2,3,user,4\n"))
    with pytest.raises(FormatError, match="could be faq or messages: say which with --format"):
        formats.choose(source, "auto")
    assert formats.choose(source, "messages").name == "messages"


def test_a_table_is_known_without_a_name_that_says_so(tmp_path: Path) -> None:
    source = files.examine(written(tmp_path, "export", b"chat\trole\ttext\n1\tuser\tHello\n"))
    assert formats.choose(source, "auto").name == "messages"


def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path) -> None:
    with closing(Spool(files.examine(written(tmp_path, "t.csv", b"chat,role,text\n1,user,Hello\n")))) as spool:
        spool._scratch.run("PRAGMA max_page_count = 2")
        for number in range(ADDED_AT_ONCE - 1):
            spool.add("key", number, {"text": "x" * 100})
        with pytest.raises(FileUnreadableError, match=r"t\.csv cannot be brought into order in the temporary folder"):
            spool.add("key", ADDED_AT_ONCE, {})


def test_a_conversation_without_anything_said_is_named(tmp_path: Path) -> None:
    rows = b"chat,role,text\n1,system,Chat started\n2,user,How long?\n"
    (empty, good) = records_of(written(tmp_path, "chats.csv", rows))
    assert empty.fields is not None
    with pytest.raises(FieldError, match="it has no turn with a text"):
        past_dialogues.parse(empty.number, empty.fields)
    assert (empty.number, good.number) == (2, 3)
