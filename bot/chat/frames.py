"""Every frame of the websocket, both ways. Fields that a frame does not know are ignored."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter

from bot.chat.events import MessageEvent, StatusEvent
from bot.fields import Attachments, ClientId, Comment, Line, Locale, Name, Reason, Text
from weaver_core.dialogue import Role

MOST_SEQ = 2**31 - 1


class HelloFrame(BaseModel):
    """The first frame: open a conversation, or come back to one with its token."""

    type: Literal["hello"]
    conversation_id: Line | None = None
    token: Line | None = None
    last_seq: int = Field(default=0, ge=0, le=MOST_SEQ, description="The last seq that the client has.")
    locale: Locale | None = Field(default=None, description="The language of the client's interface, such as zh-CN.")
    identity: Line | None = Field(default=None, description="Who the customer is: a JWT that the shop signed.")
    collection: Annotated[Name, Field(max_length=64)] | None = Field(
        default=None, description="For a new conversation: which answers it is about."
    )


class MessageFrame(BaseModel):
    """What the customer writes. Sending it again with the same client_id is harmless."""

    type: Literal["message"]
    client_id: ClientId
    text: Text = Field(description="May be empty beside attachments.")
    attachments: Attachments | None = Field(
        default=None, description="Ids of images that were attached to this conversation and sent with no message yet."
    )


class FeedbackFrame(BaseModel):
    """What the customer thinks of a bot message; the last judgement counts."""

    type: Literal["feedback"]
    message_id: UUID
    rating: Literal["up", "down"]
    reason: Reason | None = None
    comment: Comment | None = None


class HandoffFrame(BaseModel):
    """The customer wants a person."""

    type: Literal["handoff"]


class ClientTypingFrame(BaseModel):
    """The customer is writing."""

    type: Literal["typing"]


class PingFrame(BaseModel):
    """Is the line alive?"""

    type: Literal["ping"]


class LimitsBody(BaseModel):
    """What a client must keep to."""

    text: int = Field(description="The most characters of a message.")
    messages_a_second: float
    message_burst: int
    attachments: int = Field(description="The most images of a message.")
    attachment_bytes: int = Field(description="The most bytes of an image.")


class ConfigBody(BaseModel):
    """What a client shows before anything is said."""

    greeting: str
    locale: str = Field(description="The conversation's language: the shop's word for it, else the client's own.")
    texts: dict[str, str] = Field(
        description="Words that take the place of an error's own, by its code, or of a client's own, by their name."
    )
    limits: LimitsBody


class WelcomeFrame(BaseModel):
    """The conversation is open; its events after the client's last_seq follow, up to `last_seq` and beyond."""

    type: Literal["welcome"] = "welcome"
    conversation_id: UUID
    token: str = Field(description="Opens this conversation again, for thirty days.")
    last_seq: int = Field(description="How far the conversation's log goes now.")
    config: ConfigBody


class AckFrame(BaseModel):
    """The customer's message is stored and will never be lost. `seq` is its place; this is no event."""

    type: Literal["ack"] = "ack"
    client_id: str
    seq: int


class TypingFrame(BaseModel):
    """The bot or a person is writing."""

    type: Literal["typing"] = "typing"
    role: Role


class FeedbackAckFrame(BaseModel):
    """The judgement is stored."""

    type: Literal["feedback_ack"] = "feedback_ack"
    message_id: UUID


class PongFrame(BaseModel):
    """The line is alive."""

    type: Literal["pong"] = "pong"


class ErrorFrame(BaseModel):
    """A frame was not carried out, and nothing of it was stored. The connection stays open."""

    type: Literal["error"] = "error"
    code: str
    detail: str = Field(description="One sentence for a person.")
    client_id: str | None = Field(
        default=None, exclude_if=lambda value: value is None, description="Of the message that was not stored."
    )


ClientFrame = Annotated[
    HelloFrame | MessageFrame | FeedbackFrame | HandoffFrame | ClientTypingFrame | PingFrame,
    Field(discriminator="type"),
]
ServerFrame = Annotated[
    WelcomeFrame | AckFrame | TypingFrame | MessageEvent | StatusEvent | FeedbackAckFrame | PongFrame | ErrorFrame,
    Field(discriminator="type"),
]
client_frames: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)
server_frames: TypeAdapter[ServerFrame] = TypeAdapter(ServerFrame)
