"""Intercom: conversations with their parts, as its API answers them."""

from collections.abc import Generator

from knowledge_base.ingestion import reading
from knowledge_base.ingestion.exports import shapes
from knowledge_base.ingestion.exports.transcripts import (
    ATTACHMENTS,
    DELETED_MESSAGES,
    EVENTS,
    PRIVATE_NOTES,
    Transcript,
    converted,
)
from knowledge_base.ingestion.fields import FieldError
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.markup import text_of
from knowledge_base.ingestion.records import ENVELOPE, Fields, Record
from weaver_core.dialogue import Role

VENDOR = "intercom"
AUTHORS = {
    **dict.fromkeys(("user", "lead", "contact", "visitor"), Role.CUSTOMER),
    **dict.fromkeys(("admin", "team", "teammate"), Role.AGENT),
    **dict.fromkeys(("bot", "operator"), Role.BOT),
}
# Parts whose body the customer sees; one may reply and close, or reply and assign, in one step.
SAID = ("comment", "open", "close", "assignment", "quick_reply")
NOTE = "note"
# How a conversation begins that nobody of the company wrote to this customer in person.
AUTOMATIC = ("automated", "campaigns_initiated", "operator_initiated")
CLOSED = "closed"


def shows(fields: Fields) -> bool:
    """Whether a record is a conversation."""
    return "conversation_parts" in fields or fields.get("type") == "conversation"


def read(source: SourceFile) -> Generator[Record]:
    """The conversations as dialogues."""
    for record in reading.read(source):
        if record.under != ENVELOPE:
            yield converted(record, _dialogue)


def _dialogue(record: Record, fields: Fields) -> Record:
    """Raises FieldError."""
    if not shows(fields):
        raise FieldError("it is not a conversation")
    number = shapes.identifier(fields.get("id"))
    held = fields.get("conversation_parts")
    if held is None:
        raise FieldError(f"conversation {number} has no conversation_parts")
    listed = shapes.obj(held).get("conversation_parts")
    parts = list(shapes.objects(held if listed is None else listed))
    transcript, source = Transcript(), shapes.obj(fields.get("source"))
    _open(source, fields.get("created_at"), transcript)
    for part in parts:
        _hear(part, transcript)
    return transcript.record(
        record,
        {
            "id": number,
            "customer": _customer(fields, [source, *parts]),
            "channel": shapes.text(source.get("type")) or None,
            "resolved": True if fields.get("state") == CLOSED else None,
        },
    )


def _open(source: Fields, at: object, transcript: Transcript) -> None:
    """The message that began the conversation."""
    text, subject = text_of(shapes.text(source.get("body"))), text_of(shapes.text(source.get("subject")))
    if source.get("type") == "email" and subject and subject not in text:
        text = f"{subject}\n{text}".strip()
    role = Role.BOT if source.get("delivered_as") in AUTOMATIC else _role(source)
    if source:
        _say(source, role, text, at, transcript)


def _hear(part: Fields, transcript: Transcript) -> None:
    kind = shapes.text(part.get("part_type"))
    text = text_of(shapes.text(part.get("body")))
    if kind.startswith(NOTE):
        transcript.left_out[PRIVATE_NOTES] += 1
    elif kind not in SAID or (kind != "comment" and not text):
        transcript.left_out[EVENTS] += 1
    else:
        _say(part, _role(part), text, part.get("created_at"), transcript)


def _say(said: Fields, role: Role, text: str, at: object, transcript: Transcript) -> None:
    name = shapes.text(shapes.obj(said.get("author")).get("name"))
    if name and role is not Role.BOT:
        transcript.names.add(name)
    if said.get("redacted") is True:
        transcript.left_out[DELETED_MESSAGES] += 1
        return
    transcript.left_out[ATTACHMENTS] += len(shapes.items(said.get("attachments")))
    transcript.say(role, text, at)


def _role(said: Fields) -> Role:
    author = shapes.obj(said.get("author"))
    email = shapes.text(author.get("email"))
    if author.get("from_ai_agent") is True or (email.startswith("operator+") and email.endswith("@intercom.io")):
        return Role.BOT
    return AUTHORS.get(shapes.text(author.get("type")), Role.SYSTEM)


def _customer(fields: Fields, said: list[Fields]) -> str | None:
    """Who the customer is: the contact, with the address that the contact writes from."""
    contacts = list(shapes.objects(shapes.obj(fields.get("contacts")).get("contacts")))
    authors = [shapes.obj(one.get("author")) for one in said if _role(one) is Role.CUSTOMER]
    person: Fields = {}
    for one in (*contacts, *authors):
        person |= {
            name: value for name in ("external_id", "email", "id") if (value := one.get(name)) and name not in person
        }
    return shapes.customer_of(VENDOR, person, "external_id", "email")
