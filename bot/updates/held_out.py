"""Which stored questions no encoder is ever trained on, so that there is something to measure on."""

import hashlib
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import judgements
from knowledge_base.positions import Position

# One question in so many: a model that has learned a question by heart finds its answer, left out or not. Which ones
# changes after so many gates, since what is measured on often is fitted to in the end.
HELD_ONE_IN, GATES_A_CHOICE = 10, 20


async def choice(session: AsyncSession) -> int:
    """Which tenth of the questions is held out now."""
    return await judgements.count_gates(session) // GATES_A_CHOICE


def subject(position: Position) -> UUID:
    """What decides whether a question is held out: its judgement, or itself where none wrote it."""
    return position.feedback_id or position.id


def is_held_out(subject_id: UUID, choice: int) -> bool:
    """Whether a judgement, or a position that none wrote, is one of a choice's tenth."""
    digest = hashlib.sha256(f"{choice}:{subject_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % HELD_ONE_IN == 0
