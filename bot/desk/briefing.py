"""What an agent reads first: why the bot handed over, how the customer sounds, what was said and tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import anyio.to_thread
import numpy as np

from bot.service import Service
from knowledge_base import conversations, event_log, feedback
from knowledge_base.conversations import Conversation, Mode
from knowledge_base.event_log import Event, Status
from knowledge_base.feedback import VISITOR, Feedback
from knowledge_base.messages import ASKED_FOR_PERSON, Message
from weaver_core import summary
from weaver_core.decision import Decision
from weaver_core.dialogue import Dialogue, Role, Turn
from weaver_core.encoders.encoder import Encoder
from weaver_core.texts.normalization import canonical

# How many of the customer's last messages tell how they sound.
MESSAGES_HEARD = 3
MOST_EARLIER = 5
# What is shorter is read as fast as its summary; of what is longer, so many last sentences are summed up.
FEWEST_SENTENCES, MOST_SENTENCES = 8, 60


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of the summary: who said it, and the seq of the message that it stands in."""

    text: str
    role: Role
    seq: int


@dataclass(frozen=True, slots=True)
class Tried:
    """An answer that the bot gave, and what the customer made of it: `up`, `down`, or None for nothing."""

    message: Message
    rating: str | None


@dataclass(frozen=True, slots=True)
class Brief:
    """What an agent reads first. `why` is the reason of the last hand-off, as the bot names it, empty without one.

    `sentiment` is how the customer's last messages sound, from -1 (angry) to 1 (pleased), None where nobody can tell.
    `earlier` are an identified customer's other conversations, the newest first.
    """

    why: str
    sentiment: float | None
    tried: tuple[Tried, ...]
    summary: tuple[Told, ...]
    earlier: tuple[Conversation, ...] = ()


async def brief(service: Service, conversation_id: UUID) -> Brief:
    """Sum up a conversation for whoever takes it. Raises DialogueNotFoundError."""
    async with service.database.reading() as session:
        held = await conversations.get(session, conversation_id)
        others = await conversations.of_customer(session, held.customer, MOST_EARLIER + 1) if held.customer else []
        events = await event_log.events_after(session, conversation_id, 0)
        judged = await feedback.of_conversation(session, conversation_id)
    messages = [event for event in events if isinstance(event, Message)]
    summed = await anyio.to_thread.run_sync(partial(_summary, messages, service.serving.encoders[-1]))
    earlier = tuple(one for one in others if one.id != conversation_id)[:MOST_EARLIER]
    return Brief(why_handed_over(events), _sentiment(messages), _tried(messages, judged), summed, earlier)


def why_handed_over(events: Sequence[Event]) -> str:
    """The reason of the last hand-off: the bot's, or the customer's wish where they pressed the button."""
    for place in range(len(events) - 1, -1, -1):
        event = events[place]
        if isinstance(event, Status) and event.mode is Mode.WAITING:
            said = [one for one in reversed(events[:place]) if isinstance(one, Message)]
            handed = next((one for one in said if one.role is Role.SYSTEM or _hands_off(one)), None)
            return handed.bot.why if handed and handed.bot else ASKED_FOR_PERSON
    return ""


def _hands_off(said: Message) -> bool:
    return said.bot is not None and said.bot.decision == Decision.HANDOFF


def _sentiment(messages: Sequence[Message]) -> float | None:
    """The mean of what the customer's last messages sound like. The parts of one answer heard one message."""
    heard = {said.in_reply_to: said.bot.sentiment for said in messages if said.bot and said.bot.sentiment is not None}
    last = list(heard.values())[-MESSAGES_HEARD:]
    return sum(last) / len(last) if last else None


def _tried(messages: Sequence[Message], judged: Sequence[Feedback]) -> tuple[Tried, ...]:
    ratings = {one.message_id: one.rating for one in judged if one.rater_role == VISITOR}
    return tuple(Tried(said, ratings.get(said.id)) for said in messages if said.answer is not None)


def _summary(messages: Sequence[Message], encoder: Encoder) -> tuple[Told, ...]:
    """The sentences that tell most; what the bot says in its own words tells nothing."""
    telling = [said for said in messages if said.role in (Role.CUSTOMER, Role.AGENT) or said.answer is not None]
    dialogue = Dialogue("", tuple(Turn(said.role, said.words, said.at) for said in telling))
    spoken = summary.sentences_of(dialogue)[-MOST_SENTENCES:]
    if len(spoken) < FEWEST_SENTENCES:
        return ()
    vectors = encoder.encode([canonical(sentence.text) for sentence in spoken])
    if encoder.centred:
        vectors = vectors - vectors.mean(axis=0)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    chosen = [spoken[one.place] for one in summary.summarise(spoken, vectors)]
    return tuple(Told(sentence.text, sentence.role, telling[sentence.turn].seq) for sentence in chosen)
