"""What became of the lines of one batch."""

from dataclasses import dataclass, field
from enum import StrEnum

from knowledge_base.ingestion.summary import Rejection, Tally


class Fate(StrEnum):
    """What became of a line that was kept."""

    NEW = "new"
    UPDATED = "updated"
    DUPLICATE = "duplicate"


@dataclass(slots=True)
class Outcome:
    """The fates of a batch's lines, counted into the import's tally once the batch is committed."""

    fates: list[Fate] = field(default_factory=list[Fate])
    pending: int = 0
    personal: int = 0
    mined: int = 0
    helped: int = 0
    rejected: list[Rejection] = field(default_factory=list[Rejection])

    def count_into(self, tally: Tally) -> None:
        """Add what is stored now."""
        tally.new += self.fates.count(Fate.NEW)
        tally.updated += self.fates.count(Fate.UPDATED)
        tally.duplicate += self.fates.count(Fate.DUPLICATE)
        tally.pending += self.pending
        tally.personal += self.personal
        tally.mined += self.mined
        tally.helped += self.helped
        tally.rejected += self.rejected
