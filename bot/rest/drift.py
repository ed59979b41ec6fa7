"""The drift alarm: what is asked that the memory does not know, and that it is to be the usual from now on."""

from datetime import datetime
from typing import Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from bot.rest.identity import Reviewer, service_of
from bot.updates import drifting
from bot.updates.drifting import Change
from knowledge_base import drifts
from knowledge_base.drifts import Asked

router = APIRouter(prefix="/api/v1/admin/drift", tags=["review"])


class ShareBody(BaseModel):
    """Of so many turns so many were answered by what is more probably wrong than right."""

    turns: int
    unsure: int


class ExampleBody(BaseModel):
    """A turn that is typical of those that are not answered well."""

    message_id: UUID
    conversation_id: UUID
    seq: int
    text: str
    at: datetime | None

    @classmethod
    def of(cls, asked: Asked) -> Self:
        """The JSON of an example."""
        return cls(
            message_id=asked.message_id,
            conversation_id=asked.conversation_id,
            seq=asked.seq,
            text=asked.text,
            at=asked.at,
        )


class DriftBody(BaseModel):
    """An alarm that is open: since when, how many turns of how many, beside those before, and examples."""

    id: UUID
    since: datetime
    raised_at: datetime
    lately: ShareBody
    before: ShareBody
    examples: list[ExampleBody]

    @classmethod
    def of(cls, change: Change) -> Self:
        """The JSON of an alarm."""
        held = change.drift
        return cls(
            id=held.id,
            since=held.since,
            raised_at=held.began_at,
            lately=ShareBody(turns=change.since.total, unsure=round(change.since.happened)),
            before=ShareBody(turns=held.before.total, unsure=round(held.before.happened)),
            examples=[ExampleBody.of(asked) for asked in change.typical],
        )


class AlarmBody(BaseModel):
    """The alarm that is open; null without one."""

    drift: DriftBody | None


@router.get("")
async def find_drift(request: Request, _caller: Reviewer) -> AlarmBody:
    """Whether customers ask what the memory does not know, and what that is."""
    change = await drifting.current(service_of(request).database)
    return AlarmBody(drift=DriftBody.of(change) if change else None)


@router.post("/{drift_id}/accept")
async def accept(request: Request, caller: Reviewer, drift_id: UUID) -> AlarmBody:
    """End the alarm: what is asked now is the usual from now on."""
    async with service_of(request).database.writing() as session:
        await drifts.accept(session, drift_id, caller.name)
    return AlarmBody(drift=None)
