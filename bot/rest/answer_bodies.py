"""Answers as JSON: with their memory, their wordings, and what was done with them."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from bot.fields import Line, Name
from bot.judgements.curation import Change, Left
from bot.judgements.review import AnswerFile, Passage
from bot.judgements.wordings import Reworded, history
from bot.judgements.writing_answers import MOST_QUESTIONS, QUESTION_LIMIT, NewAnswer
from bot.rest.admin_bodies import AnswerBody, AnswerText, Title
from bot.rest.done import DoneBody
from knowledge_base.answers import AnswerStatus
from knowledge_base.ingestion.formats import COLLECTION_LENGTH

MOST_AT_ONCE = 200


class AnswerChangeBody(BaseModel):
    """New words, a new status or another validity for an answer; what is left out stays, null takes a date away.

    An update of the model that loses a question of an answer that must not break is refused. With `seen`, the
    `updated_at` that was read, an answer that somebody has changed since is left as it is.
    """

    title: Title | None = None
    text: AnswerText | None = None
    status: AnswerStatus | None = None
    must_not_break: bool | None = None
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    seen: AwareDatetime | None = None

    def value(self) -> Change:
        """What the body means."""
        said = self.model_fields_set
        return Change(
            title=self.title,
            text=self.text,
            status=self.status,
            must_not_break=self.must_not_break,
            valid_from=self.valid_from if "valid_from" in said else Left.AS_IT_IS,
            valid_until=self.valid_until if "valid_until" in said else Left.AS_IT_IS,
            seen=self.seen,
        )


class NewAnswerBody(BaseModel):
    """An answer that a person wrote, with questions that it answers; an empty title is the first of them."""

    text: AnswerText
    title: Title = ""
    questions: Annotated[list[Annotated[Line, Field(max_length=QUESTION_LIMIT)]], Field(max_length=MOST_QUESTIONS)] = (
        Field(default_factory=list)
    )
    collection: Annotated[Name, Field(max_length=COLLECTION_LENGTH)] = "default"

    def value(self) -> NewAnswer:
        """What the body means."""
        return NewAnswer(self.text, self.title, tuple(self.questions), self.collection)


class SeenAnswerBody(BaseModel):
    """An answer, and the `updated_at` of it that was read; without that, whoever changed it since is overruled."""

    answer_id: Annotated[Line, Field(max_length=255)]
    seen: AwareDatetime | None = None


class StatusesBody(BaseModel):
    """A status for some answers, all at once or none."""

    answers: Annotated[list[SeenAnswerBody], Field(min_length=1, max_length=MOST_AT_ONCE)]
    status: AnswerStatus


class OriginTurnBody(BaseModel):
    """One turn of the dialogue that a passage comes from."""

    role: str
    text: str
    at: datetime | None


class PassageBody(BaseModel):
    """One passage of an answer's memory, with the dialogue that it comes from."""

    id: UUID
    kind: str
    text: str
    context: str | None
    trust: float
    created_at: datetime
    dialogue_id: UUID | None
    dialogue: list[OriginTurnBody]

    @classmethod
    def of(cls, passage: Passage) -> Self:
        """The JSON of a passage."""
        held, origin = passage.position, passage.origin
        turns = origin.dialogue.turns if origin else ()
        return cls(
            id=held.id,
            kind=held.kind.value,
            text=held.text,
            context=held.context,
            trust=held.trust,
            created_at=held.created_at,
            dialogue_id=origin.id if origin else None,
            dialogue=[OriginTurnBody(role=turn.role.value, text=turn.text, at=turn.at) for turn in turns],
        )


class PieceBody(BaseModel):
    """A piece of a wording: as it was before, new, or gone."""

    kind: Literal["same", "gone", "new"]
    text: str


class RevisionBody(BaseModel):
    """One wording of an answer, and what it changed of the one before."""

    number: int
    title: str
    text: str
    author: str
    at: datetime
    changed: list[PieceBody]

    @classmethod
    def of(cls, reworded: Reworded) -> Self:
        """The JSON of a wording."""
        held = reworded.revision
        changed = [PieceBody(kind=piece.kind, text=piece.text) for piece in reworded.text]
        return cls(
            number=held.number, title=held.title, text=held.text, author=held.author, at=held.at, changed=changed
        )


class AnswerFileBody(AnswerBody):
    """An answer with its memory, its wordings and what was done with it, newest first."""

    positions: list[PassageBody]
    revisions: list[RevisionBody]
    trail: list[DoneBody]

    @classmethod
    def of_file(cls, file: AnswerFile) -> Self:
        """The JSON of an answer's file."""
        return cls(
            **AnswerBody.of(file.answer).model_dump(),
            positions=[PassageBody.of(passage) for passage in file.passages],
            revisions=[RevisionBody.of(one) for one in history(file.revisions)],
            trail=[DoneBody.of(entry) for entry in file.trail],
        )


class AnswersBody(BaseModel):
    """Answers, most recently changed first: one page of `total`, and how many of each status the filters leave."""

    counts: dict[str, int]
    total: int
    answers: list[AnswerBody]


class ChangedBody(BaseModel):
    """Answers as they are now."""

    answers: list[AnswerBody]
