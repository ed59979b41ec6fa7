"""A dialogue to be read: what was said in it, what the bot sent, and which answers learned from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import answer_search, dialogue_search, dialogues, event_log
from knowledge_base.answers import Answer
from knowledge_base.attachments import Attachment
from knowledge_base.dialogue_search import DialogueKind, Listed
from knowledge_base.errors import DialogueNotFoundError
from knowledge_base.messages import Message
from weaver_core.dialogue import Role


@dataclass(frozen=True, slots=True)
class Said:
    """One turn. `answer` is what the bot sent, `learned` are the answers whose memories hold something of this turn."""

    id: UUID
    role: Role
    author: str | None
    text: str
    at: datetime | None
    answer: Answer | None = None
    confidence: float | None = None
    decision: str | None = None
    attachments: tuple[Attachment, ...] = ()
    learned: tuple[Answer, ...] = ()

    @property
    def answer_id(self) -> str | None:
        """What every face calls the answer that was sent."""
        return self.answer.answer_id if self.answer else None

    @property
    def taught(self) -> list[str]:
        """What every face calls the answers that learned from this turn."""
        return [answer.answer_id for answer in self.learned]


@dataclass(frozen=True, slots=True)
class DialogueFile:
    """A dialogue with all that was said in it, in order."""

    listed: Listed
    said: tuple[Said, ...]


async def read(session: AsyncSession, dialogue_id: UUID) -> DialogueFile:
    """One dialogue. Raises DialogueNotFoundError for one that is erased, too."""
    listed = await dialogue_search.get(session, dialogue_id)
    if listed is None:
        raise DialogueNotFoundError(dialogue_id)
    if listed.kind is DialogueKind.LIVE:
        events = await event_log.events_after(session, dialogue_id, 0)
        messages = [event for event in events if isinstance(event, Message)]
        learned = await answer_search.learned_from(session, [message.id for message in messages])
        return DialogueFile(listed, tuple(_of_message(message, learned) for message in messages))
    stored = await dialogues.get(session, dialogue_id)
    learned = await answer_search.learned_from(session, stored.turn_ids)
    turns = zip(stored.turn_ids, stored.dialogue.turns, strict=True)
    said = [Said(key, turn.role, None, turn.text, turn.at, learned=tuple(learned.get(key, ()))) for key, turn in turns]
    return DialogueFile(listed, tuple(said))


def _of_message(message: Message, learned: Mapping[UUID, list[Answer]]) -> Said:
    return Said(
        id=message.id,
        role=message.role,
        author=message.author,
        text=message.text,
        at=message.at,
        answer=message.answer,
        confidence=message.bot.confidence if message.bot else None,
        decision=message.bot.decision if message.bot else None,
        attachments=message.attachments,
        learned=tuple(learned.get(message.id, ())),
    )
