"""The change counter: what every running process follows to learn that a memory or the model is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.identifiers import new_id
from knowledge_base.tables import ChangeCounterRow, ChangeRow


class ChangeKind(StrEnum):
    """What changed: an answer with its memory, which model version is active.

    Or nothing that is served: something was erased, so that what is kept of it elsewhere must go; the indexes were
    written to disk, which is told by a mark.
    """

    ANSWER = "answer"
    MODEL = "model"
    ERASURE = "erasure"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Change:
    """The n-th change. It says what to read again, not what is new, so that replaying it is harmless."""

    number: int
    kind: ChangeKind
    subject_id: UUID


async def record(session: AsyncSession, kind: ChangeKind, subject_ids: Sequence[UUID]) -> None:
    """Say that these subjects changed, in the transaction that changes them.

    The counter's row stays locked until the commit, so numbers become visible in their order and without gaps.
    """
    subjects = list(dict.fromkeys(subject_ids))
    if not subjects:
        return
    counted = update(ChangeCounterRow).values(value=ChangeCounterRow.value + len(subjects))
    last = (await session.execute(counted.returning(ChangeCounterRow.value))).scalar_one()
    first = last - len(subjects) + 1
    rows = [{"number": first + i, "kind": kind.value, "subject_id": subject} for i, subject in enumerate(subjects)]
    await session.execute(insert(ChangeRow), rows)


async def hold(session: AsyncSession) -> None:
    """Let nobody else record a change before this transaction ends: what follows is decided by one at a time."""
    await session.execute(select(ChangeCounterRow.value).with_for_update())


async def mark(session: AsyncSession) -> Change:
    """Record a change that no other database has, unless it was copied from this one afterwards."""
    mark_id = new_id()
    await record(session, ChangeKind.MARK, [mark_id])
    return Change(await latest(session), ChangeKind.MARK, mark_id)


async def holds_mark(session: AsyncSession, number: int, mark_id: UUID) -> bool:
    """Whether this very mark is the change of that number: then both have the same history up to it."""
    row = await session.get(ChangeRow, number)
    return row is not None and row.kind == ChangeKind.MARK.value and row.subject_id == mark_id


async def latest(session: AsyncSession) -> int:
    """The number of the newest change, 0 before the first."""
    return (await session.execute(select(ChangeCounterRow.value))).scalar_one()


async def fit_is_older(session: AsyncSession) -> bool:
    """Whether an answer's memory changed after the active version did."""
    kinds = (ChangeKind.ANSWER.value, ChangeKind.MODEL.value)
    query = select(ChangeRow.kind).where(ChangeRow.kind.in_(kinds)).order_by(ChangeRow.number.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none() == ChangeKind.ANSWER.value


async def since(session: AsyncSession, number: int) -> list[Change]:
    """The changes after a number, oldest first."""
    query = select(ChangeRow).where(ChangeRow.number > number).order_by(ChangeRow.number)
    rows = (await session.execute(query)).scalars()
    return [Change(row.number, ChangeKind(row.kind), row.subject_id) for row in rows]
