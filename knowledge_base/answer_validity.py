"""From when and until when the bot may send an answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import changes
from knowledge_base.answers import Answer, to_answer
from knowledge_base.changes import ChangeKind
from knowledge_base.errors import AnswerNotFoundError, ValidityError
from knowledge_base.tables import AnswerRow
from knowledge_base.tables.base import now


@dataclass(frozen=True, slots=True)
class Validity:
    """A span of time, its end not in it; None: it has no such end."""

    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Raises ValidityError for a span that ends before it begins."""
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValidityError(self.since, self.until)

    def to_json(self) -> dict[str, str | None]:
        """The span for the audit log."""
        return {
            "valid_from": self.since.isoformat() if self.since else None,
            "valid_until": self.until.isoformat() if self.until else None,
        }


async def put(session: AsyncSession, answer_id: UUID, span: Validity) -> Answer:
    """Say when an answer may be sent. Raises AnswerNotFoundError."""
    row = await session.get(AnswerRow, answer_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise AnswerNotFoundError(answer_id)
    row.valid_from, row.valid_until, row.updated_at = span.since, span.until, now()
    await session.flush()
    await changes.record(session, ChangeKind.ANSWER, [answer_id])
    return to_answer(row)
