"""Suggested answers: for the customer's last question, the best answers of the memory, and where each is from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bot.reply import Candidate, Query, Reply, WeightedPosition
from bot.service import Service
from knowledge_base import conversations, dialogues, messages, privacy
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.dialogues import Origin
from knowledge_base.messages import Message
from weaver_core.dialogue import Role
from weaver_core.texts.normalization import has_words
from weaver_core.texts.person_wish import wants_person
from weaver_core.texts.small_talk import small_talk

MOST = 5
# So many answers that the bot may not send are read beside those that it may.
MOST_UNSENT = 16
# How far back the customer's question is looked for.
MESSAGES_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that speaks for an answer, its attention weight, and the dialogue that it was said in, if it was."""

    weighted: WeightedPosition
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer that an agent may send. `given` says that the bot has given it in this conversation already.

    `has_slot` says that something of one customer was taken out of it: whoever sends it fills that in.
    """

    answer: Answer
    score: float
    probability: float
    sources: tuple[Source, ...]
    given: bool
    has_slot: bool


@dataclass(frozen=True, slots=True)
class Suggested:
    """The customer's last question, None where there is none, and the answers to it, likeliest first."""

    question: Message | None
    suggestions: tuple[Suggestion, ...]


async def suggest(service: Service, conversation_id: UUID) -> Suggested:
    """Suggest answers to an agent: also those that wait for a reviewer or hold something of one customer.

    Raises DialogueNotFoundError.
    """
    async with service.database.reading() as session:
        conversation = await conversations.get(session, conversation_id)
        end = conversation.last_seq + 1
        said = await messages.before(session, conversation_id, end, MESSAGES_LOOKED_AT)
    question = open_question(said)
    if question is None:
        return Suggested(None, ())
    before = messages.turns_of([one for one in said if one.seq < question.seq][-messages.HISTORY :])
    reply = await _considered(service, Query(question.words, before, conversation.collection))
    given = {one.answer.id for one in said if one.answer}
    async with service.database.reading() as session:
        kept = [one for one in reply.candidates if one.answer.status is not AnswerStatus.RETIRED][:MOST]
        return Suggested(question, tuple([await _suggestion(session, one, given) for one in kept]))


def open_question(messages: Sequence[Message]) -> Message | None:
    """The customer's last message that asks for something; a courtesy or a wish for a person only where all are."""
    asked = [said for said in messages if said.role is Role.CUSTOMER and has_words(said.words)]
    telling = [said for said in asked if small_talk(said.words) is None and not wants_person(said.text)]
    return next(reversed(telling or asked), None)


async def _considered(service: Service, query: Query) -> Reply:
    unsent = await service.serving.near_unsent(query, MOST_UNSENT)
    return await (service.serving.respond(query, unsent) if unsent else service.respond(query))


async def _suggestion(session: AsyncSession, candidate: Candidate, given: Collection[UUID]) -> Suggestion:
    sources = [
        Source(weighted, await dialogues.origin(session, weighted.position.turn_id)) for weighted in candidate.positions
    ]
    return Suggestion(
        answer=candidate.answer,
        score=candidate.score,
        probability=candidate.probability,
        sources=tuple(sources),
        given=candidate.answer.id in given,
        has_slot=privacy.has_slot(candidate.answer.text),
    )
