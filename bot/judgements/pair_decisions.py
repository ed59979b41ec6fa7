"""What a reviewer decides on two answers that are alike: merged, both kept, or that taken back; served at once."""

from enum import StrEnum
from uuid import UUID

from bot.service import Service
from knowledge_base import answer_pairs
from knowledge_base.answer_pairs import AnswerPair


class PairDecision(StrEnum):
    """What may be decided."""

    MERGE = "merge"
    MERGE_SECOND = "merge_into_second"
    KEEP = "keep"
    UNDO = "undo"


_STEPS = {
    PairDecision.MERGE: answer_pairs.merge,
    PairDecision.MERGE_SECOND: answer_pairs.merge_into_second,
    PairDecision.KEEP: answer_pairs.keep,
    PairDecision.UNDO: answer_pairs.undo,
}


async def decide(service: Service, pair_id: UUID, decision: PairDecision, by: str) -> AnswerPair:
    """Carry out a decision. Raises PairNotFoundError, PairDecidedError."""
    async with service.database.writing() as session:
        pair = await _STEPS[decision](session, pair_id, by)
    await service.serving.catch_up()
    return pair
