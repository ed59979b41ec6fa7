"""Passages on their way into a memory: encoded before the transaction, stored with their keys inside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from bot.serving.active_model import Serving
from knowledge_base import keys, positions
from knowledge_base.ingestion.passages import of_answer, of_question
from knowledge_base.positions import PositionDraft
from weaver_core.dialogue import PositionKind
from weaver_core.texts.language import detect

_JUDGED = (PositionKind.CORRECTION, PositionKind.LIKE)


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages with their vectors by encoder. Shapes: n drafts, vectors each (n, d)."""

    drafts: tuple[PositionDraft, ...]
    vectors: Mapping[str, NDArray[np.float32]]

    def of_judgement(self, feedback_id: UUID) -> "Passages":
        """The same passages, corrections and likes owned by the judgement that makes them: undo takes those."""
        owned = [replace(draft, feedback_id=feedback_id) if draft.kind in _JUDGED else draft for draft in self.drafts]
        return replace(self, drafts=tuple(owned))


def sentences_of(text: str) -> list[PositionDraft]:
    """An answer's own words as passages of its memory, as an import makes them."""
    return [PositionDraft(PositionKind.SENTENCE, part, language=detect(part)) for part in of_answer(text)]


def corrections_of(question: str, turn_id: UUID) -> list[PositionDraft]:
    """A judged question as passages of the right answer's memory.

    The whole comes first: its very words are looked up. A long one's passages follow, since an encoder reads only the
    beginning of the whole.
    """
    texts = dict.fromkeys([question, *of_question(question)])
    return [PositionDraft(PositionKind.CORRECTION, text, language=detect(text), turn_id=turn_id) for text in texts]


def likes_of(question: str, turn_id: UUID, trust: float) -> list[PositionDraft]:
    """A liked question as passages of the answer's memory that it was asked of."""
    return [
        PositionDraft(PositionKind.LIKE, text, language=detect(text), trust=trust, turn_id=turn_id)
        for text in of_question(question)
    ]


async def encode(serving: Serving, drafts: Sequence[PositionDraft]) -> Passages:
    """Make the passages' vectors with the encoders that answer now."""
    return Passages(tuple(drafts), await serving.encode([draft.text for draft in drafts]))


async def store(session: AsyncSession, answer_id: UUID, passages: Passages) -> list[UUID]:
    """Store the passages that the answer's memory does not hold yet, with their keys. Returns the new ones' ids."""
    added: dict[UUID, int] = {}
    for row, draft in enumerate(passages.drafts):
        for position_id in await positions.add(session, answer_id, [draft]):
            added[position_id] = row
    for encoder, vectors in passages.vectors.items():
        await keys.put(session, encoder, {position: vectors[row] for position, row in added.items()}, [answer_id])
    return list(added)
