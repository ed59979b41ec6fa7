"""A stream of turns that were answered at other times than now: stored as the service stores them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert

from knowledge_base import conversations
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from knowledge_base.tables import Base, BotMessageRow, ConversationRow, DialogueRow, EventRow, FeedbackRow, TurnRow

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Turn:
    """A customer's turn at a moment, and what became of it; `vote` is True for up, None for none."""

    text: str
    at: datetime
    decision: str = "answer"
    why: str = "answer"
    confidence: float = 0.9
    mood: float | None = 0.0
    wait: float = 0.15
    vote: bool | None = None
    answer_id: UUID | None = None
    channel: str = "widget"


async def replay(database: Database, turns: Sequence[Turn]) -> list[UUID]:
    """Store turns, each in a conversation of its own. Returns the bot's messages."""
    stored: list[UUID] = []
    for at in range(0, len(turns), AT_ONCE):
        stored += await _store(database, turns[at : at + AT_ONCE])
    return stored


async def _store(database: Database, turns: Sequence[Turn]) -> list[UUID]:
    rows: dict[type[Base], list[dict[str, object]]] = {
        table: [] for table in (DialogueRow, ConversationRow, TurnRow, EventRow, BotMessageRow, FeedbackRow)
    }
    stored: list[UUID] = []
    for turn in turns:
        dialogue, asked, said = new_id(), new_id(), new_id()
        stored.append(said)
        replied = turn.at + timedelta(seconds=turn.wait)
        both = {"dialogue_id": dialogue, "author": None, "client_id": None}
        rows[DialogueRow].append(
            {"id": dialogue, "source": conversations.SOURCE, "channel": turn.channel, "created_at": turn.at}
        )
        rows[ConversationRow].append({"dialogue_id": dialogue, "last_seq": 2, "updated_at": replied})
        rows[TurnRow] += [
            both
            | {"id": asked, "ordinal": 1, "role": "customer", "text": turn.text, "in_reply_to": None, "at": turn.at},
            both | {"id": said, "ordinal": 2, "role": "bot", "text": "words", "in_reply_to": 1, "at": replied},
        ]
        rows[EventRow] += [
            {"dialogue_id": dialogue, "seq": seq, "turn_id": id_, "at": turn.at} for seq, id_ in ((1, asked), (2, said))
        ]
        rows[BotMessageRow].append(
            {
                "turn_id": said,
                "decision": turn.decision,
                "why": turn.why,
                "confidence": turn.confidence,
                "candidates": [],
                "suggestions": [],
                "sentiment": turn.mood,
                "answer_id": turn.answer_id,
            }
        )
        if turn.vote is not None:
            rows[FeedbackRow].append(
                {
                    "id": new_id(),
                    "turn_id": said,
                    "dialogue_id": dialogue,
                    "rating": "up" if turn.vote else "down",
                    "rater": f"visitor:{dialogue}",
                    "rater_role": "visitor",
                    "created_at": replied,
                }
            )
    async with database.writing() as session:
        for table, held in rows.items():
            if held:
                await session.execute(insert(table), held)
    return stored
