"""Live conversations: with whom, in which language, who has the turn, and how far the event log goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.errors import DialogueNotFoundError
from knowledge_base.identifiers import new_id
from knowledge_base.tables import ConversationRow, DialogueRow
from knowledge_base.tables.base import table_of

SOURCE = "chat"
# SQLite takes 32,766 parameters in one statement.
SEQS_AT_ONCE = 1_000

_DIALOGUE, _CONVERSATION = table_of(DialogueRow), table_of(ConversationRow)
# What `to_conversation` reads.
COLUMNS = (
    _DIALOGUE.c.id,
    _DIALOGUE.c.external_id,
    _DIALOGUE.c.channel,
    _DIALOGUE.c.customer,
    _DIALOGUE.c.collection,
    _DIALOGUE.c.created_at,
    _CONVERSATION.c.locale,
    _CONVERSATION.c.mode,
    _CONVERSATION.c.agent,
    _CONVERSATION.c.last_seq,
    _CONVERSATION.c.updated_at,
    _CONVERSATION.c.customer_name,
)
LIVE = _CONVERSATION.join(_DIALOGUE, _DIALOGUE.c.id == _CONVERSATION.c.dialogue_id)
_ALL = select(*COLUMNS).select_from(LIVE)
_BY_ID = _ALL.where(_DIALOGUE.c.id == bindparam("conversation_id"))


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
    return await get(session, dialogue.id)


async def get(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """The conversation with this key. Raises DialogueNotFoundError."""
    row = (await session.execute(_BY_ID, {"conversation_id": conversation_id})).one_or_none()
    if row is None:
        raise DialogueNotFoundError(conversation_id)
    return to_conversation(row)


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
    query = _ALL.where(_DIALOGUE.c.customer == customer).order_by(_DIALOGUE.c.id.desc()).limit(limit)
    return [to_conversation(row) for row in await session.execute(query)]


async def latest_open(session: AsyncSession, opening: Opening) -> Conversation | None:
    """The customer's newest conversation on this channel about this collection that nobody has closed."""
    query = _ALL.where(
        _DIALOGUE.c.customer == opening.customer,
        _DIALOGUE.c.channel == opening.channel,
        _DIALOGUE.c.collection == opening.collection,
        _CONVERSATION.c.mode != Mode.CLOSED.value,
    )
    row = (await session.execute(query.order_by(_DIALOGUE.c.id.desc()).limit(1))).one_or_none()
    return None if row is None else to_conversation(row)


async def set_locale(session: AsyncSession, conversation_id: UUID, locale: str) -> None:
    """Remember the language of the customer's interface."""
    await session.execute(
        update(ConversationRow).where(ConversationRow.dialogue_id == conversation_id).values(locale=locale)
    )


def to_conversation(row: Row[*tuple[Any, ...]]) -> Conversation:
    """The value of a row with `COLUMNS`."""
    return Conversation(
        id=row.id,
        external_id=row.external_id,
        channel=row.channel or "",
        locale=row.locale,
        customer=row.customer,
        collection=row.collection,
        mode=Mode(row.mode),
        agent=row.agent,
        last_seq=row.last_seq,
        created_at=row.created_at,
        updated_at=row.updated_at,
        customer_name=row.customer_name,
    )


async def _by_external_id(session: AsyncSession, external_id: str) -> Conversation | None:
    query = _ALL.where(_DIALOGUE.c.source == SOURCE, _DIALOGUE.c.external_id == external_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else to_conversation(row)
