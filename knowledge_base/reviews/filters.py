"""Which judgements a reviewer wants to see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, String, cast, func, or_

from knowledge_base.feedback import DISMISSED, DOWN, OPEN, RESOLVED, UPHELD, Feedback
from knowledge_base.tables import (
    BotMessageRow,
    ConversationRow,
    DialogueRow,
    FeedbackRow,
    ModelVersionRow,
    ReviewClusterRow,
)

# What was decided without anything being saved in an answer's memory.
UNTAUGHT = (UPHELD, DISMISSED)
ANSWERED = "answer"


class ReviewState(StrEnum):
    """How far a judgement is. `flagged`: open, and somebody asked for a closer look; `saved`: something was taught."""

    OPEN = "open"
    FLAGGED = "flagged"
    REVIEWED = "reviewed"
    SAVED = "saved"
    # Reviewed and saved ones.
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a judgement must be to be shown; None is anything. Confidences are in [0, 1], `until` is a whole day."""

    state: ReviewState = ReviewState.OPEN
    vote: str | None = DOWN
    reason: str | None = None
    sure_from: float | None = None
    sure_to: float | None = None
    model: int | None = None
    language: str | None = None
    channel: str | None = None
    collection: str | None = None
    since: date | None = None
    until: date | None = None
    unanswered: bool | None = None
    assignee: str | None = None

    def waiting(self) -> "Filters":
        """The same of what waits."""
        return replace(self, state=ReviewState.OPEN, vote=self.vote or DOWN)

    @classmethod
    def around(cls, held: Feedback) -> "Filters":
        """What is at the same stage as a judgement, whatever else it is."""
        if held.state == OPEN:
            return cls(vote=held.rating)
        return cls(ReviewState.RESOLVED, None)

    @property
    def looks_at_message(self) -> bool:
        """Whether a condition is on what the bot said."""
        return any(one is not None for one in (self.sure_from, self.sure_to, self.model, self.unanswered))

    @property
    def looks_at_dialogue(self) -> bool:
        """Whether a condition is on the conversation."""
        return any(one is not None for one in (self.language, self.channel, self.collection))

    @property
    def looks_at_cluster(self) -> bool:
        """Whether a condition is on what people said of the cluster: there is a row of it then."""
        return self.state is ReviewState.FLAGGED or self.assignee is not None

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """The filters as conditions on a judgement with its message, dialogue, conversation, version and cluster."""
        wanted: list[ColumnElement[bool]] = [*self._of_state()]
        equal = (
            (FeedbackRow.rating, self.vote),
            (FeedbackRow.reason, self.reason),
            (ModelVersionRow.number, self.model),
            (language(), self.language),
            (DialogueRow.channel, self.channel),
            (DialogueRow.collection, self.collection),
            (ReviewClusterRow.assignee, self.assignee),
        )
        wanted += [column == value for column, value in equal if value is not None]
        if self.sure_from is not None:
            wanted.append(BotMessageRow.confidence >= self.sure_from)
        if self.sure_to is not None:
            wanted.append(BotMessageRow.confidence <= self.sure_to)
        if self.since is not None:
            wanted.append(FeedbackRow.created_at >= _begin_of(self.since))
        if self.until is not None:
            wanted.append(FeedbackRow.created_at < _begin_of(self.until) + timedelta(days=1))
        if self.unanswered is not None:
            answered = BotMessageRow.decision == ANSWERED
            wanted.append(~answered if self.unanswered else answered)
        return wanted

    def _of_state(self) -> Sequence[ColumnElement[bool]]:
        match self.state:
            case ReviewState.OPEN:
                return (FeedbackRow.state == OPEN,)
            case ReviewState.FLAGGED:
                return (FeedbackRow.state == OPEN, ReviewClusterRow.flagged.is_(True))
            case ReviewState.REVIEWED:
                return (FeedbackRow.state == RESOLVED, FeedbackRow.resolution.in_(UNTAUGHT))
            case ReviewState.SAVED:
                taught = or_(FeedbackRow.resolution.is_(None), FeedbackRow.resolution.not_in(UNTAUGHT))
                return (FeedbackRow.state == RESOLVED, taught)
            case ReviewState.RESOLVED:
                return (FeedbackRow.state == RESOLVED,)


def language() -> ColumnElement[str]:
    """The language of a conversation: as it was imported, else as the customer's page had it."""
    return func.substr(cast(func.coalesce(DialogueRow.language, ConversationRow.locale), String), 1, 2)


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
