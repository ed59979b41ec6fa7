"""The event log of live conversations, which a widget resumes from: messages and changes of who has the turn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import attachments, messages, news
from knowledge_base.answers import to_answer
from knowledge_base.conversations import Mode
from knowledge_base.errors import (
    ClientIdReusedError,
    ConversationClosedError,
    ConversationTakenError,
    DialogueNotFoundError,
)
from knowledge_base.identifiers import new_id
from knowledge_base.messages import BotDecision, Message
from knowledge_base.tables import AnswerRow, BotMessageRow, ConversationRow, EventRow, TurnRow
from knowledge_base.tables.base import now, table_of
from weaver_core.dialogue import Role

_CONVERSATION, _TURN, _EVENT, _BOT, _ANSWER = map(
    table_of, (ConversationRow, TurnRow, EventRow, BotMessageRow, AnswerRow)
)
# Statements of a turn are built once: building one takes longer than SQLite takes to carry it out.
_OWN = _CONVERSATION.c.dialogue_id == bindparam("conversation_id")
_TAKE_SEQ = (
    update(_CONVERSATION)
    .where(_OWN)
    .values(last_seq=_CONVERSATION.c.last_seq + 1, updated_at=bindparam("moment"))
    .returning(_CONVERSATION.c.last_seq, _CONVERSATION.c.mode, _CONVERSATION.c.agent)
)
_SET_SEQ = update(_CONVERSATION).where(_OWN).values(last_seq=bindparam("seq"))
_SET_MODE = update(_CONVERSATION).where(_OWN).values(mode=bindparam("taken_by"), agent=bindparam("name"))
_SENT = select(_TURN.c.id, _TURN.c.text, _TURN.c.ordinal, _TURN.c.at).where(
    _TURN.c.dialogue_id == bindparam("conversation_id"), _TURN.c.client_id == bindparam("client_id")
)
_ANSWERED = select(
    exists().where(
        _TURN.c.dialogue_id == bindparam("conversation_id"),
        _TURN.c.in_reply_to == bindparam("seq"),
        _TURN.c.role == Role.BOT.value,
    )
)
_ANSWER_BY_ID = select(_ANSWER).where(_ANSWER.c.id == bindparam("answer_id"))
_EVENTS_AFTER = (
    select(
        _EVENT.c.seq.label("event_seq"),
        _EVENT.c.mode.label("event_mode"),
        _EVENT.c.at.label("event_at"),
        *messages.COLUMNS,
    )
    .select_from(
        _EVENT.outerjoin(_TURN, _TURN.c.id == _EVENT.c.turn_id)
        .outerjoin(_BOT, _BOT.c.turn_id == _EVENT.c.turn_id)
        .outerjoin(_ANSWER, _ANSWER.c.id == _BOT.c.answer_id)
    )
    .where(_EVENT.c.dialogue_id == bindparam("conversation_id"), _EVENT.c.seq > bindparam("seq"))
    .order_by(_EVENT.c.seq)
)


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


@dataclass(frozen=True, slots=True)
class _Turn:
    """The next place in a log, and who has the turn there."""

    seq: int
    mode: Mode
    agent: str | None


async def add_customer_message(
    session: AsyncSession, conversation_id: UUID, client_id: str, text: str, attachment_ids: Sequence[UUID] = ()
) -> Stored:
    """Store what a customer wrote and the images that go with it, once for each client_id.

    Raises ClientIdReusedError, ConversationClosedError, DialogueNotFoundError, AttachmentNotFoundError,
    AttachmentSentError.
    """
    # The conversation's row is locked first, so that two senders of one client_id cannot both find it new.
    turn = await _take_seq(session, conversation_id)
    message = Message(turn.seq, new_id(), conversation_id, Role.CUSTOMER, text, now(), client_id=client_id)
    query = {"conversation_id": conversation_id, "client_id": client_id}
    held = (await session.execute(_SENT, query)).one_or_none()
    if held is not None:
        await _give_seq_back(session, conversation_id, turn.seq)
        images = await attachments.of_turn(session, held.id)
        if (held.text, [image.id for image in images]) != (text, list(attachment_ids)):
            raise ClientIdReusedError(client_id)
        first = replace(message, seq=held.ordinal, id=held.id, at=held.at, attachments=images)
        return Stored(first, duplicate=True)
    if turn.mode is Mode.CLOSED:
        raise ConversationClosedError
    await _append(session, message)
    images = await attachments.claim(session, conversation_id, message.id, attachment_ids)
    return Stored(replace(message, attachments=images), duplicate=False)


async def add_bot_message(
    session: AsyncSession, conversation_id: UUID, in_reply_to: int, text: str, decision: BotDecision
) -> Message | None:
    """Store the bot's message, unless a person has taken the turn or it was answered meanwhile (then None)."""
    turn = await _take_seq(session, conversation_id)
    answered = await session.execute(_ANSWERED, {"conversation_id": conversation_id, "seq": in_reply_to})
    if turn.mode in (Mode.AGENT, Mode.CLOSED) or answered.scalar_one():
        await _give_seq_back(session, conversation_id, turn.seq)
        return None
    return await _append_bot_message(session, conversation_id, turn.seq, in_reply_to, text, decision)


async def add_further_bot_message(
    session: AsyncSession, conversation_id: UUID, in_reply_to: int, text: str, decision: BotDecision
) -> Message:
    """Store what else the bot says to a customer's message, in the transaction that stored the first of it."""
    turn = await _take_seq(session, conversation_id)
    return await _append_bot_message(session, conversation_id, turn.seq, in_reply_to, text, decision)


async def add_agent_message(session: AsyncSession, conversation_id: UUID, agent: str, text: str) -> Message:
    """Store what a person of the company wrote. Raises ConversationTakenError when it is another's conversation."""
    turn = await _take_seq(session, conversation_id)
    if turn.mode is Mode.CLOSED:
        raise ConversationClosedError
    if turn.mode is Mode.AGENT and turn.agent not in (None, agent):
        raise ConversationTakenError(str(turn.agent))
    message = Message(turn.seq, new_id(), conversation_id, Role.AGENT, text, now(), author=agent)
    return await _append(session, message)


async def add_system_message(session: AsyncSession, conversation_id: UUID, text: str) -> Message:
    """Store a notice that nobody wrote. Raises DialogueNotFoundError."""
    turn = await _take_seq(session, conversation_id)
    return await _append(session, Message(turn.seq, new_id(), conversation_id, Role.SYSTEM, text, now()))


async def set_mode(session: AsyncSession, conversation_id: UUID, mode: Mode, agent: str | None = None) -> Status | None:
    """Give the turn to somebody and log it; None when nothing changes.

    Raises ConversationTakenError when another agent holds the conversation, DialogueNotFoundError.
    """
    turn = await _take_seq(session, conversation_id)
    if mode is Mode.AGENT and turn.mode is Mode.AGENT and turn.agent != agent:
        raise ConversationTakenError(str(turn.agent))
    if mode is turn.mode:
        await _give_seq_back(session, conversation_id, turn.seq)
        return None
    name = agent if mode is Mode.AGENT else None
    await session.execute(_SET_MODE, {"conversation_id": conversation_id, "taken_by": mode.value, "name": name})
    status = Status(turn.seq, conversation_id, mode, now())
    await _log(session, conversation_id, turn.seq, status.at, mode=mode.value)
    return status


async def events_after(session: AsyncSession, conversation_id: UUID, seq: int) -> list[Event]:
    """The log's entries after a seq, in order."""
    rows = (await session.execute(_EVENTS_AFTER, {"conversation_id": conversation_id, "seq": seq})).all()
    said = iter(await messages.to_messages(session, [row for row in rows if row.event_mode is None]))
    return [next(said) if row.event_mode is None else _to_status(row, conversation_id) for row in rows]


def _to_status(row: Row[*tuple[Any, ...]], conversation_id: UUID) -> Status:
    return Status(row.event_seq, conversation_id, Mode(row.event_mode), row.event_at)


async def _append_bot_message(
    session: AsyncSession, conversation_id: UUID, seq: int, in_reply_to: int, text: str, decision: BotDecision
) -> Message:
    # The answer may have been erased between the read and this write; the message stands all the same.
    row = None
    if decision.answer_id is not None:
        row = (await session.execute(_ANSWER_BY_ID, {"answer_id": decision.answer_id})).one_or_none()
    decided = decision if row is not None else replace(decision, answer_id=None)
    answer = None if row is None else to_answer(row)
    message = Message(
        seq, new_id(), conversation_id, Role.BOT, text, now(), in_reply_to=in_reply_to, bot=decided, answer=answer
    )
    await _append(session, message)
    asked_from, asked_to = decided.asked or (None, None)
    values = {
        "turn_id": message.id,
        "decision": decided.decision,
        "confidence": decided.confidence,
        "answer_id": decided.answer_id,
        "candidates": decided.candidates,
        "suggestions": decided.suggestions,
        "related": decided.related,
        "model_version_id": decided.model_version_id,
        "propensity": decided.propensity,
        "taught_by": decided.taught_by,
        "why": decided.why,
        "asked_from": asked_from,
        "asked_to": asked_to,
        "sentiment": decided.sentiment,
    }
    await session.execute(insert(_BOT), values)
    return message


async def _take_seq(session: AsyncSession, conversation_id: UUID) -> _Turn:
    """Take the next seq; the row's lock makes every other writer of this conversation wait for this commit."""
    taken = await session.execute(_TAKE_SEQ, {"conversation_id": conversation_id, "moment": now()})
    row = taken.one_or_none()
    if row is None:
        raise DialogueNotFoundError(conversation_id)
    return _Turn(row.last_seq, Mode(row.mode), row.agent)


async def _give_seq_back(session: AsyncSession, conversation_id: UUID, seq: int) -> None:
    await session.execute(_SET_SEQ, {"conversation_id": conversation_id, "seq": seq - 1})


async def _append(session: AsyncSession, message: Message) -> Message:
    values = {
        "id": message.id,
        "dialogue_id": message.conversation_id,
        "ordinal": message.seq,
        "role": message.role.value,
        "author": message.author,
        "text": message.text,
        "client_id": message.client_id,
        "in_reply_to": message.in_reply_to,
        "at": message.at,
    }
    await session.execute(insert(_TURN), values)
    await _log(session, message.conversation_id, message.seq, message.at, turn_id=message.id)
    return message


async def _log(
    session: AsyncSession,
    conversation_id: UUID,
    seq: int,
    at: datetime,
    *,
    turn_id: UUID | None = None,
    mode: str | None = None,
) -> None:
    values = {"dialogue_id": conversation_id, "seq": seq, "turn_id": turn_id, "mode": mode, "at": at}
    await session.execute(insert(_EVENT), values)
    await news.tell(session, conversation_id, seq)
