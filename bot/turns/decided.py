"""What the bot decided, as it is kept with its message."""

from uuid import UUID

from bot.reply import Candidate, Reply
from bot.turns.dialogue_policy import Part
from knowledge_base.messages import BotDecision


def to_decision(part: Part, sentiment: float | None) -> BotDecision:
    """A part of what is said to a message that sounds so, from -1 (angry) to 1 (pleased), None if nobody can tell."""
    reply = part.reply
    return BotDecision(
        decision=reply.decision.value,
        confidence=float(reply.confidence),
        answer_id=reply.answer.id if reply.answer else None,
        candidates=[_to_json(candidate) for candidate in reply.candidates],
        suggestions=[
            {"answer_id": answer.answer_id, "title": answer.title, "position": place, "propensity": propensity}
            for place, (answer, propensity) in enumerate(zip(reply.suggestions, reply.propensities, strict=False), 1)
        ],
        model_version_id=reply.model_version_id,
        propensity=reply.propensity,
        taught_by=_taught_by(reply),
        why=reply.why,
        asked=part.asked,
        sentiment=sentiment,
        related=[{"answer_id": answer.answer_id, "title": answer.title} for answer in part.related],
    )


def _taught_by(reply: Reply) -> UUID | None:
    """The judgement that wrote the position which weighed most in the answer."""
    weighted = reply.candidates[0].positions if reply.answer else ()
    return max(weighted, key=lambda one: one.weight).position.feedback_id if weighted else None


def _to_json(candidate: Candidate) -> dict[str, object]:
    return {
        "answer_id": candidate.answer.answer_id,
        "id": str(candidate.answer.id),
        "score": float(candidate.score),
        "probability": float(candidate.probability),
        "positions": [
            {"id": str(weighted.position.id), "weight": float(weighted.weight)} for weighted in candidate.positions
        ],
    }
