"""What others do with votes: a score for each answer, which goes up and down with them."""

from dataclasses import dataclass, field, replace

from bot.reply import Query, Reply
from bot.serving.active_model import Serving

# What one vote moves an answer's score by; scores of the read are cosines.
STEP = 0.001


@dataclass(slots=True)
class AnswerScores:
    """Answers' scores, and the model that they are added to."""

    scores: dict[str, float] = field(default_factory=dict[str, float])
    serving: Serving | None = None

    async def respond(self, query: Query) -> Reply:
        """What the model replies, its candidates in the order of their scores with the answers' own added."""
        assert self.serving is not None
        reply = await self.serving.respond(query)
        ordered = sorted(
            reply.candidates, key=lambda each: each.score + self.scores.get(each.answer.answer_id, 0.0), reverse=True
        )
        return replace(reply, candidates=tuple(ordered))

    def vote(self, answer_id: str, *, up: bool) -> None:
        """Count a vote."""
        self.scores[answer_id] = self.scores.get(answer_id, 0.0) + (STEP if up else -STEP)
