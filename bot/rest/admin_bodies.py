"""What the reviewer's routes take and give, as JSON."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from bot.chat.events import AttachmentBody, to_attachment
from bot.fields import Line
from bot.judgements.correction import RightAnswer
from bot.judgements.curation import ANSWER_LIMIT, TITLE_LIMIT
from bot.judgements.review import Considered, Judgement
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.feedback import Feedback
from knowledge_base.messages import Message
from knowledge_base.models import ModelVersion

Title = Annotated[Line, Field(max_length=TITLE_LIMIT)]
AnswerText = Annotated[Line, Field(max_length=ANSWER_LIMIT)]


class RightAnswerBody(BaseModel):
    """The right answer: one that is stored, or a text to be stored."""

    answer_id: Annotated[Line, Field(max_length=255)] | None = None
    text: AnswerText | None = None
    title: Title | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.answer_id is None) == (self.text is None):
            raise ValueError("give either answer_id or text")
        return self

    def value(self) -> RightAnswer:
        """What the body means."""
        return RightAnswer(self.answer_id, self.text, self.title)


class AnswerBody(BaseModel):
    """An answer."""

    answer_id: str
    title: str
    text: str
    language: str | None
    collection: str
    tags: list[str]
    status: AnswerStatus
    origin: str
    personal: bool
    must_not_break: bool
    valid_from: datetime | None
    valid_until: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The JSON of an answer."""
        return cls.model_validate(answer, from_attributes=True)


class ConsideredBody(BaseModel):
    """An answer that the bot considered for a turn."""

    answer_id: str
    title: str
    text: str
    status: AnswerStatus
    personal: bool
    score: float | None
    probability: float | None
    shown: bool

    @classmethod
    def of(cls, considered: Considered) -> Self:
        """The JSON of a candidate."""
        held = considered.answer
        return cls(
            answer_id=held.answer_id,
            title=held.title,
            text=held.text,
            status=held.status,
            personal=held.personal,
            score=considered.score,
            probability=considered.probability,
            shown=considered.shown,
        )


class FeedbackBody(BaseModel):
    """A judgement of one message of the bot."""

    id: UUID
    message_id: UUID
    conversation_id: UUID
    rating: str
    reason: str | None
    comment: str | None
    rater: str
    rater_role: str
    suggested_text: str | None
    state: str
    resolution: str | None
    resolved_by: str | None
    created_at: datetime

    @classmethod
    def of(cls, held: Feedback) -> Self:
        """The JSON of a judgement."""
        return cls.model_validate(held, from_attributes=True)


class SaidBody(BaseModel):
    """One message of the conversation around a judged one."""

    seq: int
    id: UUID
    role: str
    text: str
    at: datetime
    judged: bool
    attachments: list[AttachmentBody]

    @classmethod
    def of(cls, message: Message, judged: UUID) -> Self:
        """The JSON of a message."""
        return cls(
            seq=message.seq,
            id=message.id,
            role=message.role.value,
            text=message.text,
            at=message.at,
            judged=message.id == judged,
            attachments=[to_attachment(one) for one in message.attachments],
        )


class JudgementBody(FeedbackBody):
    """A judgement with all that is needed to decide on it."""

    question: str | None
    conversation: list[SaidBody]
    answer: AnswerBody | None
    candidates: list[ConsideredBody]
    suggested_answer: AnswerBody | None

    @classmethod
    def of_judgement(cls, held: Judgement) -> Self:
        """The JSON of a queue's entry."""
        return cls(
            **FeedbackBody.of(held.feedback).model_dump(),
            question=held.question.words if held.question else None,
            conversation=[SaidBody.of(message, held.judged.id) for message in held.messages],
            answer=AnswerBody.of(held.judged.answer) if held.judged.answer else None,
            candidates=[ConsideredBody.of(one) for one in held.considered],
            suggested_answer=AnswerBody.of(held.suggested) if held.suggested else None,
        )


class QueueBody(BaseModel):
    """The judgements that wait, oldest first, or were decided on, newest first."""

    waiting: int
    items: list[JudgementBody]


class DecisionBody(BaseModel):
    """What came of a decision."""

    feedback: FeedbackBody
    answer: AnswerBody | None = None


class ModelBody(BaseModel):
    """One version of the model."""

    version: str
    state: str
    encoder: str
    parameters: dict[str, Any]
    metrics: dict[str, Any]
    created_at: datetime
    promoted_at: datetime | None
    promoted_by: str | None

    @classmethod
    def of(cls, version: ModelVersion) -> Self:
        """The JSON of a version."""
        return cls(
            version=version.name,
            state=version.state,
            encoder=version.encoder,
            parameters=version.parameters,
            metrics=version.metrics,
            created_at=version.created_at,
            promoted_at=version.promoted_at,
            promoted_by=version.promoted_by,
        )
