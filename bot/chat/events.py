"""A conversation's events as customers and programs see them, on the socket and over REST."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from bot.guards.caller import KEY
from knowledge_base.attachments import Attachment
from knowledge_base.conversations import Mode
from knowledge_base.event_log import Event, Status
from knowledge_base.messages import Message
from weaver_core.dialogue import Role


def _is_none(value: object) -> bool:
    return value is None


class AnswerTitle(BaseModel):
    """An approved answer's name and title."""

    answer_id: str
    title: str


class AttachmentBody(BaseModel):
    """An image of a message."""

    id: UUID = Field(description="Its place: `/api/v1/conversations/{conversation_id}/attachments/{id}`.")
    media_type: Literal["image/png", "image/jpeg"]
    width: int
    height: int
    text_found: str | None = Field(default=None, exclude_if=_is_none, description="The text that was read in it.")


class MessageEvent(BaseModel):
    """Something that was said. Fields that do not apply are left out."""

    type: Literal["message"] = "message"
    seq: int = Field(description="The event's place in the conversation: 1, 2, 3… with no gap.")
    id: UUID
    role: Role
    text: str
    at: datetime
    client_id: str | None = Field(default=None, exclude_if=_is_none, description="The customer's own name for it.")
    in_reply_to: int | None = Field(default=None, exclude_if=_is_none, description="The seq of what the bot answers.")
    author: str | None = Field(default=None, exclude_if=_is_none, description="The name of the person who wrote it.")
    answer_id: str | None = Field(default=None, exclude_if=_is_none, description="The answer that the bot gave.")
    confidence: float | None = Field(
        default=None,
        exclude_if=_is_none,
        description="How likely the answer is right; 0 where the memory was not asked, as for a courtesy.",
    )
    decision: Literal["answer", "clarify", "handoff"] | None = Field(default=None, exclude_if=_is_none)
    suggestions: list[AnswerTitle] | None = Field(
        default=None, exclude_if=_is_none, description="What the customer may have meant, when the bot asks back."
    )
    related: list[AnswerTitle] | None = Field(
        default=None, exclude_if=_is_none, description="What customers with the same question needed too."
    )
    sources: list[AnswerTitle] | None = Field(
        default=None, exclude_if=_is_none, description="The answers whose words the text is."
    )
    attachments: list[AttachmentBody] | None = Field(
        default=None, exclude_if=_is_none, description="The customer's images; the text may be empty beside them."
    )


class StatusEvent(BaseModel):
    """Somebody else has the turn now."""

    type: Literal["status"] = "status"
    seq: int
    mode: Mode
    at: datetime


def to_event(event: Event) -> MessageEvent | StatusEvent:
    """The wire form of a stored event: approved answers and their titles, nothing of the memory behind them."""
    if isinstance(event, Status):
        return StatusEvent(seq=event.seq, mode=event.mode, at=event.at)
    return to_message(event)


def to_message(message: Message) -> MessageEvent:
    """The wire form of a stored message."""
    bot, answer = message.bot, message.answer
    # How likely each was to be shown where it is is nothing to the customer.
    suggestions = (
        [AnswerTitle(answer_id=one["answer_id"], title=one["title"]) for one in bot.suggestions] if bot else []
    )
    return MessageEvent.model_validate(
        {
            "seq": message.seq,
            "id": message.id,
            "role": message.role,
            "text": message.text,
            "at": message.at,
            "client_id": message.client_id,
            "in_reply_to": message.in_reply_to,
            # A program's key is nobody whom a customer could know.
            "author": None if (message.author or "").startswith(KEY) else message.author,
            "answer_id": answer.answer_id if answer else None,
            "confidence": bot.confidence if bot else None,
            "decision": bot.decision if bot else None,
            "suggestions": suggestions or None,
            "related": [AnswerTitle.model_validate(one) for one in bot.related] or None if bot else None,
            "sources": [AnswerTitle(answer_id=answer.answer_id, title=answer.title)] if answer else None,
            "attachments": [to_attachment(one) for one in message.attachments] or None,
        }
    )


def to_attachment(attachment: Attachment) -> AttachmentBody:
    """The wire form of a stored image."""
    return AttachmentBody.model_validate(
        {
            "id": attachment.id,
            "media_type": attachment.media_type,
            "width": attachment.width,
            "height": attachment.height,
            "text_found": attachment.text or None,
        }
    )
