"""A dialogue put together from what an export says: turns in their order, the persons' names, and what is left out."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from knowledge_base.ingestion.exports import times
from knowledge_base.ingestion.fields import FieldError
from knowledge_base.ingestion.past_dialogues import NAMES
from knowledge_base.ingestion.records import Fields, Record
from weaver_core.dialogue import Role

PRIVATE_NOTES = "private notes"
SYSTEM_MESSAGES = "system messages"
AUTOMATIC_MESSAGES = "automatic messages"
DELETED_MESSAGES = "deleted messages"
ATTACHMENTS = "attachments"
EVENTS = "events"
WITHOUT_TEXT = "messages without a text"


@dataclass(slots=True)
class Transcript:
    """What was said in one conversation so far."""

    turns: list[Fields] = field(default_factory=list[Fields])
    names: set[str] = field(default_factory=set[str])
    left_out: Counter[str] = field(default_factory=Counter[str])

    def say(self, role: Role, text: str, at: object) -> None:
        """A turn; one without a text is only counted. Raises FieldError for a time that is none."""
        if role is Role.SYSTEM:
            self.left_out[SYSTEM_MESSAGES] += 1
        elif not text:
            self.left_out[WITHOUT_TEXT] += 1
        else:
            when = times.utc(f"the time of turn {len(self.turns) + 1}", at)
            self.turns.append({"role": role.value, "text": text, "at": when})

    def record(self, of: Record, facts: Fields) -> Record:
        """The dialogue with these facts, its turns in the order of their times where all have one."""
        if all(turn["at"] for turn in self.turns):
            self.turns.sort(key=lambda turn: str(turn["at"]))
        fields = facts | {"turns": self.turns, NAMES: sorted(self.names)}
        size = sum(len(str(turn["text"])) for turn in self.turns)
        return Record(of.number, of.offset, fields, stripped=of.stripped, left_out=+self.left_out, size=size)


def converted(record: Record, convert: Callable[[Record, Fields], Record]) -> Record:
    """What a record becomes, or the record with the reason why it becomes nothing."""
    if record.fields is None:
        return record
    try:
        return convert(record, record.fields)
    except FieldError as error:
        return replace(record, fields=None, problem=str(error))
