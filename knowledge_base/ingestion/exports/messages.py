"""A table of messages, a row each: which conversation, who, what, when."""

import re
from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial

from knowledge_base.ingestion import csv_rows, reading
from knowledge_base.ingestion.exports import roles, times
from knowledge_base.ingestion.exports.spool import Spool
from knowledge_base.ingestion.exports.transcripts import converted
from knowledge_base.ingestion.fields import LABEL_LIMIT, FieldError, FieldReader
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.kinds import Kind
from knowledge_base.ingestion.past_dialogues import TURN_LIMIT
from knowledge_base.ingestion.records import Fields, Record
from weaver_core.dialogue import Role

# The columns by what they say, each under the names that exports give it; of two the one named first here is read.
COLUMNS = {
    "conversation": (
        "conversation_id conversation conversation_uuid dialogue_id dialog_id dialogue dialog chat_id chat "
        "session_id session thread_id thread ticket_id ticket case_id case 会话id 会话编号 会话号 会话标识 会话 "
        "对话id 对话编号 对话 工单id 工单编号 工单号 工单 聊天id"
    ),
    "role": (
        "role sender_role author_role sender_type author_type participant_type sender author speaker from direction "
        "message_type 角色 发送者角色 发送者类型 发送人类型 发送者 发送方 发送人 发言人 说话人 身份 消息方向"
    ),
    "text": (
        "text message_text message content message_content body message_body utterance 内容 消息内容 发送内容 聊天内容 "
        "消息 文本 正文 话术"
    ),
    "time": (
        "time timestamp at sent_at created_at message_time created date_time datetime date 时间 发送时间 消息时间 "
        "创建时间 日期时间 日期"
    ),
    "customer": (
        "customer customer_id customer_email user_id visitor_id client_id contact_id email 客户id 客户编号 客户邮箱 "
        "客户 用户id 用户编号 顾客id 访客id 会员id 会员号"
    ),
    "channel": "channel source 渠道 来源 接入渠道",
}
REQUIRED = ("conversation", "role", "text")
_SPELLED = {what: tuple(names.split()) for what, names in COLUMNS.items()}
_BETWEEN = re.compile(r"[\s_\-]+")
SYSTEM_MESSAGES, WITHOUT_TEXT = "system messages", "messages without a text"


@dataclass(frozen=True, slots=True)
class _Message:
    """What a row says. `offset` and `stripped` are as in a record."""

    role: str
    text: str
    at: str | None
    customer: str | None
    channel: str | None
    offset: int
    stripped: int


def columns_of(names: Iterable[str]) -> dict[str, str]:
    """Which of these columns say what a message needs: what → the column's name."""
    known = {_BETWEEN.sub("", name.casefold()): name for name in names}
    found: dict[str, str] = {}
    for what, spellings in _SPELLED.items():
        present = [known[spelling] for name in spellings if (spelling := _BETWEEN.sub("", name)) in known]
        if present:
            found[what] = present[0]
    return found


def missing(names: Iterable[str]) -> list[str]:
    """What a table with these columns lacks to be one of messages."""
    found = columns_of(names)
    return [what for what in REQUIRED if what not in found]


def read(source: SourceFile) -> Generator[Record]:
    """The dialogues of a table, in the order of their first messages, and before them the rows that cannot be used.

    A conversation's rows may stand anywhere in the file.
    """
    columns = columns_of(csv_rows.header(source)) if source.kind is Kind.CSV else None
    with closing(Spool(source)) as spool:
        for row in reading.read(source):
            if row.fields is None:
                yield row
                continue
            try:
                conversation, message = _message(row, columns or columns_of(row.fields), row.fields)
            except FieldError as error:
                yield Record(row.number, row.offset, problem=str(error), stripped=row.stripped)
            else:
                spool.add(conversation, row.number, asdict(message))
        spool.complete()
        for conversation, first in spool.places():
            yield converted(Record(first, 0, {"id": conversation}), partial(_dialogue, spool))


def _message(row: Record, columns: dict[str, str], fields: Fields) -> tuple[str, _Message]:
    """The conversation that a row belongs to, and what the row says. Raises FieldError."""
    reader = FieldReader({what: fields.get(column) for what, column in columns.items()})
    conversation = reader.identifier("conversation")
    if conversation is None:
        raise FieldError("it names no conversation")
    spoken_by = reader.optional_text("role")
    role = roles.of(spoken_by) if spoken_by else None
    if role is None:
        raise FieldError(f"the role {spoken_by[:40]!r} is not known" if spoken_by else "it has no role")
    return conversation, _Message(
        role=role.value,
        text=reader.optional_text("text") or "",
        at=times.utc("the time", reader.fields.get("time")),
        customer=reader.identifier("customer") if role is Role.CUSTOMER else None,
        channel=reader.optional_text("channel", LABEL_LIMIT),
        offset=row.offset,
        stripped=row.stripped + reader.stripped,
    )


def _dialogue(spool: Spool, place: Record, facts: Fields) -> Record:
    """Raises FieldError."""
    messages = [_Message(**message) for _, message in spool.under(str(facts["id"]), TURN_LIMIT + 1)]
    said = [message for message in messages if message.role != Role.SYSTEM]
    turns = [message for message in said if message.text]
    left_out = Counter({SYSTEM_MESSAGES: len(messages) - len(said), WITHOUT_TEXT: len(said) - len(turns)})
    if all(turn.at for turn in turns):
        turns.sort(key=lambda turn: turn.at or "")
    fields: Fields = facts | {
        "customer": next((message.customer for message in said if message.customer), None),
        "channel": next((message.channel for message in said if message.channel), None),
        "turns": [{"role": turn.role, "text": turn.text, "at": turn.at} for turn in turns],
    }
    stripped = sum(message.stripped for message in messages)
    size = sum(len(turn.text) for turn in turns)
    return Record(place.number, messages[0].offset, fields, stripped=stripped, left_out=+left_out, size=size)
