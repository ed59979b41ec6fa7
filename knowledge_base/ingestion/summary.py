"""What an import did, as people and programs read it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from knowledge_base.ingestion.encodings import UTF_8
from knowledge_base.ingestion.records import LINE

# Of a file with more bad records than these, the rest are only counted.
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was not kept: its number in the file, and why."""

    number: int
    reason: str


@dataclass(slots=True)
class Rejections:
    """The rejections of a running import: how many there are, and the first of them."""

    count: int = 0
    first: list[Rejection] = field(default_factory=list[Rejection])

    def __iadd__(self, more: Iterable[Rejection]) -> Self:
        """Note more of them."""
        for rejection in more:
            self.count += 1
            if len(self.first) < MOST_KEPT:
                self.first.append(rejection)
        return self

    def __iter__(self) -> Iterator[Rejection]:
        """The first ones."""
        return iter(self.first)


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What became of a file.

    `read` records were `new`, `updated` an answer, were `duplicate` or `rejected_count`; the first of these are in
    `rejected`, whose numbers count `unit`.
    `mined` pairs came out of its dialogues, of which `helped` were confirmed by the customer's next turn; `skipped`
    turns gave none (reason, how many), `left_out` is what an export holds besides what was said (kind, how many),
    `pending` answers wait for a reviewer. `masked` pieces of text about persons were replaced (kind, how many),
    `personal` of the new answers are kept for agents' eyes, `stripped` control characters were dropped.
    """

    path: Path
    format: str
    unit: str
    encoding: str
    read: int
    new: int
    updated: int
    duplicate: int
    mined: int
    helped: int
    pending: int
    personal: int
    stripped: int
    masked: tuple[tuple[str, int], ...]
    skipped: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, int], ...]
    rejected: tuple[Rejection, ...]
    rejected_count: int

    @property
    def masked_total(self) -> int:
        """How many pieces of text were replaced by a slot."""
        return sum(count for _, count in self.masked)

    @property
    def kept(self) -> int:
        """How many records are in the memory now, whether by this import or by an earlier one."""
        return self.new + self.updated + self.duplicate

    @property
    def changed(self) -> bool:
        """Whether this import changed the memory."""
        return bool(self.new or self.updated)


@dataclass(slots=True)
class Tally:
    """The counts of a running import."""

    unit: str = LINE
    encoding: str = UTF_8
    read: int = 0
    new: int = 0
    updated: int = 0
    duplicate: int = 0
    mined: int = 0
    helped: int = 0
    pending: int = 0
    personal: int = 0
    stripped: int = 0
    masked: Counter[str] = field(default_factory=Counter[str])
    skipped: Counter[str] = field(default_factory=Counter[str])
    left_out: Counter[str] = field(default_factory=Counter[str])
    rejected: Rejections = field(default_factory=Rejections)

    def reject(self, number: int, reason: str) -> None:
        """Note a record that is not kept."""
        self.rejected += [Rejection(number, reason)]

    def summary(self, path: Path, format_name: str) -> ImportSummary:
        """The counts as they stand."""
        return ImportSummary(
            path=path,
            format=format_name,
            unit=self.unit,
            encoding=self.encoding,
            read=self.read,
            new=self.new,
            updated=self.updated,
            duplicate=self.duplicate,
            mined=self.mined,
            helped=self.helped,
            pending=self.pending,
            personal=self.personal,
            stripped=self.stripped,
            masked=tuple(self.masked.most_common()),
            skipped=tuple((str(reason), count) for reason, count in self.skipped.most_common()),
            left_out=tuple(self.left_out.most_common()),
            rejected=tuple(sorted(self.rejected, key=lambda rejection: rejection.number)),
            rejected_count=self.rejected.count,
        )
