"""Pairs of answers that say the same or contradict each other: found, merged, kept apart, and merges undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge_base import answers, audit, changes
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.changes import ChangeKind
from knowledge_base.errors import PairDecidedError, PairNotFoundError
from knowledge_base.likeness import Likeness
from knowledge_base.tables import AnswerPairRow, AnswerRow, PositionRow
from knowledge_base.tables.base import now
from weaver_core.dialogue import PositionKind


class PairState(StrEnum):
    """What was decided about a pair. `KEPT`: both hold."""

    OPEN = "open"
    MERGED = "merged"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """Two answers found alike. `first` is the older one; of a merged pair it is the one that has the memory of both."""

    id: UUID
    kind: Likeness
    first: Answer
    second: Answer
    similarity: float
    state: PairState
    decided_by: str | None
    decided_at: datetime | None


async def record(session: AsyncSession, kind: Likeness, first_id: UUID, second_id: UUID, similarity: float) -> UUID:
    """Note two answers as alike, the one that is to be kept first. Returns the pair's id, of a known pair too.

    A pair that was decided on stays as it was decided.
    """
    both = {first_id, second_id}
    query = select(AnswerPairRow).where(AnswerPairRow.first_id.in_(both), AnswerPairRow.second_id.in_(both))
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        row = AnswerPairRow(first_id=first_id, second_id=second_id, kind=kind.value, state=PairState.OPEN.value)
        session.add(row)
    if row.state == PairState.OPEN.value:
        row.kind, row.similarity = kind.value, similarity
    await session.flush()
    return row.id


async def get(session: AsyncSession, pair_id: UUID) -> AnswerPair:
    """One pair. Raises PairNotFoundError."""
    return await _to_pair(session, await _row(session, pair_id))


async def find(
    session: AsyncSession, state: PairState = PairState.OPEN, kind: Likeness | None = None, limit: int = 50
) -> list[AnswerPair]:
    """The pairs of a state, the most alike first; an open one only while neither answer is retired."""
    first, second = aliased(AnswerRow), aliased(AnswerRow)
    query = (
        select(AnswerPairRow)
        .join(first, first.id == AnswerPairRow.first_id)
        .join(second, second.id == AnswerPairRow.second_id)
        .where(AnswerPairRow.state == state.value)
    )
    if state is PairState.OPEN:
        retired = AnswerStatus.RETIRED.value
        query = query.where(first.status != retired, second.status != retired)
    if kind is not None:
        query = query.where(AnswerPairRow.kind == kind.value)
    rows = (
        await session.execute(query.order_by(AnswerPairRow.similarity.desc(), AnswerPairRow.id).limit(limit))
    ).scalars()
    return await _to_pairs(session, list(rows))


async def of_answer(session: AsyncSession, answer_id: UUID) -> list[AnswerPair]:
    """The pairs that an answer is in, undecided ones first."""
    query = select(AnswerPairRow).where(or_(AnswerPairRow.first_id == answer_id, AnswerPairRow.second_id == answer_id))
    rows = (await session.execute(query.order_by(AnswerPairRow.state.desc(), AnswerPairRow.id))).scalars()
    return await _to_pairs(session, list(rows))


async def count(session: AsyncSession, state: PairState) -> dict[Likeness, int]:
    """How many pairs of each kind are in a state."""
    query = select(AnswerPairRow.kind, func.count()).where(AnswerPairRow.state == state.value)
    counted = {Likeness(kind): number for kind, number in await session.execute(query.group_by(AnswerPairRow.kind))}
    return {kind: counted.get(kind, 0) for kind in Likeness}


async def merge(session: AsyncSession, pair_id: UUID, by: str) -> AnswerPair:
    """Give the second answer's questions to the first one and retire the second; nothing is deleted.

    Raises PairNotFoundError, PairDecidedError.
    """
    row = await _open_row(session, pair_id)
    kept = select(PositionRow.content_hash).where(PositionRow.answer_id == row.first_id)
    moving = select(PositionRow.id).where(
        PositionRow.answer_id == row.second_id,
        PositionRow.kind != PositionKind.SENTENCE.value,
        PositionRow.content_hash.not_in(kept),
    )
    moved = list((await session.execute(moving.order_by(PositionRow.id))).scalars())
    await _give(session, moved, row.first_id)
    second = await answers.get(session, row.second_id)
    await answers.set_status(session, row.second_id, AnswerStatus.RETIRED)
    row.undo = {"positions": [str(position_id) for position_id in moved], "status": second.status.value}
    return await _decide(session, row, PairState.MERGED, by)


async def merge_into_second(session: AsyncSession, pair_id: UUID, by: str) -> AnswerPair:
    """The same with the second answer kept, which becomes the first of the pair.

    Raises PairNotFoundError, PairDecidedError.
    """
    row = await _open_row(session, pair_id)
    row.first_id, row.second_id = row.second_id, row.first_id
    await session.flush()
    return await merge(session, pair_id, by)


async def keep(session: AsyncSession, pair_id: UUID, by: str) -> AnswerPair:
    """Say that both answers hold. Raises PairNotFoundError, PairDecidedError."""
    return await _decide(session, await _open_row(session, pair_id), PairState.KEPT, by)


async def undo(session: AsyncSession, pair_id: UUID, by: str) -> AnswerPair:
    """Take a decision back: the second answer has its questions and its status again.

    What was merged is not merged again by itself: both are said to hold. A pair that was kept is open again.
    Raises PairNotFoundError; an open pair stays as it is.
    """
    row = await _row(session, pair_id)
    if row.state == PairState.MERGED.value:
        moved = [UUID(position_id) for position_id in row.undo["positions"]]
        present = select(PositionRow.id).where(PositionRow.id.in_(moved), PositionRow.answer_id == row.first_id)
        await _give(session, list((await session.execute(present)).scalars()), row.second_id)
        await answers.set_status(session, row.second_id, AnswerStatus(row.undo["status"]))
        row.undo = {}
        return await _decide(session, row, PairState.KEPT, by)
    return await _decide(session, row, PairState.OPEN, by)


async def merged_into(session: AsyncSession, answer_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Those of these answers that were merged, and the answers that have their memories now."""
    ends = {answer_id: answer_id for answer_id in answer_ids}
    while True:
        query = select(AnswerPairRow.second_id, AnswerPairRow.first_id).where(
            AnswerPairRow.second_id.in_(set(ends.values())), AnswerPairRow.state == PairState.MERGED.value
        )
        step = {row.second_id: row.first_id for row in await session.execute(query)}
        if not step:
            return {answer_id: end for answer_id, end in ends.items() if end != answer_id}
        ends = {answer_id: step.get(end, end) for answer_id, end in ends.items()}


async def _give(session: AsyncSession, position_ids: list[UUID], answer_id: UUID) -> None:
    given = update(PositionRow).where(PositionRow.id.in_(position_ids)).values(answer_id=answer_id)
    await session.execute(given.execution_options(synchronize_session=False))


async def _decide(session: AsyncSession, row: AnswerPairRow, state: PairState, by: str) -> AnswerPair:
    before, row.state = row.state, state.value
    row.decided_by, row.decided_at = by, now()
    await session.flush()
    await changes.record(session, ChangeKind.ANSWER, [row.first_id, row.second_id])
    await audit.record(session, by, "pair", str(row.id), before=before, after=state.value)
    return await _to_pair(session, row)


async def _row(session: AsyncSession, pair_id: UUID) -> AnswerPairRow:
    row = await session.get(AnswerPairRow, pair_id, with_for_update=True)
    if row is None:
        raise PairNotFoundError(pair_id)
    return row


async def _open_row(session: AsyncSession, pair_id: UUID) -> AnswerPairRow:
    row = await _row(session, pair_id)
    if row.state != PairState.OPEN.value:
        raise PairDecidedError(row.state, row.decided_by)
    return row


async def _to_pair(session: AsyncSession, row: AnswerPairRow) -> AnswerPair:
    return (await _to_pairs(session, [row]))[0]


async def _to_pairs(session: AsyncSession, rows: Sequence[AnswerPairRow]) -> list[AnswerPair]:
    held = await answers.by_ids(session, {answer_id for row in rows for answer_id in (row.first_id, row.second_id)})
    return [
        AnswerPair(
            id=row.id,
            kind=Likeness(row.kind),
            first=held[row.first_id],
            second=held[row.second_id],
            similarity=row.similarity,
            state=PairState(row.state),
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row in rows
    ]
