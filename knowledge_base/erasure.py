"""Dialogues erased with all that came of them: turns, logs, judgements, positions, keys, answers of theirs alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import changes, vector_tables
from knowledge_base.answers import title_of
from knowledge_base.changes import ChangeKind
from knowledge_base.conversations import SOURCE
from knowledge_base.privacy import seen
from knowledge_base.tables import (
    MINED,
    AnswerRow,
    AttachmentRow,
    BotMessageRow,
    ConversationRow,
    DialogueRow,
    EventRow,
    FeedbackRow,
    HeardRow,
    KeyRow,
    NoteRow,
    PositionRow,
    ReviewMemberRow,
    ReviewNoteRow,
    ReviewVectorRow,
    RevisionRow,
    TurnRow,
)
from weaver_core.dialogue import PositionKind

DIALOGUES_A_STEP = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows of each kind went, and when the first of the dialogues was stored, None when there was none."""

    counts: Counter[str]
    earliest: datetime | None


def of_customer(customer: str) -> Select[UUID]:
    """The dialogues of one person: imported under their name, or live under their identity or external id."""
    live = and_(DialogueRow.source == SOURCE, DialogueRow.external_id == customer)
    return select(DialogueRow.id).where(or_(DialogueRow.customer == customer, live)).order_by(DialogueRow.id)


async def erase(session: AsyncSession, dialogue_ids: Sequence[UUID]) -> Erased:
    """Erase these dialogues and say to every process which answers' memories are new. Flushes, does not commit."""
    counts: Counter[str] = Counter()
    earliest: list[datetime] = []
    for start in range(0, len(dialogue_ids), DIALOGUES_A_STEP):
        step = _Step(dialogue_ids[start : start + DIALOGUES_A_STEP])
        stored = select(DialogueRow.created_at).where(DialogueRow.id.in_(step.dialogues))
        earliest += (await session.execute(stored.order_by(DialogueRow.created_at).limit(1))).scalars()
        counts.update(await step.erase(session))
    return Erased(counts, min(earliest, default=None))


class _Step:
    """A few dialogues, and the conditions that name what is theirs."""

    def __init__(self, dialogues: Sequence[UUID]) -> None:
        self.dialogues = dialogues
        self._turns = select(TurnRow.id).where(TurnRow.dialogue_id.in_(dialogues))
        self._judgements = select(FeedbackRow.id).where(FeedbackRow.dialogue_id.in_(dialogues))
        self._theirs = or_(PositionRow.turn_id.in_(self._turns), PositionRow.feedback_id.in_(self._judgements))

    async def erase(self, session: AsyncSession) -> Counter[str]:
        """Erase them. Returns the counts by kind."""
        touched = select(PositionRow.answer_id).where(self._theirs).distinct()
        answer_ids = list((await session.execute(touched.order_by(PositionRow.answer_id))).scalars())
        alone = select(AnswerRow.id).where(AnswerRow.id.in_(answer_ids), self._is_theirs_alone())
        rewritten = exists().where(RevisionRow.answer_id == AnswerRow.id, RevisionRow.number > 1)
        reworded = list((await session.execute(alone.where(rewritten))).scalars())
        gone = list((await session.execute(alone.where(~rewritten))).scalars())
        staying = [answer_id for answer_id in answer_ids if answer_id not in set(gone)]
        counts = Counter(retitled=await self._retitle(session, staying))
        # What stays of an answer that stays are its own sentences; what customers asked goes.
        leaving = or_(
            PositionRow.answer_id.in_(gone), and_(self._theirs, PositionRow.kind != PositionKind.SENTENCE.value)
        )
        doomed: list[tuple[str, Any, ColumnElement[bool]]] = [
            ("keys", KeyRow, KeyRow.position_id.in_(select(PositionRow.id).where(leaving))),
            ("positions", PositionRow, leaving),
            ("revisions", RevisionRow, or_(RevisionRow.answer_id.in_(gone), _is_superseded(reworded))),
            ("answers", AnswerRow, AnswerRow.id.in_(gone)),
            ("review_notes", ReviewNoteRow, ReviewNoteRow.turn_id.in_(self._turns)),
            ("question_vectors", ReviewVectorRow, ReviewVectorRow.turn_id.in_(self._turns)),
            ("heard", HeardRow, HeardRow.turn_id.in_(self._turns)),
            ("clustered", ReviewMemberRow, ReviewMemberRow.turn_id.in_(self._turns)),
            ("feedback", FeedbackRow, FeedbackRow.dialogue_id.in_(self.dialogues)),
            ("bot_messages", BotMessageRow, BotMessageRow.turn_id.in_(self._turns)),
            ("notes", NoteRow, NoteRow.dialogue_id.in_(self.dialogues)),
            ("attachments", AttachmentRow, AttachmentRow.dialogue_id.in_(self.dialogues)),
            ("events", EventRow, EventRow.dialogue_id.in_(self.dialogues)),
            ("turns", TurnRow, TurnRow.dialogue_id.in_(self.dialogues)),
            ("conversations", ConversationRow, ConversationRow.dialogue_id.in_(self.dialogues)),
            ("dialogues", DialogueRow, DialogueRow.id.in_(self.dialogues)),
        ]
        await vector_tables.erase(session, select(PositionRow.id).where(leaving))
        await seen.forget(session, await self._owners_without_others(session))
        for kind, table, condition in doomed:
            counts[kind] = (
                await session.execute(select(func.count()).select_from(table).where(condition))
            ).scalar_one()
            await session.execute(delete(table).where(condition).execution_options(synchronize_session=False))
        await changes.record(session, ChangeKind.ANSWER, answer_ids)
        await changes.record(session, ChangeKind.ERASURE, answer_ids[:1])
        return counts

    async def _owners_without_others(self, session: AsyncSession) -> list[str]:
        """Whom the particulars of these dialogues were counted for, but customers of whom other dialogues stay."""
        other = DialogueRow.__table__.alias("other")
        stays = exists().where(other.c.customer == DialogueRow.customer, other.c.id.not_in(self.dialogues))
        query = select(DialogueRow.customer, DialogueRow.external_id).where(DialogueRow.id.in_(self.dialogues), ~stays)
        return [seen.owner_of(customer, external_id or "") for customer, external_id in await session.execute(query)]

    def _is_theirs_alone(self) -> ColumnElement[bool]:
        """An answer that was mined, and that no other dialogue and no other judgement supports."""
        by_turn = and_(PositionRow.turn_id.is_not(None), PositionRow.turn_id.not_in(self._turns))
        by_judgement = and_(PositionRow.feedback_id.is_not(None), PositionRow.feedback_id.not_in(self._judgements))
        supported = exists().where(PositionRow.answer_id == AnswerRow.id, or_(by_turn, by_judgement))
        return and_(AnswerRow.origin == MINED, ~supported)

    async def _retitle(self, session: AsyncSession, answer_ids: Sequence[UUID]) -> int:
        """Give answers whose title is what these customers wrote a title in the answer's own words."""
        asked = select(PositionRow.answer_id, PositionRow.text).where(
            self._theirs, PositionRow.kind != PositionKind.SENTENCE.value
        )
        words: dict[UUID, str] = {}
        for answer_id, text in await session.execute(asked):
            words[answer_id] = f"{words.get(answer_id, '')}\n{' '.join(text.split())}"
        rows = (await session.execute(select(AnswerRow).where(AnswerRow.id.in_(answer_ids)))).scalars().all()
        titled = [row for row in rows if row.title.removesuffix("…") in words.get(row.id, "")]
        for row in titled:
            same = select(RevisionRow).where(RevisionRow.answer_id == row.id, RevisionRow.title == row.title)
            for revision in (await session.execute(same)).scalars():
                revision.title = title_of(revision.text)
            row.title = title_of(row.text)
        await session.flush()
        return len(titled)


def _is_superseded(answer_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """The wordings of these answers that a reviewer has replaced."""
    later = RevisionRow.__table__.alias("later")
    newer = exists().where(later.c.answer_id == RevisionRow.answer_id, later.c.number > RevisionRow.number)
    return and_(RevisionRow.answer_id.in_(answer_ids), newer)
