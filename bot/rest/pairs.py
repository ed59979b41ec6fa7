"""Answers that say the same or contradict each other: listed, merged, kept, taken back."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from bot.judgements import pair_decisions
from bot.judgements.pair_decisions import PairDecision
from bot.rest.admin_bodies import AnswerBody
from bot.rest.identity import Reviewer, service_of
from knowledge_base import answer_pairs
from knowledge_base.answer_pairs import AnswerPair, PairState
from knowledge_base.likeness import Likeness

router = APIRouter(prefix="/api/v1/admin/answer-pairs", tags=["review"])


class PairBody(BaseModel):
    """Two answers that are alike; merged ones live on in the first."""

    id: UUID
    kind: Likeness
    first: AnswerBody
    second: AnswerBody
    similarity: float
    state: PairState
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, pair: AnswerPair) -> Self:
        """The pair as JSON."""
        return cls(
            id=pair.id,
            kind=pair.kind,
            first=AnswerBody.of(pair.first),
            second=AnswerBody.of(pair.second),
            similarity=pair.similarity,
            state=pair.state,
            decided_by=pair.decided_by,
            decided_at=pair.decided_at,
        )


class PairsBody(BaseModel):
    """Some pairs, and how many wait for a decision."""

    waiting: dict[Likeness, int]
    pairs: list[PairBody]


@router.get("")
async def find_pairs(
    request: Request,
    _caller: Reviewer,
    state: PairState = PairState.OPEN,
    kind: Likeness | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PairsBody:
    """The pairs of one state, the most alike first."""
    async with service_of(request).database.reading() as session:
        found = await answer_pairs.find(session, state, kind, limit)
        waiting = await answer_pairs.count(session, PairState.OPEN)
    return PairsBody(waiting=waiting, pairs=[PairBody.of(pair) for pair in found])


@router.post("/{pair_id}/{decision}")
async def decide(request: Request, caller: Reviewer, pair_id: UUID, decision: PairDecision) -> PairBody:
    """Merge both into the first or the second, keep both, or take that back. The next turn is answered so."""
    return PairBody.of(await pair_decisions.decide(service_of(request), pair_id, decision, caller.name))
