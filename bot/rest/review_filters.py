"""The queue's filters in an address, for pages and programs alike."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, Field

from knowledge_base.reviews.filters import Filters, ReviewState


def _nothing(value: object) -> object:
    # A form sends what was left empty, too.
    return None if value == "" else value


Empty = BeforeValidator(_nothing)
Word = Annotated[Annotated[str, Field(max_length=255)] | None, Empty]
Chance = Annotated[Annotated[float, Field(ge=0, le=1)] | None, Empty]
ANY, UNANSWERED, ANSWERED = "any", "yes", "no"


class ReviewQuery(BaseModel):
    """Which judgements are wanted. `vote`: down unless another, or `any`, is named; `until` is a whole day."""

    state: ReviewState = ReviewState.OPEN
    vote: Annotated[Literal["down", "up", "any"] | None, Empty] = None
    reason: Word = None
    sure_from: Chance = None
    sure_to: Chance = None
    model: Annotated[Annotated[int, Field(ge=1)] | None, Empty] = None
    language: Word = None
    channel: Word = None
    collection: Word = None
    since: Annotated[date | None, Empty] = None
    until: Annotated[date | None, Empty] = None
    unanswered: Annotated[Literal["yes", "no"] | None, Empty] = None
    assignee: Word = None

    def filters(self) -> Filters:
        """The filters that are meant; what was decided on is shown whatever the vote was."""
        everything = self.vote == ANY or (
            self.vote is None and self.state not in (ReviewState.OPEN, ReviewState.FLAGGED)
        )
        return Filters(
            state=self.state,
            vote=None if everything else self.vote or "down",
            reason=self.reason,
            sure_from=self.sure_from,
            sure_to=self.sure_to,
            model=self.model,
            language=self.language,
            channel=self.channel,
            collection=self.collection,
            since=self.since,
            until=self.until,
            unanswered=None if self.unanswered is None else self.unanswered == UNANSWERED,
            assignee=self.assignee,
        )

    def address(self, **more: object) -> str:
        """The query that means the same, with more in it; None takes something out."""
        named = {**self.model_dump(mode="json", exclude_defaults=True), **more}
        return urlencode({name: value for name, value in named.items() if value is not None})


Filtered = Annotated[ReviewQuery, Query()]
