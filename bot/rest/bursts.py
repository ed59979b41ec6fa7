"""Votes that came in a burst: listed, released, discarded."""

from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from bot.judgements import quarantine
from bot.judgements.quarantine import BurstDecision
from bot.rest.admin_bodies import AnswerBody
from bot.rest.identity import Reviewer, service_of
from knowledge_base import bursts
from knowledge_base.bursts import Burst

router = APIRouter(prefix="/api/v1/admin/bursts", tags=["review"])


class BurstBody(BaseModel):
    """Visitors' votes on one answer that are set apart: they teach nothing until somebody decides."""

    id: UUID
    answer: AnswerBody
    up: int
    down: int
    first: datetime
    last: datetime

    @classmethod
    def of(cls, burst: Burst) -> Self:
        """The JSON of a burst."""
        answer = AnswerBody.of(burst.answer)
        return cls(id=burst.answer.id, answer=answer, up=burst.up, down=burst.down, first=burst.first, last=burst.last)


class BurstsBody(BaseModel):
    """The bursts that wait, the newest first."""

    bursts: list[BurstBody]


class SettledBody(BaseModel):
    """How many votes a decision was about."""

    votes: int


@router.get("")
async def find_bursts(request: Request, _caller: Reviewer) -> BurstsBody:
    """The votes that are set apart, answer by answer."""
    async with service_of(request).database.reading() as session:
        return BurstsBody(bursts=[BurstBody.of(burst) for burst in await bursts.waiting(session)])


@router.post("/{burst_id}/{decision}")
async def decide(request: Request, caller: Reviewer, burst_id: UUID, decision: BurstDecision) -> SettledBody:
    """Let the votes count from now on, or never."""
    return SettledBody(votes=await quarantine.decide(service_of(request), burst_id, decision, caller.name))
