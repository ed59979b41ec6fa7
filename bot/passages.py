"""Passages on their way into a memory: encoded before the transaction, stored with their keys inside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from bot.serving import Serving
from knowledge_base import keys, positions
from knowledge_base.positions import PositionDraft
from weaver_core.dialogue import PositionKind
from weaver_core.texts.language import detect
from weaver_core.texts.normalization import has_words
from weaver_core.texts.sentences import split


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages with their vectors in one encoder's space. Shapes: n drafts, n vectors of (d,)."""

    encoder: str
    drafts: tuple[PositionDraft, ...]
    vectors: tuple[NDArray[np.float32], ...]

    def of_judgement(self, feedback_id: UUID) -> "Passages":
        """The same passages, the corrections among them owned by the judgement that makes them: undo takes those."""
        owned = [
            replace(draft, feedback_id=feedback_id) if draft.kind is PositionKind.CORRECTION else draft
            for draft in self.drafts
        ]
        return replace(self, drafts=tuple(owned))


def sentences_of(text: str) -> list[PositionDraft]:
    """An answer's own words as passages of its memory."""
    return [
        PositionDraft(PositionKind.SENTENCE, part, language=detect(part)) for part in split(text) if has_words(part)
    ]


async def encode(serving: Serving, drafts: Sequence[PositionDraft]) -> Passages:
    """Make the passages' vectors with the encoder that answers now."""
    encoder = serving.encoder.version
    vectors = [await serving.encode(draft.text) for draft in drafts]
    return Passages(encoder, tuple(drafts), tuple(vectors))


async def store(session: AsyncSession, answer_id: UUID, passages: Passages) -> None:
    """Store the passages that the answer's memory does not hold yet, with their keys."""
    vectors: dict[UUID, NDArray[np.float32]] = {}
    for draft, vector in zip(passages.drafts, passages.vectors, strict=True):
        for position_id in await positions.add(session, answer_id, [draft]):
            vectors[position_id] = vector
    await keys.put(session, passages.encoder, vectors, [answer_id])
