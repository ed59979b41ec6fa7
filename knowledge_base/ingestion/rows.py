"""Answers and positions written many at a time, which is what an import's speed comes from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import positions
from knowledge_base.answers import AnswerDraft, merge_key
from knowledge_base.identifiers import new_id
from knowledge_base.positions import PositionDraft
from knowledge_base.tables import AnswerRow, PositionRow, RevisionRow
from knowledge_base.tables.base import now

AUTHOR = "import"


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer with the key that it will have."""

    id: UUID
    draft: AnswerDraft


async def insert_answers(session: AsyncSession, new: Sequence[NewAnswer]) -> None:
    """Store new answers with their first revisions."""
    if not new:
        return
    moment = now()
    await session.execute(insert(AnswerRow), [_answer(answer, moment) for answer in new])
    await session.execute(
        insert(RevisionRow),
        [
            {
                "id": new_id(),
                "answer_id": answer.id,
                "number": 1,
                "title": answer.draft.title,
                "text": answer.draft.text,
                "author": AUTHOR,
                "at": moment,
            }
            for answer in new
        ],
    )


async def insert_positions(
    session: AsyncSession, drafts: Mapping[UUID, Sequence[PositionDraft]], fresh: Iterable[UUID]
) -> set[tuple[UUID, bytes]]:
    """Store the passages that their answers do not hold yet. Returns what is new: (answer, content hash).

    `fresh` are answers that hold none, so that nobody needs to look.
    """
    wanted = {
        (answer_id, draft.content_hash): draft for answer_id, of_one in drafts.items() for draft in reversed(of_one)
    }
    known = await _held(session, set(drafts) - set(fresh), {content_hash for _, content_hash in wanted})
    # Reversed above so that the first of two equal passages is the one that stays; put back into their order here.
    new = {key: draft for key, draft in reversed(wanted.items()) if key not in known}
    if new:
        moment = now()
        rows = [positions.columns(new_id(), answer_id, draft, moment) for (answer_id, _), draft in new.items()]
        await session.execute(insert(PositionRow), rows)
    return set(new)


async def _held(session: AsyncSession, answer_ids: set[UUID], hashes: set[bytes]) -> set[tuple[UUID, bytes]]:
    if not answer_ids:
        return set()
    query = select(PositionRow.answer_id, PositionRow.content_hash).where(
        PositionRow.answer_id.in_(answer_ids), PositionRow.content_hash.in_(hashes)
    )
    return {(answer_id, content_hash) for answer_id, content_hash in await session.execute(query)}


def _answer(answer: NewAnswer, moment: datetime) -> dict[str, Any]:
    draft = answer.draft
    return {
        "id": answer.id,
        "external_id": draft.external_id,
        "merge_key": None if draft.external_id else merge_key(draft.collection, draft.text),
        "title": draft.title,
        "text": draft.text,
        "language": draft.language,
        "collection": draft.collection,
        "tags": list(draft.tags),
        "status": draft.status.value,
        "origin": draft.origin,
        "personal": draft.personal,
        "valid_from": draft.valid_from,
        "valid_until": draft.valid_until,
        "created_at": moment,
        "updated_at": moment,
    }
