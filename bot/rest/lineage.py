"""The route that says why the bot sent a message."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from bot.judgements import lineage
from bot.judgements.lineage import Cause, Lineage
from bot.rest.admin_bodies import FeedbackBody
from bot.rest.identity import Reviewer, service_of

router = APIRouter(prefix="/api/v1/admin", tags=["review"])


class CauseBody(BaseModel):
    """A position that an answer was read from, with the vote or correction that wrote it.

    `answered` is how many answers were read mostly from that judgement.
    """

    weight: float
    kind: str
    text: str
    trust: float
    judgement: FeedbackBody | None
    answered: int
    dialogue_id: str | None
    source: str | None
    turn: int | None

    @classmethod
    def of(cls, cause: Cause) -> Self:
        """The JSON of a cause."""
        held, origin = cause.position, cause.origin
        return cls(
            weight=cause.weight,
            kind=held.kind.value,
            text=held.text,
            trust=held.trust,
            judgement=FeedbackBody.of(cause.judgement) if cause.judgement else None,
            answered=cause.answered,
            dialogue_id=origin.dialogue_id if origin else None,
            source=origin.source if origin else None,
            turn=origin.turn if origin else None,
        )


class LineageBody(BaseModel):
    """Why a message was sent: the model's version and the positions that weighed most, heaviest first.

    `propensity` is the probability with which what was shown was shown so: 1 unless exploration had a say.
    """

    message_id: UUID
    model_version: str | None
    propensity: float
    causes: list[CauseBody]
    gone: int

    @classmethod
    def of(cls, found: Lineage) -> Self:
        """The JSON of a lineage."""
        return cls(
            message_id=found.message.id,
            model_version=found.version,
            propensity=found.message.bot.propensity if found.message.bot else 1.0,
            causes=[CauseBody.of(cause) for cause in found.causes],
            gone=found.gone,
        )


@router.get("/messages/{message_id}/lineage")
async def message_lineage(request: Request, _caller: Reviewer, message_id: UUID) -> LineageBody:
    """Why the bot sent a message: the version that read, the positions that weighed most, and who put them there."""
    async with service_of(request).database.reading() as session:
        return LineageBody.of(await lineage.of_message(session, message_id))
