"""Old dialogues erased: those whose last turn is older than their collection keeps them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import audit, erasure
from knowledge_base.database import Database
from knowledge_base.erasure import DIALOGUES_A_STEP
from knowledge_base.forgetting import EXPIRED, schedule_retraining
from knowledge_base.tables import DialogueRow, TurnRow
from knowledge_base.watching import observations

ACTION = "retain"


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days a dialogue is kept after its last turn: by collection, and in all others; None is for ever."""

    days: int | None = None
    by_collection: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def is_limited(self) -> bool:
        """Whether anything is ever erased."""
        return self.days is not None or bool(self.by_collection)


def expired(retention: Retention, moment: datetime) -> Select[UUID]:
    """The dialogues that are kept no longer at a moment. A turn without a time counts as it was stored."""
    spoken = select(func.max(TurnRow.at)).where(TurnRow.dialogue_id == DialogueRow.id).scalar_subquery()
    last = func.coalesce(spoken, DialogueRow.created_at)
    over = [
        and_(DialogueRow.collection == collection, last < moment - timedelta(days=days))
        for collection, days in retention.by_collection.items()
    ]
    if retention.days is not None:
        others = DialogueRow.collection.not_in(list(retention.by_collection))
        over.append(and_(others, last < moment - timedelta(days=retention.days)))
    return select(DialogueRow.id).where(or_(false(), *over)).order_by(DialogueRow.id)


async def count_expired(session: AsyncSession, retention: Retention, moment: datetime) -> int:
    """How many dialogues `retain` would erase."""
    found = expired(retention, moment).order_by(None).subquery()
    return (await session.execute(select(func.count()).select_from(found))).scalar_one()


async def retain(database: Database, retention: Retention, moment: datetime, by: str) -> Counter[str]:
    """Erase what is kept no longer, in short transactions: one that is killed is completed by the next run."""
    counts: Counter[str] = Counter()
    while True:
        async with database.writing() as session:
            found = list((await session.execute(expired(retention, moment).limit(DIALOGUES_A_STEP))).scalars())
            if not found:
                break
            erased = await erasure.erase(session, found)
            versions = await schedule_retraining(session, erased.earliest, EXPIRED)
            await audit.record(session, by, ACTION, "dialogues", counts=dict(erased.counts), model_versions=versions)
        counts.update(erased.counts)
    while gone := await _retain_observations(database, retention, moment, by):
        counts["observations"] += gone
    return counts


async def _retain_observations(database: Database, retention: Retention, moment: datetime, by: str) -> int:
    """Erase some outside texts, whose source counts as their collection."""
    by_source = {source: moment - timedelta(days=days) for source, days in retention.by_collection.items()}
    before = None if retention.days is None else moment - timedelta(days=retention.days)
    async with database.writing() as session:
        gone = await observations.erase_some(session, observations.expired(before, by_source), DIALOGUES_A_STEP)
        if gone:
            await audit.record(session, by, ACTION, "observations", counts={"observations": gone})
    return gone
