"""What is stored, taken out: all of one person, or the answers as FAQ lines that an import reads back."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ColumnElement, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import erasure, positions, table_rows
from knowledge_base.answers import AnswerStatus, to_answer
from knowledge_base.positions import Position
from knowledge_base.privacy import particulars, seen
from knowledge_base.tables import (
    AnswerRow,
    AttachmentRow,
    Base,
    BotMessageRow,
    ConversationRow,
    DialogueRow,
    EventRow,
    FeedbackRow,
    NoteRow,
    PositionRow,
    ReviewNoteRow,
    TurnRow,
)
from weaver_core.dialogue import PositionKind

ACTION = "export"
Rows = list[dict[str, Any]]


async def of_customer(session: AsyncSession, customer: str) -> dict[str, Rows]:
    """All rows of one person by table: what `forget` would look at, without the vectors, which hold nothing to read."""
    dialogues = list((await session.execute(erasure.of_customer(customer))).scalars())
    turns = select(TurnRow.id).where(TurnRow.dialogue_id.in_(dialogues))
    judgements = select(FeedbackRow.id).where(FeedbackRow.dialogue_id.in_(dialogues))
    theirs = or_(PositionRow.turn_id.in_(turns), PositionRow.feedback_id.in_(judgements))
    wanted: list[tuple[type[Base], ColumnElement[bool]]] = [
        (DialogueRow, DialogueRow.id.in_(dialogues)),
        (ConversationRow, ConversationRow.dialogue_id.in_(dialogues)),
        (TurnRow, TurnRow.dialogue_id.in_(dialogues)),
        (AttachmentRow, AttachmentRow.dialogue_id.in_(dialogues)),
        (NoteRow, NoteRow.dialogue_id.in_(dialogues)),
        (EventRow, EventRow.dialogue_id.in_(dialogues)),
        (BotMessageRow, BotMessageRow.turn_id.in_(turns)),
        (FeedbackRow, FeedbackRow.dialogue_id.in_(dialogues)),
        (ReviewNoteRow, ReviewNoteRow.turn_id.in_(turns)),
        (PositionRow, theirs),
        (AnswerRow, AnswerRow.id.in_(select(PositionRow.answer_id).where(theirs))),
    ]
    return {
        row.__tablename__: await _rows(session, Base.metadata.tables[row.__tablename__], which) for row, which in wanted
    }


async def faq(session: AsyncSession) -> AsyncIterator[dict[str, Any]]:
    """The approved answers that the bot may send, as FAQ lines, one for each question or for the title."""
    query = select(AnswerRow).where(AnswerRow.status == AnswerStatus.APPROVED.value, AnswerRow.personal.is_(False))
    for row in (await session.execute(query.order_by(AnswerRow.id))).scalars():
        answer = to_answer(row)
        held = await positions.of_answer(session, answer.id)
        asked = [one.text for one in held if one.kind is not PositionKind.SENTENCE and await _is_shown(session, one)]
        optional: dict[str, Any] = {
            "language": answer.language,
            "tags": list(answer.tags),
            "valid_from": answer.valid_from and answer.valid_from.isoformat(),
            "valid_until": answer.valid_until and answer.valid_until.isoformat(),
        }
        about: dict[str, Any] = {"answer": answer.text, "answer_id": answer.answer_id, "title": answer.title}
        about |= {"collection": answer.collection, **{name: value for name, value in optional.items() if value}}
        for question in asked or [answer.title]:
            yield {"question": question, **about}


async def _is_shown(session: AsyncSession, position: Position) -> bool:
    """A question that a customer wrote leaves only if nothing in it was seen with that customer alone."""
    return position.turn_id is None or not await seen.lonely(session, particulars.of(position.text))


async def _rows(session: AsyncSession, table: Table, which: ColumnElement[bool]) -> Rows:
    query = select(table).where(which).order_by(*table.primary_key.columns)
    return [table_rows.to_json(table, row) for row in (await session.execute(query)).mappings()]
