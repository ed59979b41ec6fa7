"""The frozen set: questions with known answers that every update of the model is measured on, and never learns from."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.identifiers import new_id
from knowledge_base.tables import FrozenQuestionRow
from knowledge_base.tables.base import now
from weaver_core.dialogue import Role, Turn


@dataclass(frozen=True, slots=True)
class FrozenQuestion:
    """A question of a collection with the answers that are right: their ids or exact texts. Neither: to abstain is."""

    text: str
    answer_ids: tuple[str, ...]
    answers: tuple[str, ...]
    history: tuple[Turn, ...] = ()
    collection: str = "default"

    @property
    def content_hash(self) -> bytes:
        """What is the same of two questions that are one: their words, what was said before, and where."""
        said = [[turn.role.value, turn.text] for turn in self.history]
        return hashlib.sha256(json.dumps([self.collection, self.text, said]).encode()).digest()[:16]


async def freeze(session: AsyncSession, source: str, questions: Sequence[FrozenQuestion]) -> int:
    """Make a file's questions part of the frozen set, in place of what the file said before.

    A question that another file has too is this file's from now on. Returns how many there are.
    """
    by_hash = {question.content_hash: question for question in questions}
    gone = delete(FrozenQuestionRow).where(
        (FrozenQuestionRow.source == source) | FrozenQuestionRow.content_hash.in_(list(by_hash))
    )
    await session.execute(gone.execution_options(synchronize_session=False))
    rows = [
        {
            "id": new_id(),
            "source": source,
            "content_hash": content_hash,
            "text": question.text,
            "history": [{"role": turn.role.value, "text": turn.text} for turn in question.history],
            "collection": question.collection,
            "answer_ids": list(question.answer_ids),
            "answers": list(question.answers),
            "created_at": now(),
        }
        for content_hash, question in by_hash.items()
    ]
    if rows:
        await session.execute(insert(FrozenQuestionRow), rows)
    return len(rows)


async def every(session: AsyncSession) -> list[FrozenQuestion]:
    """All frozen questions, in the order in which they came."""
    rows = (await session.execute(select(FrozenQuestionRow).order_by(FrozenQuestionRow.id))).scalars()
    return [
        FrozenQuestion(
            row.text,
            tuple(row.answer_ids),
            tuple(row.answers),
            tuple(Turn(Role(turn["role"]), turn["text"]) for turn in row.history),
            row.collection,
        )
        for row in rows
    ]


async def count(session: AsyncSession) -> int:
    """How many there are."""
    return (await session.execute(select(func.count()).select_from(FrozenQuestionRow))).scalar_one()
