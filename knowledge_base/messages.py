"""What was said in live conversations, with what the bot decided and what a customer showed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, and_, bindparam, exists, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import attachments
from knowledge_base.answers import Answer, to_answer
from knowledge_base.attachments import Attachment
from knowledge_base.conversations import Mode
from knowledge_base.errors import MessageNotFoundError
from knowledge_base.tables import AnswerRow, AttachmentRow, BotMessageRow, ConversationRow, EventRow, TurnRow
from knowledge_base.tables.base import now, table_of
from weaver_core.dialogue import Role, Turn
from weaver_core.texts.small_talk import SmallTalk

# Reasons of replies that no model was asked for.
ASKED_FOR_PERSON, PICKED = "asked_for_person", "picked"
WITHOUT_MODEL = (*(kind.value for kind in SmallTalk), ASKED_FOR_PERSON, PICKED)
# So much of what was said before counts for a turn.
HISTORY = 8

_TURN, _EVENT, _BOT, _ANSWER = map(table_of, (TurnRow, EventRow, BotMessageRow, AnswerRow))
# What `to_message` reads: an answer's columns keep their names.
COLUMNS = (
    *(column.label(f"turn_{column.name}") for column in _TURN.c),
    exists().where(table_of(AttachmentRow).c.turn_id == _TURN.c.id).label("turn_illustrated"),
    *(column.label(f"bot_{column.name}") for column in _BOT.c),
    *_ANSWER.c,
)
# Statements of a turn are built once: building one takes longer than SQLite takes to carry it out.
_ALL = select(*COLUMNS).select_from(
    _TURN.join(_EVENT, _EVENT.c.turn_id == _TURN.c.id)
    .outerjoin(_BOT, _BOT.c.turn_id == _TURN.c.id)
    .outerjoin(_ANSWER, _ANSWER.c.id == _BOT.c.answer_id)
)
_BY_ID = _ALL.where(_TURN.c.id == bindparam("message_id"))
_REPLIES = _ALL.where(
    _TURN.c.dialogue_id == bindparam("conversation_id"),
    _TURN.c.in_reply_to == bindparam("seq"),
    _TURN.c.role == Role.BOT.value,
).order_by(_TURN.c.ordinal)
_BEFORE = (
    _ALL.where(_TURN.c.dialogue_id == bindparam("conversation_id"), _TURN.c.ordinal < bindparam("seq"))
    .order_by(_TURN.c.ordinal.desc())
    .limit(bindparam("most", type_=Integer))
)


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


async def get(session: AsyncSession, message_id: UUID) -> Message:
    """One message. Raises MessageNotFoundError."""
    rows = (await session.execute(_BY_ID, {"message_id": message_id})).all()
    if not rows:
        raise MessageNotFoundError(message_id)
    (found,) = await to_messages(session, rows)
    return found


async def get_of_bot(session: AsyncSession, message_id: UUID) -> Message:
    """One message that the bot sent. Raises MessageNotFoundError for another one too."""
    found = await get(session, message_id)
    if found.role is not Role.BOT:
        raise MessageNotFoundError(message_id)
    return found


async def at(session: AsyncSession, conversation_id: UUID, seq: int) -> Message:
    """The message with this seq. Raises MessageNotFoundError."""
    found = (await at_each(session, {conversation_id: seq})).get(conversation_id)
    if found is None:
        raise MessageNotFoundError(seq)
    return found


async def at_each(session: AsyncSession, seqs: Mapping[UUID, int]) -> dict[UUID, Message]:
    """One message of each of these conversations, by its seq there."""
    places = [and_(_TURN.c.dialogue_id == one, _TURN.c.ordinal == seq) for one, seq in seqs.items()]
    rows = (await session.execute(_ALL.where(or_(false(), *places)))).all()
    return {said.conversation_id: said for said in await to_messages(session, rows)}


async def replies_to(session: AsyncSession, conversation_id: UUID, seq: int) -> list[Message]:
    """The bot's messages in reply to a customer's, in their order."""
    rows = await session.execute(_REPLIES, {"conversation_id": conversation_id, "seq": seq})
    return [to_message(row) for row in rows]


async def asked_in(session: AsyncSession, said: Message) -> Message | None:
    """The customer's message that one of the bot's replies to, its text cut to the part that this is an answer of."""
    if said.in_reply_to is None:
        return None
    asked = await at(session, said.conversation_id, said.in_reply_to)
    part = said.bot.asked if said.bot else None
    return replace(asked, text=asked.words[part[0] : part[1]], attachments=()) if part else asked


async def said_before(session: AsyncSession, conversation_id: UUID, seq: int) -> Message | None:
    """What the bot said right before a seq, None when it was somebody else who spoke there."""
    last = await before(session, conversation_id, seq, 1)
    return last[0] if last and last[0].bot is not None else None


async def before(session: AsyncSession, conversation_id: UUID, seq: int, limit: int = HISTORY) -> list[Message]:
    """The last messages before a seq, in their order."""
    rows = await session.execute(_BEFORE, {"conversation_id": conversation_id, "seq": seq, "most": limit})
    return await to_messages(session, rows.all()[::-1])


async def turns_before(
    session: AsyncSession, conversation_id: UUID, seq: int, limit: int = HISTORY
) -> tuple[Turn, ...]:
    """The last turns said before a seq, in their order, with what was read in customers' images."""
    return turns_of(await before(session, conversation_id, seq, limit))


def turns_of(messages: Sequence[Message]) -> tuple[Turn, ...]:
    """Messages as turns of a dialogue."""
    return tuple(Turn(said.role, said.words, said.at) for said in messages)


async def unanswered(session: AsyncSession, before: datetime, since: datetime | None = None) -> list[Message]:
    """Customers' messages stored before a moment that nobody answered while the bot had the turn.

    With `since`, conversations in which nothing happened since then are not looked at.
    """
    later, live = _TURN.alias(), table_of(ConversationRow)
    # What an agent says after a message answers it, even where the bot had not.
    answered = exists().where(
        later.c.dialogue_id == _TURN.c.dialogue_id,
        or_(
            and_(later.c.role == Role.BOT.value, later.c.in_reply_to == _TURN.c.ordinal),
            and_(later.c.role == Role.AGENT.value, later.c.ordinal > _TURN.c.ordinal),
        ),
    )
    query = (
        _ALL.join(live, live.c.dialogue_id == _TURN.c.dialogue_id)
        .where(
            _TURN.c.role == Role.CUSTOMER.value,
            _TURN.c.at < before,
            live.c.mode.in_([Mode.BOT.value, Mode.WAITING.value]),
            ~answered,
        )
        .order_by(_TURN.c.id)
    )
    if since is not None:
        query = query.where(live.c.updated_at >= since)
    return await to_messages(session, (await session.execute(query)).all())


async def to_messages(session: AsyncSession, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Message]:
    """The values of rows with `COLUMNS`, with their images."""
    images = await attachments.of_turns(session, [row.turn_id for row in rows if row.turn_illustrated])
    said = [to_message(row) for row in rows]
    return [replace(one, attachments=images[one.id]) if one.id in images else one for one in said]


def to_message(row: Row[*tuple[Any, ...]]) -> Message:
    """The value of a row with `COLUMNS`, without images."""
    return Message(
        seq=row.turn_ordinal,
        id=row.turn_id,
        conversation_id=row.turn_dialogue_id,
        role=Role(row.turn_role),
        text=row.turn_text,
        at=row.turn_at or now(),
        author=row.turn_author,
        client_id=row.turn_client_id,
        in_reply_to=row.turn_in_reply_to,
        bot=None if row.bot_turn_id is None else _to_decision(row),
        answer=None if row.id is None else to_answer(row),
    )


def _to_decision(row: Row[*tuple[Any, ...]]) -> BotDecision:
    return BotDecision(
        decision=row.bot_decision,
        confidence=row.bot_confidence,
        answer_id=row.bot_answer_id,
        candidates=row.bot_candidates,
        suggestions=row.bot_suggestions,
        model_version_id=row.bot_model_version_id,
        propensity=row.bot_propensity,
        taught_by=row.bot_taught_by,
        why=row.bot_why,
        asked=None if row.bot_asked_from is None else (row.bot_asked_from, row.bot_asked_to),
        sentiment=row.bot_sentiment,
        related=row.bot_related,
    )
