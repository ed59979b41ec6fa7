"""What a file holds, one record after the other: a line, a row or an object, or why it cannot be used."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Fields = dict[str, object]
LINE, RECORD = "line", "record"
# What stands beside the lists of an API's answer: how many pages there are, and the like.
ENVELOPE = "envelope"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields, or the problem because of which it has none.

    `number` is its place, counted in the file's unit: lines, or records where several share a line. `offset` says how
    far the file's bytes were read, `stripped` how many control characters were dropped from it, `left_out` what of it
    is not imported, with how many there were of each kind, `under` the list of a document that it stands in, `size` how
    many characters its fields hold, about.
    """

    number: int
    offset: int
    fields: Fields | None = None
    problem: str | None = None
    stripped: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    under: str = ""
    size: int = 0
