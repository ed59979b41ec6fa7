"""Judgements of what the bot said, over REST."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from bot.fields import Comment, Line, Reason
from bot.guards.caller import Caller
from bot.judgements.correction import RightAnswer
from bot.judgements.judging import Opinion, judge
from bot.rest.identity import service_of, someone
from knowledge_base.errors import MessageNotFoundError
from knowledge_base.identifiers import parse_id

_SHOWN = 60

router = APIRouter(prefix="/api/v1/messages", tags=["feedback"])


class CorrectionBody(BaseModel):
    """What the bot should have said: an answer that is stored, or a text. Exactly one of the two."""

    answer_id: Annotated[Line, Field(max_length=255)] | None = None
    text: Annotated[Line, Field(max_length=20_000)] | None = None
    title: Annotated[Line, Field(max_length=255)] | None = None


class FeedbackBody(BaseModel):
    """What somebody thinks of a bot message; the last judgement counts."""

    rating: Literal["up", "down"]
    reason: Reason | None = None
    comment: Comment | None = None
    correction: CorrectionBody | None = None


class FeedbackStoredBody(BaseModel):
    """The judgement is stored."""

    message_id: UUID


@router.post("/{message_id}/feedback")
async def give_feedback(
    request: Request, message_id: str, caller: Annotated[Caller, Depends(someone)], body: FeedbackBody
) -> FeedbackStoredBody:
    """Judge a bot message. An agent's correction is served from the next turn on; others' wait for a reviewer."""
    key = parse_id(message_id)
    if key is None:
        raise MessageNotFoundError(message_id[:_SHOWN])
    right = None
    if body.correction is not None:
        right = RightAnswer(body.correction.answer_id, body.correction.text, body.correction.title)
    opinion = Opinion(key, body.rating, body.reason or None, body.comment or None, right)
    await judge(service_of(request), caller, opinion)
    return FeedbackStoredBody(message_id=key)
