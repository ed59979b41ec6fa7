"""Dialogue lines: a past support dialogue, who said what in which order."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from knowledge_base.ingestion.fields import LABEL_LIMIT, NAME_LIMIT, FieldError, FieldReader, moment
from knowledge_base.ingestion.records import Fields
from weaver_core.dialogue import Dialogue, Role, Turn

TURN_LIMIT = 5_000
# Where the readers of exports put the names of the persons who took part.
NAMES = "names"
# What a bot said is kept, so that the dialogue can be followed, and never mined: no person of the company wrote it.
ROLES = {role.value: role for role in (Role.CUSTOMER, Role.AGENT, Role.BOT)}


@dataclass(frozen=True, slots=True)
class DialogueLine:
    """One dialogue line. `content_hash` is the same for every line that says the same.

    `names` are those of the persons in it that an export knows; they are not stored.
    """

    number: int
    dialogue: Dialogue
    content_hash: str
    stripped: int
    names: tuple[str, ...] = ()


def parse(number: int, fields: Fields) -> DialogueLine:
    """The dialogue that these fields spell. Raises FieldError with a plain reason."""
    reader = FieldReader(fields)
    external_id = reader.identifier("id")
    if external_id is None:
        raise FieldError("id is missing")
    resolved = fields.get("resolved")
    if resolved is not None and not isinstance(resolved, bool):
        raise FieldError("resolved is neither true nor false")
    dialogue = Dialogue(
        external_id=external_id,
        turns=_turns(reader),
        customer=reader.identifier("customer"),
        channel=reader.optional_text("channel", LABEL_LIMIT),
        language=reader.language(),
        resolved=resolved,
    )
    names = fields.get(NAMES)
    return DialogueLine(
        number,
        dialogue,
        content_hash(dialogue),
        reader.stripped,
        tuple(str(name) for name in cast("list[object]", names)) if isinstance(names, list) else (),
    )


def content_hash(dialogue: Dialogue) -> str:
    """What two lines share when they say the same about the same dialogue."""
    turns = [(turn.role.value, turn.text, _spelled(turn.at)) for turn in dialogue.turns]
    facts = (dialogue.customer, dialogue.channel, dialogue.language, dialogue.resolved)
    return hashlib.sha256(json.dumps([facts, turns], ensure_ascii=False).encode()).hexdigest()


def _spelled(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _turns(reader: FieldReader) -> tuple[Turn, ...]:
    value = reader.fields.get("turns")
    if value is None:
        raise FieldError("turns is missing")
    if not isinstance(value, list):
        raise FieldError("turns is not a list")
    entries = cast("list[object]", value)
    if len(entries) > TURN_LIMIT:
        raise FieldError(f"it has more than {TURN_LIMIT:,} turns")
    # A turn without a text was a picture or a sticker: nothing to remember.
    turns = tuple(turn for place, entry in enumerate(entries, 1) if (turn := _turn(reader, place, entry)).text)
    if not turns:
        raise FieldError("it has no turn with a text")
    return turns


def _turn(reader: FieldReader, place: int, entry: object) -> Turn:
    if not isinstance(entry, dict):
        raise FieldError(f"turn {place} is not an object")
    fields = cast("Fields", entry)
    role = fields.get("role")
    if role is None:
        raise FieldError(f"turn {place} has no role")
    if not isinstance(role, str) or role not in ROLES:
        raise FieldError(f"turn {place} has the role {str(role)[:40]!r}; it must be customer, agent or bot")
    if fields.get("text") is None:
        raise FieldError(f"turn {place} has no text")
    text = reader.clean(f"the text of turn {place}", fields["text"])
    at = fields.get("at")
    if at is None or at == "":
        return Turn(ROLES[role], text)
    return Turn(
        ROLES[role],
        text,
        moment(f"the time of turn {place}", reader.clean(f"the time of turn {place}", at, NAME_LIMIT)),
    )
