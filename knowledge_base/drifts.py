"""Drift alarms: the replies that they are told from, when one began, what it is about, when it ended."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge_base import attachments, audit, changes
from knowledge_base.errors import DriftNotFoundError
from knowledge_base.feedback import UP, given
from knowledge_base.identifiers import new_id
from knowledge_base.messages import WITHOUT_MODEL
from knowledge_base.tables import BotMessageRow, DriftRow, FeedbackRow, ModelVersionRow, TurnRow
from knowledge_base.tables.base import now
from weaver_core.drift import Watch
from weaver_core.sequential import Counted

OPEN, OVER = "open", "over"
BEGAN, ENDED, ACCEPTED = "drift began", "drift ended", "accept drift"
TURNS_A_QUERY = 500


@dataclass(frozen=True, slots=True)
class Reply:
    """One of the bot's messages: how sure it was, which version said it, and the votes on it, True for up."""

    message_id: UUID
    confidence: float
    version_id: UUID | None
    votes: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A change that was just found: its first turn, the turn that showed it, the chart at that one.

    Of the turns `before` so many were more probably wrong than right.
    """

    since_turn_id: UUID
    seen_turn_id: UUID
    watch: Watch
    before: Counted


@dataclass(frozen=True, slots=True)
class Drift:
    """A stored alarm: since when it is or was, what the chart said, and turns that are typical of `typical_of`."""

    id: UUID
    state: str
    since: datetime
    since_turn_id: UUID
    seen_turn_id: UUID
    watch: Watch
    before: Counted
    typical: tuple[UUID, ...]
    typical_of: int
    began_at: datetime
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a customer asked in a turn that the bot replied to: `seq` is the customer's message in the conversation."""

    message_id: UUID
    conversation_id: UUID
    seq: int
    text: str
    at: datetime | None


async def replies(session: AsyncSession, since: UUID | None, latest: int) -> list[Reply]:
    """The newest of the bot's messages, from one on, oldest first, with the votes that count."""
    query = select(BotMessageRow.turn_id, BotMessageRow.confidence, BotMessageRow.model_version_id)
    query = query.where(BotMessageRow.why.not_in(WITHOUT_MODEL))
    if since is not None:
        query = query.where(BotMessageRow.turn_id >= since)
    rows = (await session.execute(query.order_by(BotMessageRow.turn_id.desc()).limit(latest))).all()[::-1]
    if not rows:
        return []
    voting = select(FeedbackRow.turn_id, FeedbackRow.rating).where(FeedbackRow.turn_id >= rows[0].turn_id, *given())
    votes: dict[UUID, list[bool]] = {}
    for turn_id, rating in await session.execute(voting.order_by(FeedbackRow.id)):
        votes.setdefault(turn_id, []).append(rating == UP)
    return [Reply(row.turn_id, row.confidence, row.model_version_id, tuple(votes.get(row.turn_id, ()))) for row in rows]


async def confidences(session: AsyncSession, version_ids: Iterable[UUID]) -> dict[UUID, float]:
    """How sure these versions were of the memory's own questions, left out; of those of which that is known."""
    query = select(ModelVersionRow.id, ModelVersionRow.metrics).where(ModelVersionRow.id.in_(list(version_ids)))
    found: dict[UUID, float] = {}
    for version_id, metrics in await session.execute(query):
        fits = [cast("dict[str, float]", fit) for fit in metrics.values() if isinstance(fit, dict)]
        known = [fit for fit in fits if "confidence" in fit]
        if known:
            questions = sum(fit["questions"] for fit in known)
            found[version_id] = sum(fit["questions"] * fit["confidence"] for fit in known) / questions
    return found


async def newest(session: AsyncSession) -> Drift | None:
    """The alarm that is open, else the last one that was; None before the first."""
    row = (await session.execute(select(DriftRow).order_by(DriftRow.id.desc()).limit(1))).scalar_one_or_none()
    return None if row is None else _to_drift(row)


async def current(session: AsyncSession) -> Drift | None:
    """The alarm that is open, None without one."""
    found = await newest(session)
    return found if found is not None and found.state == OPEN else None


async def begin(session: AsyncSession, found: Found, known: Drift | None, by: str) -> Drift | None:
    """Record an alarm, once: None where another process has recorded it since one was `known`."""
    await changes.hold(session)
    last = await newest(session)
    if (last and (last.id, last.state)) != (known and (known.id, known.state)):
        return None
    at = (await session.execute(select(TurnRow.at).where(TurnRow.id == found.since_turn_id))).scalar_one_or_none()
    row = DriftRow(
        id=new_id(),
        state=OPEN,
        since=at or now(),
        since_turn_id=found.since_turn_id,
        seen_turn_id=found.seen_turn_id,
        watch=asdict(found.watch),
        before_turns=found.before.total,
        before_unsure=round(found.before.happened),
        began_at=now(),
    )
    session.add(row)
    await session.flush()
    await audit.record(session, by, BEGAN, str(row.id), since=row.since.isoformat(), turns=found.watch.since.total)
    return _to_drift(row)


async def end(session: AsyncSession, drift_id: UUID, seen_turn_id: UUID, by: str) -> bool:
    """Record that an alarm is over, once: False where it was already."""
    return await _close(session, drift_id, {"seen_turn_id": seen_turn_id, "ended_by": by}, (ENDED, by))


async def accept(session: AsyncSession, drift_id: UUID, by: str) -> None:
    """End an alarm because this is what customers ask from now on. Raises DriftNotFoundError."""
    last = select(BotMessageRow.turn_id).order_by(BotMessageRow.turn_id.desc()).limit(1).scalar_subquery()
    seen = func.coalesce(last, DriftRow.seen_turn_id)
    if not await _close(session, drift_id, {"seen_turn_id": seen, "ended_by": by}, (ACCEPTED, by)):
        raise DriftNotFoundError(drift_id)


async def set_typical(session: AsyncSession, drift_id: UUID, turns: Sequence[UUID], of: int) -> None:
    """Keep the turns that are typical of so many."""
    named = [str(turn) for turn in turns]
    await session.execute(update(DriftRow).where(DriftRow.id == drift_id).values(typical=named, typical_of=of))


async def asked(session: AsyncSession, message_ids: Sequence[UUID]) -> list[Asked]:
    """What these messages of the bot reply to, in their order, those left out that were erased."""
    found: dict[UUID, Asked] = {}
    for start in range(0, len(message_ids), TURNS_A_QUERY):
        some = message_ids[start : start + TURNS_A_QUERY]
        said, question = aliased(TurnRow), aliased(TurnRow)
        both = (said.dialogue_id == question.dialogue_id) & (said.in_reply_to == question.ordinal)
        query = select(said.id, question, BotMessageRow.asked_from, BotMessageRow.asked_to).join(question, both)
        query = query.join(BotMessageRow, BotMessageRow.turn_id == said.id).where(said.id.in_(some))
        rows = (await session.execute(query)).all()
        images = await attachments.of_turns(session, [row[1].id for row in rows])
        for key, turn, begins, ends in rows:
            words = attachments.words(turn.text, images.get(turn.id, ()))
            found[key] = Asked(key, turn.dialogue_id, turn.ordinal, words[begins:ends], turn.at)
    return [found[message_id] for message_id in message_ids if message_id in found]


async def _close(session: AsyncSession, drift_id: UUID, values: dict[str, Any], said: tuple[str, str]) -> bool:
    closing = update(DriftRow).where(DriftRow.id == drift_id, DriftRow.state == OPEN)
    closing = closing.values(state=OVER, ended_at=now(), **values).returning(DriftRow.id)
    closed = (await session.execute(closing.execution_options(synchronize_session=False))).scalar_one_or_none()
    if closed is None:
        return False
    session.expire_all()
    action, by = said
    await audit.record(session, by, action, str(drift_id))
    return True


def _to_drift(row: DriftRow) -> Drift:
    held = row.watch
    return Drift(
        id=row.id,
        state=row.state,
        since=row.since,
        since_turn_id=row.since_turn_id,
        seen_turn_id=row.seen_turn_id,
        watch=Watch(Counted(**held["usual"]), Counted(**held["since"]), held["evidence"], held["bad"]),
        before=Counted(row.before_unsure, row.before_turns),
        typical=tuple(UUID(turn) for turn in row.typical),
        typical_of=row.typical_of,
        began_at=row.began_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
