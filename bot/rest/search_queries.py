"""What a search of answers or dialogues asks for in an address, for pages and programs alike."""

from datetime import date
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, Field

from bot.rest.review_filters import Empty, Word
from knowledge_base.answer_search import AnswerFilters, Span
from knowledge_base.answers import AnswerStatus
from knowledge_base.dialogue_search import DialogueFilters, DialogueKind

Words = Annotated[str, Field(max_length=200)]
MOST_SKIPPED = 1_000_000


class _Search(BaseModel):
    """What both have."""

    def address(self, **more: object) -> str:
        """The query that means the same, with more in it; None takes something out."""
        named = {**self.model_dump(mode="json", exclude_defaults=True), **more}
        return urlencode({name: value for name, value in named.items() if value is not None})


class AnswerQuery(_Search):
    """Which answers are wanted. `span` is where this moment lies in their validity."""

    q: Words = ""
    status: Annotated[AnswerStatus | None, Empty] = None
    collection: Word = None
    language: Word = None
    origin: Word = None
    span: Annotated[Span | None, Empty] = None
    personal: Annotated[bool | None, Empty] = None
    offset: Annotated[int, Field(ge=0, le=MOST_SKIPPED)] = 0

    def filters(self) -> AnswerFilters:
        """The filters that are meant."""
        return AnswerFilters(self.q, self.status, self.collection, self.language, self.origin, self.span, self.personal)


class DialogueQuery(_Search):
    """Which dialogues are wanted. `until` is a whole day; `before` is the last one of the page before."""

    q: Words = ""
    kind: Annotated[DialogueKind | None, Empty] = None
    collection: Word = None
    channel: Word = None
    customer: Word = None
    since: Annotated[date | None, Empty] = None
    until: Annotated[Annotated[date, Field(lt=date.max)] | None, Empty] = None
    before: Annotated[UUID | None, Empty] = None

    def filters(self) -> DialogueFilters:
        """The filters that are meant."""
        return DialogueFilters(self.q, self.kind, self.collection, self.channel, self.customer, self.since, self.until)
