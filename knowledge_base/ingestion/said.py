"""What a run's lines said of each answer so far, on the disk: a FAQ may have more answers than memory has room for."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from knowledge_base.ingestion.scratch import Scratch

# A key and a text by their digests, and next to nothing else for an answer of which nothing else is said.
_TABLE = (
    "CREATE TABLE said (key BLOB PRIMARY KEY, line INTEGER, digest BLOB, given TEXT, answer BLOB, unsaid TEXT) "
    "WITHOUT ROWID"
)
_INDEX = "CREATE INDEX said_answer ON said (answer) WHERE answer IS NOT NULL"
_DIGEST_BYTES = 16


@dataclass(slots=True)
class Said:
    """What the lines said of one answer: its text, and which line first gave each attribute.

    `unsaid` is what the stored answer, of this id, has and no line gave.
    """

    line: int
    digest: bytes
    given: dict[str, int] = field(default_factory=dict[str, int])
    answer: UUID | None = None
    unsaid: set[str] = field(default_factory=set[str])


class SaidAnswers:
    """All answers of a run, by what their lines share. Raises ScratchError when the disk is full."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._scratch = Scratch(_TABLE, _INDEX)

    def find(self, keys: Iterable[str]) -> dict[str, Said]:
        """What was said of these answers, those left out of which nothing was."""
        query = "SELECT line, digest, given, answer, unsaid FROM said WHERE key = ?"
        return {key: _said(*row) for key in keys for row in self._scratch.run(query, (digest(key),))}

    def keep(self, said: Mapping[str, Said]) -> None:
        """Remember these in the place of what was known of them."""
        rows = (
            (
                digest(key),
                one.line,
                one.digest,
                json.dumps(one.given) if one.given else None,
                one.answer.bytes if one.answer and one.unsaid else None,
                " ".join(one.unsaid) or None,
            )
            for key, one in said.items()
        )
        self._scratch.put("INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?, ?, ?)", rows)

    def unsaid(self) -> Iterator[UUID]:
        """The stored answers that have what no line gave, in the order of their ids."""
        for (answer,) in self._scratch.each("SELECT answer FROM said WHERE answer IS NOT NULL ORDER BY answer"):
            yield UUID(bytes=answer)

    def unsaid_of(self, answers: Sequence[UUID]) -> dict[UUID, set[str]]:
        """What these answers have and no line gave."""
        query = "SELECT unsaid FROM said WHERE answer = ?"
        found = ((answer, row) for answer in answers for row in self._scratch.run(query, (answer.bytes,)))
        return {answer: set(unsaid.split()) for answer, (unsaid,) in found}


def digest(text: str) -> bytes:
    """What stands for a text: two of them share it only by a chance that never happens."""
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()


def _said(line: int, text: bytes, given: str | None, answer: bytes | None, unsaid: str | None) -> Said:
    return Said(
        line,
        text,
        json.loads(given) if given else {},
        UUID(bytes=answer) if answer else None,
        set(unsaid.split()) if unsaid else set[str](),
    )
