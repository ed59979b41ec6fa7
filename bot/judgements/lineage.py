"""Why an answer was given: the version that read, the positions that weighed most, and who put them there."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import dialogues, feedback, judgements, messages, models, positions
from knowledge_base.dialogues import Origin
from knowledge_base.feedback import Feedback
from knowledge_base.identifiers import parse_id
from knowledge_base.messages import Message
from knowledge_base.positions import Position


@dataclass(frozen=True, slots=True)
class Cause:
    """A position that an answer was read from, with its attention weight.

    `judgement` is the vote or correction that wrote it, `origin` where its words were said; None where there is none.
    `answered` is how many answers were read mostly from what that judgement wrote.
    """

    weight: float
    position: Position
    judgement: Feedback | None
    origin: Origin | None
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Lineage:
    """Why a message was sent. `version` is the model's that read (None: none was fitted yet).

    `causes` are the positions of its answer that weighed most, heaviest first, as far as they are still there; `gone`
    is how many are not.
    """

    message: Message
    version: str | None
    causes: tuple[Cause, ...]
    gone: int


async def of_message(session: AsyncSession, message_id: UUID) -> Lineage:
    """Why the bot sent a message. Raises MessageNotFoundError."""
    message = await messages.get_of_bot(session, message_id)
    version = None
    if message.bot and message.bot.model_version_id:
        version = await models.get(session, message.bot.model_version_id)
    weights = _weights(message)
    held = await positions.by_ids(session, list(weights))
    judged = {one.feedback_id for one in held.values() if one.feedback_id}
    answered = await judgements.answers_given(session, list(judged))
    causes = [await _cause(session, held[key], weight, answered) for key, weight in weights.items() if key in held]
    return Lineage(message, version.name if version else None, tuple(causes), len(weights) - len(causes))


def _weights(message: Message) -> dict[UUID, float]:
    """The positions that the sent answer was read from, and how much each weighed."""
    if message.bot is None or message.answer is None:
        return {}
    sent = str(message.answer.id)
    candidates = [one for one in message.bot.candidates if one.get("id") == sent]
    listed = [position for candidate in candidates for position in candidate.get("positions", ())]
    keys = [(parse_id(str(position["id"])), float(position["weight"])) for position in listed]
    return {key: weight for key, weight in keys if key is not None}


async def _cause(session: AsyncSession, position: Position, weight: float, answered: Mapping[UUID, int]) -> Cause:
    origin = await dialogues.origin(session, position.turn_id)
    if position.feedback_id is None:
        return Cause(weight, position, None, origin)
    judgement = await feedback.get(session, position.feedback_id)
    return Cause(weight, position, judgement, origin, answered[judgement.id])
