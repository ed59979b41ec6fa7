"""How a model version does in service: thumbs-down among votes, hand-offs among turns, what a shadow would say."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.feedback import DOWN, given
from knowledge_base.messages import WITHOUT_MODEL
from knowledge_base.tables import BotMessageRow, FeedbackRow, ShadowReplyRow, TurnRow
from knowledge_base.tables.base import now

HANDOFF = "handoff"


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """What a version did: its turns and hand-offs, the votes on them and how many were thumbs-down.

    `taught` of the turns were answered mostly from what a judgement wrote.
    """

    turns: int
    handoffs: int
    votes: int
    downs: int
    taught: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """From one of the bot's messages on, and before another one; ids grow with time."""

    since: UUID | None = None
    before: UUID | None = None

    def holds(self) -> tuple[ColumnElement[bool], ...]:
        """That a message of the bot is within."""
        found: list[ColumnElement[bool]] = []
        if self.since is not None:
            found.append(BotMessageRow.turn_id >= self.since)
        if self.before is not None:
            found.append(BotMessageRow.turn_id < self.before)
        return tuple(found)


EVER = Span()


@dataclass(frozen=True, slots=True)
class Unasked:
    """A turn that the active version answered and the one in its shadow was not asked yet; `seq` is the customer's."""

    message_id: UUID
    conversation_id: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class ShadowReply:
    """What a version would have said instead of a message."""

    message_id: UUID
    decision: str
    answer_id: UUID | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often a shadow would have said the same as the version that answered, and how they differ."""

    turns: int
    same: int
    handoffs: int
    handoffs_answered: int


async def of_version(session: AsyncSession, version_id: UUID, latest: int, span: Span = EVER) -> LiveFigures:
    """A version's figures over its newest turns, and over the newest votes on what it said."""
    own = (BotMessageRow.model_version_id == version_id, *span.holds())
    turns = select(BotMessageRow.decision, BotMessageRow.taught_by).where(*own)
    newest = turns.order_by(BotMessageRow.turn_id.desc()).limit(latest).subquery()
    counting = select(func.count(), _sum(newest.c.decision == HANDOFF), func.count(newest.c.taught_by))
    total, handoffs, taught = (await session.execute(counting)).one()
    judged = (
        select(FeedbackRow.rating)
        .join(BotMessageRow, BotMessageRow.turn_id == FeedbackRow.turn_id)
        .where(*own, *given())
    )
    votes = judged.order_by(FeedbackRow.id.desc()).limit(latest).subquery()
    voted, downs = (await session.execute(select(func.count(), _sum(votes.c.rating == DOWN)))).one()
    return LiveFigures(total, handoffs, voted, downs, taught)


async def newest_message(session: AsyncSession) -> UUID | None:
    """The bot's newest message; ids grow with time."""
    return (await session.execute(select(func.max(BotMessageRow.turn_id)))).scalar_one_or_none()


async def unasked(session: AsyncSession, version_id: UUID, after: UUID | None, limit: int) -> list[Unasked]:
    """The oldest of the bot's messages after one that a version in the shadow has not said anything to yet."""
    asked = exists().where(
        ShadowReplyRow.turn_id == BotMessageRow.turn_id, ShadowReplyRow.model_version_id == version_id
    )
    query = (
        select(TurnRow.id, TurnRow.dialogue_id, TurnRow.in_reply_to)
        .join(BotMessageRow, BotMessageRow.turn_id == TurnRow.id)
        .where(TurnRow.in_reply_to.is_not(None), BotMessageRow.why.not_in(WITHOUT_MODEL), ~asked)
        .order_by(BotMessageRow.turn_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(BotMessageRow.turn_id > after)
    return [Unasked(row.id, row.dialogue_id, row.in_reply_to) for row in await session.execute(query)]


async def keep_shadow(session: AsyncSession, version_id: UUID, replies: Sequence[ShadowReply]) -> None:
    """Store what a version would have said; of two processes that were asked at once, the first one's is kept."""
    for reply in replies:
        row = {
            "turn_id": reply.message_id,
            "model_version_id": version_id,
            "decision": reply.decision,
            "answer_id": reply.answer_id,
            "confidence": reply.confidence,
            "created_at": now(),
        }
        try:
            async with session.begin_nested():
                await session.execute(insert(ShadowReplyRow).values(row))
        except IntegrityError:
            # The other process's is kept, or the message or the answer was erased meanwhile.
            continue


async def agreement(session: AsyncSession, version_id: UUID) -> Agreement:
    """How a version in the shadow compares with what was said."""
    both = (
        select(
            ShadowReplyRow.decision.label("would"),
            BotMessageRow.decision.label("did"),
            ShadowReplyRow.answer_id.label("other"),
            BotMessageRow.answer_id.label("own"),
        )
        .join(BotMessageRow, BotMessageRow.turn_id == ShadowReplyRow.turn_id)
        .where(ShadowReplyRow.model_version_id == version_id)
        .subquery()
    )
    alike = both.c.other.is_not_distinct_from(both.c.own) & (both.c.would == both.c.did)
    handed = both.c.did == HANDOFF
    query = select(func.count(), _sum(alike), _sum(handed), _sum(handed & (both.c.would != HANDOFF)))
    turns, same, handoffs, answered = (await session.execute(query)).one()
    return Agreement(turns, same, handoffs, answered)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
