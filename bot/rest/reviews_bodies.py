"""What the routes of the review queue take and give, as JSON."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from bot.fields import Line
from bot.judgements.correction import RightAnswer
from bot.judgements.deciding import Decided, Seen
from bot.judgements.export import values_of
from bot.judgements.reading import NowRead
from bot.judgements.verdict import Edit, Verdict, VerdictKind
from bot.rest.admin_bodies import AnswerBody, AnswerText, JudgementBody, Title
from bot.rest.done import DoneBody
from knowledge_base.reviews.clusters import NOTE_LIMIT
from knowledge_base.reviews.notes import Note
from knowledge_base.reviews.queue import Cluster, Item

NAME_LIMIT, QUERY_LIMIT = 80, 2000


class ClusterBody(BaseModel):
    """Failures that are one problem. `version` goes back with a decision, so that nobody's work is overwritten."""

    id: UUID
    failures: int
    customers: int
    confidence: float
    gain: float
    latest: datetime
    version: int
    flagged: bool
    assignee: str | None
    changed_by: str | None
    items: list[dict[str, Any]]

    @classmethod
    def of(cls, cluster: Cluster, items: tuple[Item, ...]) -> Self:
        """The JSON of a cluster with judgements of it."""
        told = {name: getattr(cluster, name) for name in cls.model_fields if name != "items"}
        return cls(**told, items=[values_of(item) for item in items])


class ReviewsBody(BaseModel):
    """The clusters that the filters leave, the largest gain first, of `total`."""

    total: int
    clusters: list[ClusterBody]


class NoteBody(BaseModel):
    """What a person wrote beside a judged message."""

    id: UUID
    author: str
    text: str
    at: datetime

    @classmethod
    def of(cls, note: Note) -> Self:
        """The JSON of a note."""
        return cls(id=note.id, author=note.author, text=note.text, at=note.at)


class ReviewBody(BaseModel):
    """One judgement with its cluster, the notes beside it, and what was done with it."""

    judgement: JudgementBody
    cluster: ClusterBody
    notes: list[NoteBody]
    trail: list[DoneBody]


class SeenBody(BaseModel):
    """A judgement, with the version of its cluster that was seen; without one it is decided on whatever changed."""

    id: UUID
    version: int | None = None


class EditBody(BaseModel):
    """New words for an existing answer; `revision` is the number of the wording that was seen."""

    answer_id: Annotated[Line, Field(max_length=255)]
    text: AnswerText
    title: Title = ""
    revision: int


class VerdictBody(BaseModel):
    """A decision on the clusters of judgements: `correct` names an answer_id or a text, `edit` has new words."""

    items: Annotated[list[SeenBody], Field(min_length=1, max_length=200)]
    kind: VerdictKind
    answer_id: Annotated[Line, Field(max_length=255)] | None = None
    text: AnswerText | None = None
    title: Title | None = None
    edit: EditBody | None = None

    def verdict(self) -> Verdict:
        """What is decided. Raises CorrectionError."""
        right = RightAnswer(self.answer_id, self.text, self.title) if self.kind is VerdictKind.CORRECT else None
        new = self.edit
        edit = None if new is None else Edit(new.answer_id, new.title, new.text, new.revision)
        return Verdict(self.kind, right, edit)

    def seen(self) -> Seen:
        """What is decided on."""
        return {one.id: one.version for one in self.items}


class DecidedBody(BaseModel):
    """A decision that was carried out: what it closed, and the answer that it taught."""

    id: UUID
    judgements: list[UUID]
    answer: AnswerBody | None

    @classmethod
    def of(cls, decided: Decided) -> Self:
        """The JSON of a decision."""
        answer = AnswerBody.of(decided.answer) if decided.answer else None
        return cls(id=decided.id, judgements=list(decided.feedback_ids), answer=answer)


class UndoneBody(BaseModel):
    """The judgements that wait again."""

    judgements: list[UUID]


class BesideBody(BaseModel):
    """What is said of a cluster; what is left out stays."""

    version: int | None = None
    flagged: bool | None = None
    assignee: Annotated[Line, Field(max_length=128)] | None = None
    note: Annotated[Line, Field(max_length=NOTE_LIMIT)] | None = None


class MergeBody(BaseModel):
    """Judgements whose clusters are one problem."""

    ids: Annotated[list[UUID], Field(min_length=2, max_length=200)]


class ClusterIdBody(BaseModel):
    """A cluster."""

    id: UUID


class ViewBody(BaseModel):
    """Filters, as the query of an address."""

    query: Annotated[str, Field(max_length=QUERY_LIMIT)]


class ReadAnswerBody(BaseModel):
    """A candidate as it is read now: its passages with their weights, the words of the heaviest with theirs."""

    answer_id: str
    title: str
    probability: float
    score: float
    positions: list[dict[str, Any]]
    words: list[dict[str, Any]]


class ReadingBody(BaseModel):
    """What the bot would do with the question now, and which words it attends to."""

    question: str
    decision: str
    confidence: float
    candidates: list[ReadAnswerBody]

    @classmethod
    def of(cls, now: NowRead) -> Self:
        """The JSON of a reading."""
        candidates = [
            ReadAnswerBody(
                answer_id=one.candidate.answer.answer_id,
                title=one.candidate.answer.title,
                probability=one.candidate.probability,
                score=one.candidate.score,
                positions=[
                    {"kind": held.position.kind.value, "text": held.position.text, "weight": held.weight}
                    for held in one.candidate.positions
                ],
                words=[
                    {"text": word.text, "start": word.start, "end": word.end, "weight": word.weight}
                    for word in one.candidate.words
                ],
            )
            for one in now.answers
        ]
        return cls(question=now.question, decision=now.decision.value, confidence=now.confidence, candidates=candidates)
