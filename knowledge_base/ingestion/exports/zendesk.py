"""Zendesk: tickets with their comments, from the JSON export or from the answers of its API."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from knowledge_base.ingestion import reading
from knowledge_base.ingestion.exports import shapes
from knowledge_base.ingestion.exports.spool import Spool
from knowledge_base.ingestion.exports.transcripts import (
    ATTACHMENTS,
    PRIVATE_NOTES,
    Transcript,
    converted,
)
from knowledge_base.ingestion.fields import FieldError
from knowledge_base.ingestion.files import SourceFile
from knowledge_base.ingestion.kinds import Kind
from knowledge_base.ingestion.markup import text_of
from knowledge_base.ingestion.records import ENVELOPE, Fields, Record
from weaver_core.dialogue import Role

VENDOR = "zendesk"
USERS = "users"
CALLS = "calls"
RESOLVED = ("solved", "closed")
# Where a customer writes the subject; elsewhere Zendesk makes one up.
SUBJECT_CHANNELS = ("email", "web", "mobile", "api")
ROLES = {"end-user": Role.CUSTOMER, "agent": Role.AGENT, "admin": Role.AGENT}
# The author of what Zendesk itself writes.
NOBODY = "-1"
_KNOWN = ("id", "role", "external_id", "email", "name")


def shows(fields: Fields) -> bool:
    """Whether a record is a ticket."""
    ticket = _ticket(fields)
    return "requester_id" in ticket or ("comments" in fields and ("requester" in ticket or "ticket" in fields))


def read(source: SourceFile) -> Generator[Record]:
    """The tickets as dialogues. In a document the users are read first, because they stand behind the tickets."""
    with closing(Spool(source)) as users:
        if source.kind is Kind.DOCUMENT:
            for record in reading.read(source):
                user = record.fields or {}
                if record.under == USERS and (user_id := shapes.identifier(user.get("id"))):
                    users.add(user_id, record.number, {name: user.get(name) for name in _KNOWN})
        users.complete()
        for record in reading.read(source):
            fields = record.fields or {}
            if record.problem or (record.under != USERS and (record.under != ENVELOPE or shows(fields))):
                yield converted(record, partial(_dialogue, users))


@dataclass(frozen=True, slots=True)
class _People:
    """Who takes part in a ticket: its own persons by their ids, and all users of the file."""

    ticket: Fields
    own: dict[str, Fields]
    users: Spool

    def of(self, user_id: str | None) -> Fields:
        """What is known of a person."""
        if user_id is None or user_id in self.own:
            return self.own.get(user_id or "", {})
        found = self.users.under(user_id, 1)
        self.own[user_id] = found[0][1] if found else {}
        return self.own[user_id]

    @property
    def requester(self) -> str | None:
        """The customer's id."""
        own = shapes.obj(self.ticket.get("requester"))
        return shapes.identifier(self.ticket.get("requester_id")) or shapes.identifier(own.get("id"))

    def role(self, user_id: str) -> Role:
        """The role that a person has, or the one that the ticket gives them."""
        known = ROLES.get(shapes.text(self.of(user_id).get("role")))
        copied = [*shapes.items(self.ticket.get("email_cc_ids")), *shapes.items(self.ticket.get("collaborator_ids"))]
        customers = {self.requester, *map(shapes.identifier, copied)} - {
            shapes.identifier(self.ticket.get("assignee_id"))
        }
        return known or (Role.CUSTOMER if user_id in customers else Role.AGENT)


def _ticket(fields: Fields) -> Fields:
    """The ticket itself: the record, or what the record has under that name, beside the comments."""
    return shapes.obj(fields.get("ticket")) or fields


def _people(ticket: Fields, users: Spool) -> _People:
    persons = [shapes.obj(ticket.get(name)) for name in ("requester", "submitter", "assignee")]
    persons += shapes.objects(ticket.get("collaborators"))
    own = {user_id: person for person in persons if (user_id := shapes.identifier(person.get("id")))}
    return _People(ticket, own, users)


def _dialogue(users: Spool, record: Record, fields: Fields) -> Record:
    """Raises FieldError."""
    if not shows(fields):
        raise FieldError("it is not a ticket")
    ticket = _ticket(fields)
    number = shapes.identifier(ticket.get("id"))
    comments = list(shapes.objects(fields.get("comments") or ticket.get("comments")))
    if ticket.get("status") == "deleted":
        raise FieldError(f"ticket {number} is deleted")
    if not comments:
        raise FieldError(f"ticket {number} has no comments")
    people = _people(ticket, users)
    transcript = Transcript()
    for comment in comments:
        _say(comment, people, transcript)
    requester = people.of(people.requester)
    facts: Fields = {
        "id": number,
        "customer": shapes.customer_of(VENDOR, {"id": people.requester} | requester, "external_id", "email"),
        "channel": _channel(ticket),
        "resolved": True if ticket.get("status") in RESOLVED else None,
    }
    return transcript.record(record, facts)


def _say(comment: Fields, people: _People, transcript: Transcript) -> None:
    author = shapes.identifier(comment.get("author_id"))
    if comment.get("public") is False:
        transcript.left_out[PRIVATE_NOTES] += 1
        return
    transcript.left_out[ATTACHMENTS] += len(shapes.items(comment.get("attachments")))
    if comment.get("type") == "VoiceComment":
        transcript.left_out[CALLS] += 1
        return
    role = Role.SYSTEM if author in (None, NOBODY) else people.role(author)
    text = _text(comment)
    if name := shapes.text(people.of(author).get("name")):
        transcript.names.add(name)
    subject = shapes.text(people.ticket.get("subject"))
    first = not transcript.turns and role is Role.CUSTOMER and _channel(people.ticket) in SUBJECT_CHANNELS
    if first and text and subject not in text:
        text = f"{subject}\n{text}"
    transcript.say(role, text, comment.get("created_at"))


def _text(comment: Fields) -> str:
    """What a comment says. The HTML is read first: the plain texts keep marks and spaces of it."""
    html = text_of(shapes.text(comment.get("html_body")))
    return html or shapes.text(comment.get("plain_body")) or shapes.text(comment.get("body"))


def _channel(ticket: Fields) -> str | None:
    return shapes.text(shapes.obj(ticket.get("via")).get("channel")) or None
