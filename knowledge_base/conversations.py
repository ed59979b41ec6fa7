"""Live conversations: who has the turn, and the event log that a widget resumes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, false, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge_base import attachments, news
from knowledge_base.answers import Answer, to_answer
from knowledge_base.attachments import Attachment
from knowledge_base.errors import (
    ClientIdReusedError,
    ConversationClosedError,
    ConversationTakenError,
    DialogueNotFoundError,
    MessageNotFoundError,
)
from knowledge_base.identifiers import new_id
from knowledge_base.tables import AnswerRow, BotMessageRow, ConversationRow, DialogueRow, EventRow, TurnRow
from knowledge_base.tables.base import now
from weaver_core.dialogue import Role, Turn
from weaver_core.texts.small_talk import SmallTalk

SOURCE = "chat"
# SQLite takes 32,766 parameters in one statement.
SEQS_AT_ONCE = 1_000
# Reasons of replies that no model was asked for.
ASKED_FOR_PERSON, PICKED = "asked_for_person", "picked"
WITHOUT_MODEL = (*(kind.value for kind in SmallTalk), ASKED_FOR_PERSON, PICKED)
# So much of what was said before counts for a turn.
HISTORY = 8


class Mode(StrEnum):
    """Who has the turn: the bot, the bot while a person is awaited, a person, or nobody any more."""

    BOT = "bot"
    WAITING = "waiting"
    AGENT = "agent"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a conversation begins. `external_id` is the name that another program has for it."""

    external_id: str | None = None
    channel: str = "widget"
    locale: str = "en"
    customer: str | None = None
    collection: str = "default"
    customer_name: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A live conversation as it stands."""

    id: UUID
    external_id: str | None
    channel: str
    locale: str
    customer: str | None
    collection: str
    mode: Mode
    agent: str | None
    last_seq: int
    created_at: datetime
    updated_at: datetime
    customer_name: str | None = None


@dataclass(frozen=True, slots=True)
class BotDecision:
    """What the bot decided for a turn, as it is kept for judgement. Candidates are plain JSON values, best first.

    Suggestions are what was offered, each with its answer_id, title, position from 1, and propensity: the probability
    of standing there. `propensity` is that of all that was shown. `taught_by` is the judgement that wrote the position
    which weighed most in what was sent, None if none did. `why` is the reason, as the bot names it; `asked` is the
    part of the customer's message that is answered, None for all of it; `sentiment` is how that message sounds, from -1
    (angry) to 1 (pleased), None if nobody could tell. `related` are answers told beside it, each with its answer_id and
    title.
    """

    decision: str
    confidence: float
    answer_id: UUID | None = None
    candidates: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    suggestions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    model_version_id: UUID | None = None
    propensity: float = 1.0
    taught_by: UUID | None = None
    why: str = ""
    asked: tuple[int, int] | None = None
    sentiment: float | None = None
    related: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the log. `bot` and `answer` are set for what the bot said, `attachments` are a customer's."""

    seq: int
    id: UUID
    conversation_id: UUID
    role: Role
    text: str
    at: datetime
    author: str | None = None
    client_id: str | None = None
    in_reply_to: int | None = None
    bot: BotDecision | None = None
    answer: Answer | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def words(self) -> str:
        """All that was said: what was typed, then what was read in the images."""
        return attachments.words(self.text, self.attachments)


@dataclass(frozen=True, slots=True)
class Status:
    """One change of mode in the log."""

    seq: int
    conversation_id: UUID
    mode: Mode
    at: datetime


Event = Message | Status


@dataclass(frozen=True, slots=True)
class Stored:
    """A customer's message after it was stored; `duplicate` when it had been before."""

    message: Message
    duplicate: bool


async def open_conversation(session: AsyncSession, opening: Opening) -> Conversation:
    """Get the conversation with the opening's external id, or make one."""
    if opening.external_id is not None:
        found = await _by_external_id(session, opening.external_id)
        if found is not None:
            return found
    dialogue = DialogueRow(
        id=new_id(),
        source=SOURCE,
        external_id=opening.external_id,
        channel=opening.channel,
        customer=opening.customer,
        collection=opening.collection,
    )
    try:
        async with session.begin_nested():
            session.add(dialogue)
            await session.flush()
    except IntegrityError:
        # Another process made it in this very moment.
        found = await _by_external_id(session, str(opening.external_id))
        if found is None:
            raise
        return found
    conversation = ConversationRow(
        dialogue_id=dialogue.id,
        locale=opening.locale,
        mode=Mode.BOT.value,
        last_seq=0,
        customer_name=opening.customer_name,
    )
    session.add(conversation)
    await session.flush()
    return to_conversation(conversation, dialogue)


async def get(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """The conversation with this key. Raises DialogueNotFoundError."""
    query = select(ConversationRow, DialogueRow).join(DialogueRow, DialogueRow.id == ConversationRow.dialogue_id)
    row = (await session.execute(query.where(ConversationRow.dialogue_id == conversation_id))).one_or_none()
    if row is None:
        raise DialogueNotFoundError(conversation_id)
    return to_conversation(row[0], row[1])


async def hold(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """The conversation, kept from every other writer until the commit. Raises DialogueNotFoundError."""
    locked = select(ConversationRow.dialogue_id).where(ConversationRow.dialogue_id == conversation_id)
    await session.execute(locked.with_for_update())
    return await get(session, conversation_id)


async def last_seqs(session: AsyncSession, conversation_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How far these conversations' logs go."""
    query = select(ConversationRow.dialogue_id, ConversationRow.last_seq)
    seqs: dict[UUID, int] = {}
    for start in range(0, len(conversation_ids), SEQS_AT_ONCE):
        some = conversation_ids[start : start + SEQS_AT_ONCE]
        rows = await session.execute(query.where(ConversationRow.dialogue_id.in_(some)))
        seqs.update((row[0], row[1]) for row in rows)
    return seqs


async def count_in_mode(session: AsyncSession, mode: Mode) -> int:
    """How many conversations are in a mode."""
    query = select(func.count()).select_from(ConversationRow).where(ConversationRow.mode == mode.value)
    return (await session.execute(query)).scalar_one()


async def set_customer(session: AsyncSession, conversation_id: UUID, customer: str, name: str | None) -> None:
    """Remember whose conversation this is, and what they are called."""
    await session.execute(update(DialogueRow).where(DialogueRow.id == conversation_id).values(customer=customer))
    own = update(ConversationRow).where(ConversationRow.dialogue_id == conversation_id)
    await session.execute(own.values(customer_name=name))


async def of_customer(session: AsyncSession, customer: str, limit: int = 20) -> list[Conversation]:
    """An identified customer's conversations, the newest first."""
    query = select(ConversationRow, DialogueRow).join(DialogueRow, DialogueRow.id == ConversationRow.dialogue_id)
    query = query.where(DialogueRow.customer == customer).order_by(DialogueRow.id.desc()).limit(limit)
    return [to_conversation(conversation, dialogue) for conversation, dialogue in await session.execute(query)]


async def latest_open(session: AsyncSession, opening: Opening) -> Conversation | None:
    """The customer's newest conversation on this channel about this collection that nobody has closed."""
    query = (
        select(ConversationRow, DialogueRow)
        .join(DialogueRow, DialogueRow.id == ConversationRow.dialogue_id)
        .where(
            DialogueRow.customer == opening.customer,
            DialogueRow.channel == opening.channel,
            DialogueRow.collection == opening.collection,
            ConversationRow.mode != Mode.CLOSED.value,
        )
        .order_by(DialogueRow.id.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else to_conversation(row[0], row[1])


async def set_locale(session: AsyncSession, conversation_id: UUID, locale: str) -> None:
    """Remember the language of the customer's interface."""
    await session.execute(
        update(ConversationRow).where(ConversationRow.dialogue_id == conversation_id).values(locale=locale)
    )


async def add_customer_message(
    session: AsyncSession, conversation_id: UUID, client_id: str, text: str, attachment_ids: Sequence[UUID] = ()
) -> Stored:
    """Store what a customer wrote and the images that go with it, once for each client_id.

    Raises ClientIdReusedError, ConversationClosedError, DialogueNotFoundError, AttachmentNotFoundError,
    AttachmentSentError.
    """
    # The conversation's row is locked first, so that two senders of one client_id cannot both find it new.
    seq, mode = await _next_seq(session, conversation_id)
    query = select(TurnRow).where(TurnRow.dialogue_id == conversation_id, TurnRow.client_id == client_id)
    held = (await session.execute(query)).scalar_one_or_none()
    if held is not None:
        await _give_seq_back(session, conversation_id, seq)
        images = await attachments.of_turn(session, held.id)
        if (held.text, [image.id for image in images]) != (text, list(attachment_ids)):
            raise ClientIdReusedError(client_id)
        return Stored(replace(_to_message(held), attachments=images), duplicate=True)
    if mode is Mode.CLOSED:
        raise ConversationClosedError
    turn = TurnRow(
        id=new_id(),
        dialogue_id=conversation_id,
        ordinal=seq,
        role=Role.CUSTOMER.value,
        text=text,
        client_id=client_id,
        at=now(),
    )
    message = await _append(session, turn)
    images = await attachments.claim(session, conversation_id, message.id, attachment_ids)
    return Stored(replace(message, attachments=images), duplicate=False)


async def add_bot_message(
    session: AsyncSession, conversation_id: UUID, in_reply_to: int, text: str, decision: BotDecision
) -> Message | None:
    """Store the bot's message, unless a person has taken the turn or it was answered meanwhile (then None)."""
    seq, mode = await _next_seq(session, conversation_id)
    answered = select(func.count()).where(
        TurnRow.dialogue_id == conversation_id,
        TurnRow.in_reply_to == in_reply_to,
        TurnRow.role == Role.BOT.value,
    )
    if mode in (Mode.AGENT, Mode.CLOSED) or (await session.execute(answered)).scalar_one():
        await _give_seq_back(session, conversation_id, seq)
        return None
    return await _append_bot_message(session, conversation_id, seq, in_reply_to, text, decision)


async def add_further_bot_message(
    session: AsyncSession, conversation_id: UUID, in_reply_to: int, text: str, decision: BotDecision
) -> Message:
    """Store what else the bot says to a customer's message, in the transaction that stored the first of it."""
    seq, _ = await _next_seq(session, conversation_id)
    return await _append_bot_message(session, conversation_id, seq, in_reply_to, text, decision)


async def _append_bot_message(
    session: AsyncSession, conversation_id: UUID, seq: int, in_reply_to: int, text: str, decision: BotDecision
) -> Message:
    turn = TurnRow(
        id=new_id(),
        dialogue_id=conversation_id,
        ordinal=seq,
        role=Role.BOT.value,
        text=text,
        in_reply_to=in_reply_to,
        at=now(),
    )
    message = await _append(session, turn)
    # The answer may have been erased between the read and this write; the message stands all the same.
    answer = await session.get(AnswerRow, decision.answer_id) if decision.answer_id else None
    bot = BotMessageRow(
        turn_id=message.id,
        decision=decision.decision,
        confidence=decision.confidence,
        answer_id=answer.id if answer else None,
        candidates=decision.candidates,
        suggestions=decision.suggestions,
        model_version_id=decision.model_version_id,
        propensity=decision.propensity,
        taught_by=decision.taught_by,
        why=decision.why,
        asked_from=decision.asked[0] if decision.asked else None,
        asked_to=decision.asked[1] if decision.asked else None,
        sentiment=decision.sentiment,
        related=decision.related,
    )
    session.add(bot)
    await session.flush()
    return _to_message(turn, bot, answer)


async def add_agent_message(session: AsyncSession, conversation_id: UUID, agent: str, text: str) -> Message:
    """Store what a person of the company wrote. Raises ConversationTakenError when it is another's conversation."""
    conversation = await get(session, conversation_id)
    if conversation.mode is Mode.CLOSED:
        raise ConversationClosedError
    if conversation.mode is Mode.AGENT and conversation.agent not in (None, agent):
        raise ConversationTakenError(str(conversation.agent))
    seq, _ = await _next_seq(session, conversation_id)
    turn = TurnRow(
        id=new_id(),
        dialogue_id=conversation_id,
        ordinal=seq,
        role=Role.AGENT.value,
        author=agent,
        text=text,
        at=now(),
    )
    return await _append(session, turn)


async def add_system_message(session: AsyncSession, conversation_id: UUID, text: str) -> Message:
    """Store a notice that nobody wrote. Raises DialogueNotFoundError."""
    seq, _ = await _next_seq(session, conversation_id)
    turn = TurnRow(id=new_id(), dialogue_id=conversation_id, ordinal=seq, role=Role.SYSTEM.value, text=text, at=now())
    return await _append(session, turn)


async def set_mode(session: AsyncSession, conversation_id: UUID, mode: Mode, agent: str | None = None) -> Status | None:
    """Give the turn to somebody and log it; None when nothing changes.

    Raises ConversationTakenError when another agent holds the conversation, DialogueNotFoundError.
    """
    seq, held = await _next_seq(session, conversation_id)
    row = (
        await session.execute(select(ConversationRow).where(ConversationRow.dialogue_id == conversation_id))
    ).scalar_one()
    if mode is Mode.AGENT and held is Mode.AGENT and row.agent != agent:
        raise ConversationTakenError(str(row.agent))
    if mode is held:
        await _give_seq_back(session, conversation_id, seq)
        return None
    values = {"mode": mode.value, "agent": agent if mode is Mode.AGENT else None}
    await session.execute(
        update(ConversationRow).where(ConversationRow.dialogue_id == conversation_id).values(**values)
    )
    event = EventRow(dialogue_id=conversation_id, seq=seq, mode=mode.value, at=now())
    session.add(event)
    await session.flush()
    await news.tell(session, conversation_id, seq)
    return Status(seq, conversation_id, mode, event.at)


async def events_after(session: AsyncSession, conversation_id: UUID, seq: int) -> list[Event]:
    """The log's entries after a seq, in order."""
    query = (
        select(EventRow, TurnRow, BotMessageRow, AnswerRow)
        .outerjoin(TurnRow, TurnRow.id == EventRow.turn_id)
        .outerjoin(BotMessageRow, BotMessageRow.turn_id == EventRow.turn_id)
        .outerjoin(AnswerRow, AnswerRow.id == BotMessageRow.answer_id)
        .where(EventRow.dialogue_id == conversation_id, EventRow.seq > seq)
        .order_by(EventRow.seq)
    )
    events: list[Event] = []
    for event, turn, bot, answer in await session.execute(query):
        if event.mode is not None:
            events.append(Status(event.seq, conversation_id, Mode(event.mode), event.at))
        else:
            events.append(_to_message(turn, bot, answer))
    said = await _illustrated(session, [event for event in events if isinstance(event, Message)])
    images = {message.id: message for message in said}
    return [images[event.id] if isinstance(event, Message) else event for event in events]


async def message(session: AsyncSession, message_id: UUID) -> Message:
    """One message. Raises MessageNotFoundError."""
    row = (await session.execute(_messages().where(TurnRow.id == message_id))).one_or_none()
    if row is None:
        raise MessageNotFoundError(message_id)
    return (await _illustrated(session, [_to_message(*row)]))[0]


async def bot_message(session: AsyncSession, message_id: UUID) -> Message:
    """One message that the bot sent. Raises MessageNotFoundError for another one too."""
    found = await message(session, message_id)
    if found.role is not Role.BOT:
        raise MessageNotFoundError(message_id)
    return found


async def message_at(session: AsyncSession, conversation_id: UUID, seq: int) -> Message:
    """The message with this seq. Raises MessageNotFoundError."""
    query = select(EventRow.turn_id).where(EventRow.dialogue_id == conversation_id, EventRow.seq == seq)
    turn_id = (await session.execute(query)).scalar_one_or_none()
    if turn_id is None:
        raise MessageNotFoundError(seq)
    return await message(session, turn_id)


async def messages_at(session: AsyncSession, seqs: Mapping[UUID, int]) -> dict[UUID, Message]:
    """One message of each of these conversations, by its seq there."""
    places = [and_(TurnRow.dialogue_id == dialogue_id, TurnRow.ordinal == seq) for dialogue_id, seq in seqs.items()]
    rows = await session.execute(_messages().where(or_(false(), *places)))
    return {said.conversation_id: said for said in await _illustrated(session, [_to_message(*row) for row in rows])}


async def replies_to(session: AsyncSession, conversation_id: UUID, seq: int) -> list[Message]:
    """The bot's messages in reply to a customer's, in their order."""
    query = _messages().where(
        TurnRow.dialogue_id == conversation_id, TurnRow.in_reply_to == seq, TurnRow.role == Role.BOT.value
    )
    return [_to_message(*row) for row in await session.execute(query.order_by(TurnRow.ordinal))]


async def asked_in(session: AsyncSession, said: Message) -> Message | None:
    """The customer's message that one of the bot's replies to, its text cut to the part that this is an answer of."""
    if said.in_reply_to is None:
        return None
    asked = await message_at(session, said.conversation_id, said.in_reply_to)
    part = said.bot.asked if said.bot else None
    return replace(asked, text=asked.words[part[0] : part[1]], attachments=()) if part else asked


async def said_before(session: AsyncSession, conversation_id: UUID, seq: int) -> Message | None:
    """What the bot said right before a seq, None when it was somebody else who spoke there."""
    last = await messages_before(session, conversation_id, seq, 1)
    return last[0] if last and last[0].bot is not None else None


async def messages_before(
    session: AsyncSession, conversation_id: UUID, seq: int, limit: int = HISTORY
) -> list[Message]:
    """The last messages before a seq, in their order."""
    query = _messages().where(TurnRow.dialogue_id == conversation_id, TurnRow.ordinal < seq)
    rows = (await session.execute(query.order_by(TurnRow.ordinal.desc()).limit(limit))).all()
    return await _illustrated(session, [_to_message(*row) for row in reversed(rows)])


async def turns_before(
    session: AsyncSession, conversation_id: UUID, seq: int, limit: int = HISTORY
) -> tuple[Turn, ...]:
    """The last turns said before a seq, in their order, with what was read in customers' images."""
    return turns_of(await messages_before(session, conversation_id, seq, limit))


def turns_of(messages: Sequence[Message]) -> tuple[Turn, ...]:
    """Messages as turns of a dialogue."""
    return tuple(Turn(said.role, said.words, said.at) for said in messages)


async def unanswered(session: AsyncSession, before: datetime, since: datetime | None = None) -> list[Message]:
    """Customers' messages stored before a moment that nobody answered while the bot had the turn.

    With `since`, conversations in which nothing happened since then are not looked at.
    """
    later = aliased(TurnRow)
    # What an agent says after a message answers it, even where the bot had not.
    answered = exists().where(
        later.dialogue_id == TurnRow.dialogue_id,
        or_(
            and_(later.role == Role.BOT.value, later.in_reply_to == TurnRow.ordinal),
            and_(later.role == Role.AGENT.value, later.ordinal > TurnRow.ordinal),
        ),
    )
    query = (
        select(TurnRow)
        .join(ConversationRow, ConversationRow.dialogue_id == TurnRow.dialogue_id)
        .where(
            TurnRow.role == Role.CUSTOMER.value,
            TurnRow.at < before,
            ConversationRow.mode.in_([Mode.BOT.value, Mode.WAITING.value]),
            ~answered,
        )
        .order_by(TurnRow.id)
    )
    if since is not None:
        query = query.where(ConversationRow.updated_at >= since)
    return await _illustrated(session, [_to_message(row) for row in (await session.execute(query)).scalars()])


async def _by_external_id(session: AsyncSession, external_id: str) -> Conversation | None:
    query = select(ConversationRow, DialogueRow).join(DialogueRow, DialogueRow.id == ConversationRow.dialogue_id)
    query = query.where(DialogueRow.source == SOURCE, DialogueRow.external_id == external_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else to_conversation(row[0], row[1])


def _messages() -> Select[TurnRow, BotMessageRow, AnswerRow]:
    """Messages with what the bot decided and what it answered, where it was the bot."""
    query = select(TurnRow, BotMessageRow, AnswerRow).join(EventRow, EventRow.turn_id == TurnRow.id)
    query = query.outerjoin(BotMessageRow, BotMessageRow.turn_id == TurnRow.id)
    return query.outerjoin(AnswerRow, AnswerRow.id == BotMessageRow.answer_id)


async def _next_seq(session: AsyncSession, conversation_id: UUID) -> tuple[int, Mode]:
    """Take the next seq; the row's lock makes every other writer of this conversation wait for this commit."""
    counted = (
        update(ConversationRow)
        .where(ConversationRow.dialogue_id == conversation_id)
        .values(last_seq=ConversationRow.last_seq + 1, updated_at=now())
        .returning(ConversationRow.last_seq, ConversationRow.mode)
    )
    row = (await session.execute(counted)).one_or_none()
    if row is None:
        raise DialogueNotFoundError(conversation_id)
    return row[0], Mode(row[1])


async def _give_seq_back(session: AsyncSession, conversation_id: UUID, seq: int) -> None:
    await session.execute(
        update(ConversationRow).where(ConversationRow.dialogue_id == conversation_id).values(last_seq=seq - 1)
    )


async def _append(session: AsyncSession, turn: TurnRow) -> Message:
    session.add(turn)
    await session.flush()
    session.add(EventRow(dialogue_id=turn.dialogue_id, seq=turn.ordinal, turn_id=turn.id, at=turn.at or now()))
    await session.flush()
    await news.tell(session, turn.dialogue_id, turn.ordinal)
    return _to_message(turn)


async def _illustrated(session: AsyncSession, messages: Sequence[Message]) -> list[Message]:
    """The messages with their images."""
    asked = [message.id for message in messages if message.role is Role.CUSTOMER]
    images = await attachments.of_turns(session, asked)
    return [replace(message, attachments=images.get(message.id, ())) for message in messages]


def to_conversation(conversation: ConversationRow, dialogue: DialogueRow) -> Conversation:
    """The value of a live dialogue's two rows."""
    return Conversation(
        id=dialogue.id,
        external_id=dialogue.external_id,
        channel=dialogue.channel or "",
        locale=conversation.locale,
        customer=dialogue.customer,
        collection=dialogue.collection,
        mode=Mode(conversation.mode),
        agent=conversation.agent,
        last_seq=conversation.last_seq,
        created_at=dialogue.created_at,
        updated_at=conversation.updated_at,
        customer_name=conversation.customer_name,
    )


def _to_message(turn: TurnRow, bot: BotMessageRow | None = None, answer: AnswerRow | None = None) -> Message:
    decision = None
    if bot is not None:
        decision = BotDecision(
            decision=bot.decision,
            confidence=bot.confidence,
            answer_id=bot.answer_id,
            candidates=list(bot.candidates),
            suggestions=list(bot.suggestions),
            model_version_id=bot.model_version_id,
            propensity=bot.propensity,
            taught_by=bot.taught_by,
            why=bot.why,
            asked=None if bot.asked_from is None or bot.asked_to is None else (bot.asked_from, bot.asked_to),
            sentiment=bot.sentiment,
            related=list(bot.related),
        )
    return Message(
        seq=turn.ordinal,
        id=turn.id,
        conversation_id=turn.dialogue_id,
        role=Role(turn.role),
        text=turn.text,
        at=turn.at or now(),
        author=turn.author,
        client_id=turn.client_id,
        in_reply_to=turn.in_reply_to,
        bot=decision,
        answer=None if answer is None else to_answer(answer),
    )
