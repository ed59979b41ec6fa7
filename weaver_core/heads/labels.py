"""What each head tells apart; a label's place is its column in the probabilities."""

from enum import StrEnum


class Task(StrEnum):
    """The three heads."""

    SENTIMENT = "sentiment"
    ANSWER = "answer"
    RESOLUTION = "resolution"


class Sentiment(StrEnum):
    """How the writer of a turn feels about the company."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Answer(StrEnum):
    """Whether an agent's turn holds an instruction, a fact or a policy, or only a courtesy or a question back."""

    NONE = "no answer"
    ANSWER = "answer"


class Resolution(StrEnum):
    """What a customer's turn after an answer says of it."""

    NOT_RESOLVED = "not resolved"
    UNCLEAR = "unclear"
    RESOLVED = "resolved"


LABELS: dict[Task, tuple[str, ...]] = {
    Task.SENTIMENT: tuple(Sentiment),
    Task.ANSWER: tuple(Answer),
    Task.RESOLUTION: tuple(Resolution),
}
