"""A judgement as a reviewer sees it: the conversation around the judged message, and what else the bot considered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answers, audit, conversations, dialogues, event_log, feedback, messages, notes, positions
from knowledge_base.answers import Answer, Revision
from knowledge_base.audit import Entry
from knowledge_base.conversations import Conversation
from knowledge_base.dialogues import StoredDialogue
from knowledge_base.feedback import Feedback
from knowledge_base.messages import Message
from knowledge_base.notes import Note
from knowledge_base.positions import Position
from weaver_core.dialogue import Role

BEFORE, AFTER = 12, 6


@dataclass(frozen=True, slots=True)
class Considered:
    """An answer that the bot considered for a turn, as it is now, with what the bot made of it then."""

    answer: Answer
    score: float | None
    probability: float | None
    shown: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judgement with all that is needed to decide on it. `messages` are those around the judged one, in order.

    `notes` are what agents noted on the conversation.
    """

    feedback: Feedback
    conversation: Conversation
    messages: tuple[Message, ...]
    judged: Message
    question: Message | None
    considered: tuple[Considered, ...]
    suggested: Answer | None
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A position of an answer's memory with the dialogue that it comes from, when it comes from one."""

    position: Position
    origin: StoredDialogue | None


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """All that is known of an answer: its memory, its wordings, and what was done with it, the newest first."""

    answer: Answer
    passages: tuple[Passage, ...]
    revisions: tuple[Revision, ...]
    trail: tuple[Entry, ...]


async def judgement(session: AsyncSession, feedback_id: UUID) -> Judgement:
    """One judgement. Raises FeedbackNotFoundError."""
    return await _around(session, await feedback.get(session, feedback_id))


async def around(session: AsyncSession, held: Sequence[Feedback]) -> list[Judgement]:
    """These judgements, in their order."""
    return [await _around(session, one) for one in held]


async def considered(session: AsyncSession, message: Message) -> tuple[Considered, ...]:
    """What the bot considered for a message of its own, best first; answers that are gone are left out."""
    if message.bot is None:
        return ()
    listed = {str(candidate.get("answer_id")): candidate for candidate in message.bot.candidates}
    found = await answers.by_public_ids(session, list(listed))
    return tuple(
        Considered(
            answer=found[answer_id],
            score=_number(candidate, "score"),
            probability=_number(candidate, "probability"),
            shown=message.answer is not None and found[answer_id].id == message.answer.id,
        )
        for answer_id, candidate in listed.items()
        if answer_id in found
    )


async def answer_file(session: AsyncSession, answer_id: str) -> AnswerFile:
    """An answer with its memory and its wordings. Raises AnswerNotFoundError."""
    answer = await answers.by_public_id(session, answer_id)
    held = await positions.of_answer(session, answer.id)
    passages = [Passage(position, await _origin(session, position)) for position in held]
    trail = await audit.of_subject(session, answer.answer_id)
    return AnswerFile(answer, tuple(passages), tuple(await answers.revisions(session, answer.id)), tuple(trail))


async def _around(session: AsyncSession, held: Feedback) -> Judgement:
    judged = await messages.get(session, held.message_id)
    events = await event_log.events_after(session, judged.conversation_id, max(0, judged.seq - BEFORE))
    said = [event for event in events if isinstance(event, Message)]
    # What a person finally said belongs to it, however much later that was.
    shown = [one for one in said if one.seq <= judged.seq + AFTER or one.role is Role.AGENT]
    suggested = None if held.suggested_answer_id is None else await answers.get(session, held.suggested_answer_id)
    return Judgement(
        feedback=held,
        conversation=await conversations.get(session, judged.conversation_id),
        messages=tuple(shown),
        judged=judged,
        question=await feedback.question_of(session, held),
        considered=await considered(session, judged),
        suggested=suggested,
        notes=tuple(await notes.of_conversation(session, judged.conversation_id)),
    )


async def _origin(session: AsyncSession, position: Position) -> StoredDialogue | None:
    return None if position.turn_id is None else await dialogues.of_turn(session, position.turn_id)


def _number(candidate: dict[str, Any], name: str) -> float | None:
    value = candidate.get(name)
    return float(value) if isinstance(value, int | float) else None
