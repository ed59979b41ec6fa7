"""The version of an answer that a person saw: whoever changes another one is told who was there before them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answers
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.errors import AnswerChangedError, AnswerRetiredError
from knowledge_base.tables import AnswerRow, AuditRow

# Who changes answers without being a person of the company with an account.
IMPORT = "An import"


async def hold(session: AsyncSession, public_id: str, seen: datetime | None) -> Answer:
    """The answer as it is now, which nobody else changes before this transaction ends.

    `seen` is the `updated_at` that the caller looked at, None for one who looks at nothing. Raises
    AnswerNotFoundError, AnswerRetiredError when it was retired since, AnswerChangedError when it is another by now.
    """
    found = await answers.by_public_id(session, public_id)
    row = await session.get(AnswerRow, found.id, with_for_update=True, populate_existing=True)
    held = found if row is None else answers.to_answer(row)
    if seen is None or held.updated_at == seen:
        return held
    if held.status is AnswerStatus.RETIRED and held.updated_at > seen:
        raise AnswerRetiredError(held.answer_id)
    raise AnswerChangedError(held.answer_id, await _changed_by(session, held, seen))


async def _changed_by(session: AsyncSession, answer: Answer, seen: datetime) -> str:
    query = select(AuditRow.actor).where(AuditRow.subject == answer.answer_id, AuditRow.at >= seen)
    return (await session.execute(query.order_by(AuditRow.id.desc()).limit(1))).scalar_one_or_none() or IMPORT
