"""What a reviewer says of failures that are one problem."""

from dataclasses import dataclass
from enum import StrEnum

from bot.judgements.correction import CorrectionError, RightAnswer


class VerdictKind(StrEnum):
    """What may be said: the answer was right, another one is, an answer gets new words, or nothing is to be learned."""

    APPROVE = "approve"
    CORRECT = "correct"
    EDIT = "edit"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Edit:
    """New words for the nearest existing answer; `revision` is the wording that the reviewer saw."""

    answer_id: str
    title: str
    text: str
    revision: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said, with the right answer of a correction or the new words of an edit."""

    kind: VerdictKind
    right: RightAnswer | None = None
    edit: Edit | None = None

    def __post_init__(self) -> None:
        """Raises CorrectionError when what its kind needs is missing."""
        if (self.kind is VerdictKind.CORRECT) != (self.right is not None):
            raise CorrectionError("A correction, and nothing else, names the right answer.")
        if (self.kind is VerdictKind.EDIT) != (self.edit is not None):
            raise CorrectionError("An edit, and nothing else, has new words.")
