"""Chatwoot: conversations and their messages, as its API answers them, in as many pages as there are."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial

from knowledge_base.ingestion import reading
from knowledge_base.ingestion.exports import shapes
from knowledge_base.ingestion.exports.spool import Spool
from knowledge_base.ingestion.exports.transcripts import (
    ATTACHMENTS,
    AUTOMATIC_MESSAGES,
    DELETED_MESSAGES,
    PRIVATE_NOTES,
    Transcript,
    converted,
)
from knowledge_base.ingestion.fields import FieldError
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.past_dialogues import TURN_LIMIT
from knowledge_base.ingestion.records import ENVELOPE, Fields, Record
from weaver_core.dialogue import Role

VENDOR = "chatwoot"
TYPES = {
    **dict.fromkeys(("0", "incoming"), Role.CUSTOMER),
    **dict.fromkeys(("1", "outgoing"), Role.AGENT),
    **dict.fromkeys(("2", "activity"), Role.SYSTEM),
}
BOTS = ("agent_bot", "agentbot", "captain_assistant", "captain::assistant")
RESOLVED = "resolved"
_OWN_FIELDS = ("private", "inbox_id", "account_id")
# A conversation's pages may say the same message twice, and its facts with each.
_MOST_ITEMS = 4 * TURN_LIMIT


@dataclass(frozen=True, slots=True)
class _Said:
    """A message, or what else is known of its conversation: `role` and `kind` are empty then."""

    offset: int
    stripped: int
    id: str | None = None
    role: str = ""
    kind: str = ""
    text: str = ""
    at: object = None
    attachments: int = 0
    person: Fields | None = None
    channel: str | None = None
    resolved: bool = False


def shows(fields: Fields) -> bool:
    """Whether a record is a conversation with its messages, or a message."""
    return _is_message(fields) or ("messages" in fields and any(name in fields for name in _OWN_FIELDS))


def read(source: SourceFile) -> Generator[Record]:
    """The conversations as dialogues, and before them what cannot be used. Their messages may stand anywhere."""
    with closing(Spool(source)) as spool:
        last = ""
        for record in reading.read(source):
            fields = record.fields or {}
            if record.problem:
                yield record
            elif record.under == ENVELOPE:
                # What is said about the contact beside a page of messages belongs to their conversation.
                _add(spool, last, record, _about(record, fields))
            elif last := _conversation(fields):
                for said in _items(record, fields):
                    _add(spool, last, record, said)
            else:
                problem = "it names no conversation" if shows(fields) else "it is neither a conversation nor a message"
                yield Record(record.number, record.offset, problem=problem)
        spool.complete()
        for conversation, first in spool.places():
            if found := _collected(spool, conversation, first):
                yield found


def _is_message(fields: Fields) -> bool:
    return "message_type" in fields and "conversation_id" in fields and any(name in fields for name in _OWN_FIELDS)


def _conversation(fields: Fields) -> str:
    """The conversation that a record is about, an empty text when it names none."""
    named = shapes.identifier(fields.get("conversation_id" if _is_message(fields) else "id"))
    return named or "" if shows(fields) else ""


def _add(spool: Spool, conversation: str, record: Record, said: _Said) -> None:
    if conversation:
        spool.add(conversation, record.number, asdict(said))


def _items(record: Record, fields: Fields) -> Iterator[_Said]:
    """What a record says of its conversation."""
    if _is_message(fields):
        yield _said(record, fields)
        return
    yield _about(record, fields)
    for message in shapes.objects(fields.get("messages")):
        yield _said(record, message)


def _about(record: Record, fields: Fields) -> _Said:
    meta = shapes.obj(fields.get("meta"))
    channel = shapes.text(meta.get("channel")) or shapes.text(fields.get("channel"))
    return _Said(
        record.offset,
        record.stripped,
        person=shapes.obj(meta.get("sender")) or shapes.obj(meta.get("contact")) or None,
        channel=channel.removeprefix("Channel::") or None,
        resolved=fields.get("status") == RESOLVED,
    )


def _said(record: Record, message: Fields) -> _Said:
    # Templates, of type 3, are what Chatwoot sends by itself.
    role = TYPES.get((shapes.identifier(message.get("message_type")) or "").lower())
    attributes = shapes.obj(message.get("content_attributes"))
    sender = shapes.obj(message.get("sender"))
    left_out = ""
    if message.get("private") is True:
        left_out = PRIVATE_NOTES
    elif attributes.get("deleted") is True:
        left_out = DELETED_MESSAGES
    elif role is None:
        left_out = AUTOMATIC_MESSAGES
    elif role is Role.AGENT and _is_automatic(message, sender):
        role = Role.BOT
    return _Said(
        record.offset,
        record.stripped if _is_message(message) else 0,
        shapes.identifier(message.get("id")),
        role.value if role and not left_out else "",
        left_out,
        shapes.text(message.get("content")),
        message.get("created_at"),
        len(shapes.items(message.get("attachments"))),
        sender or None,
    )


def _is_automatic(message: Fields, sender: Fields) -> bool:
    """Whether what the company sent was written by a bot, a campaign or a rule."""
    kinds = (shapes.text(sender.get("type")), shapes.text(message.get("sender_type")))
    rules = (shapes.obj(message.get("content_attributes")), shapes.obj(message.get("additional_attributes")))
    return any(kind.lower() in BOTS for kind in kinds) or any(
        rule.get(name) is not None for rule in rules for name in ("automation_rule_id", "campaign_id")
    )


def _collected(spool: Spool, conversation: str, first: int) -> Record | None:
    """A conversation as a dialogue, None when none of its messages stands in the file."""
    try:
        items = [_Said(**item) for _, item in spool.under(conversation, _MOST_ITEMS)]
    except FieldError as error:
        return Record(first, 0, problem=str(error))
    if not any(item.role or item.kind for item in items):
        return None
    stripped = sum(item.stripped for item in items)
    place = Record(first, items[0].offset, {"id": conversation}, stripped=stripped)
    return converted(place, partial(_dialogue, items))


def _dialogue(items: list[_Said], place: Record, fields: Fields) -> Record:
    """Raises FieldError."""
    messages = {item.id or str(number): item for number, item in enumerate(items) if item.role or item.kind}
    about = [item for item in items if not (item.role or item.kind)]
    transcript = Transcript()
    for item in messages.values():
        if item.kind:
            transcript.left_out[item.kind] += 1
            continue
        transcript.left_out[ATTACHMENTS] += item.attachments
        transcript.say(Role(item.role), item.text, item.at)
    people = [item.person for item in (*about, *messages.values()) if item.person and item.role != Role.BOT]
    transcript.names.update(name for person in people if (name := shapes.text(person.get("name"))))
    if not transcript.turns:
        raise FieldError(f"conversation {fields['id']} has no message with a text")
    customers = [item.person for item in about if item.person]
    customers += [item.person for item in messages.values() if item.person and item.role == Role.CUSTOMER]
    names = ("identifier", "email", "phone_number")
    customer = next((found for one in customers if (found := shapes.customer_of(VENDOR, one, *names))), None)
    facts: Fields = {
        "customer": customer,
        "channel": next((item.channel for item in about if item.channel), None),
        "resolved": True if any(item.resolved for item in about) else None,
    }
    return transcript.record(place, fields | facts)
