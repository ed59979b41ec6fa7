"""Hand-off: a person takes a conversation, writes in it, gives it back to the bot, or closes it."""

from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk import own_answers
from bot.desk.writing import written
from bot.errors import SlotUnfilledError
from bot.judgements import review
from bot.judgements.review import Considered
from bot.service import Service
from knowledge_base import audit, conversations, event_log, privacy
from knowledge_base.conversations import Conversation, Mode
from knowledge_base.errors import ConversationClosedError, ConversationTakenError, KnowledgeError
from knowledge_base.event_log import Event
from knowledge_base.messages import Message

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Handed:
    """A conversation as an agent sees it. `tried` is what the bot considered last."""

    conversation: Conversation
    events: tuple[Event, ...]
    tried: tuple[Considered, ...]


async def handed(session: AsyncSession, conversation_id: UUID) -> Handed:
    """A conversation with its log. Raises DialogueNotFoundError."""
    conversation = await conversations.get(session, conversation_id)
    events = await event_log.events_after(session, conversation_id, 0)
    said = [event for event in events if isinstance(event, Message) and event.bot and event.bot.candidates]
    tried = await review.considered(session, said[-1]) if said else ()
    return Handed(conversation, tuple(events), tried)


async def take(service: Service, conversation_id: UUID, agent: str) -> Conversation:
    """Take the turn; the bot is silent from now on. Taking one's own again changes nothing.

    Raises ConversationTakenError, ConversationClosedError, DialogueNotFoundError.
    """
    return await _give_turn(service, conversation_id, agent, Mode.AGENT)


async def give_back(service: Service, conversation_id: UUID, agent: str) -> Conversation:
    """Let the bot answer again.

    Raises ConversationTakenError, ConversationClosedError, DialogueNotFoundError.
    """
    return await _give_turn(service, conversation_id, agent, Mode.BOT)


async def close(service: Service, conversation_id: UUID, agent: str) -> Conversation:
    """End the conversation.

    Raises ConversationTakenError, ConversationClosedError, DialogueNotFoundError.
    """
    return await _give_turn(service, conversation_id, agent, Mode.CLOSED)


async def say(service: Service, conversation_id: UUID, agent: str, text: str, suggested: str | None = None) -> Message:
    """Write to the customer, which takes the conversation if nobody has; the first answer is kept for a reviewer.

    `suggested` is the answer_id of the suggestion that the text was made from.
    Raises TextEmptyError, TextTooLongError, SlotUnfilledError, ConversationTakenError, ConversationClosedError,
    DialogueNotFoundError.
    """
    words = written(text, service.settings.text_limit)
    slot = privacy.first_slot(words)
    if slot is not None:
        raise SlotUnfilledError(slot)
    async with service.database.writing() as session:
        await _check_hold(session, conversation_id, agent)
        taken = await event_log.set_mode(session, conversation_id, Mode.AGENT, agent)
        said = await event_log.add_agent_message(session, conversation_id, agent, words)
    service.feed.publish(conversation_id, taken, said)
    try:
        await own_answers.keep(service, said, suggested)
    except KnowledgeError as error:
        # The customer has the answer; that it is kept for a reviewer is worth no error to the agent.
        _log.warning("own_answer_not_kept", message_id=str(said.id), reason=str(error))
    return said


async def _give_turn(service: Service, conversation_id: UUID, agent: str, mode: Mode) -> Conversation:
    async with service.database.writing() as session:
        await _check_hold(session, conversation_id, agent)
        status = await event_log.set_mode(session, conversation_id, mode, agent)
        if status is not None:
            await audit.record(session, agent, f"conversation {mode.value}", str(conversation_id))
        conversation = await conversations.get(session, conversation_id)
    service.feed.publish(conversation_id, status)
    return conversation


async def _check_hold(session: AsyncSession, conversation_id: UUID, agent: str) -> None:
    held = await conversations.hold(session, conversation_id)
    if held.mode is Mode.CLOSED:
        raise ConversationClosedError
    if held.mode is Mode.AGENT and held.agent != agent:
        raise ConversationTakenError(str(held.agent))
