"""Past dialogues as they were imported."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import attachments
from knowledge_base.errors import DialogueNotFoundError
from knowledge_base.identifiers import new_id
from knowledge_base.tables import ConversationRow, DialogueRow, TurnRow
from weaver_core.dialogue import Dialogue, Role, Turn


@dataclass(frozen=True, slots=True)
class StoredDialogue:
    """A dialogue with its key, and the keys of its turns in their order."""

    id: UUID
    source: str
    collection: str
    dialogue: Dialogue
    turn_ids: tuple[UUID, ...]


async def add(
    session: AsyncSession, dialogue: Dialogue, source: str, collection: str, content_hash: str
) -> StoredDialogue:
    """Store a past dialogue with all its turns."""
    row = DialogueRow(
        id=new_id(),
        source=source,
        external_id=dialogue.external_id,
        channel=dialogue.channel,
        language=dialogue.language,
        customer=dialogue.customer,
        collection=collection,
        resolved=dialogue.resolved,
        content_hash=content_hash,
    )
    session.add(row)
    await session.flush()
    turn_ids = [new_id() for _ in dialogue.turns]
    turns = [
        {
            "id": turn_ids[ordinal - 1],
            "dialogue_id": row.id,
            "ordinal": ordinal,
            "role": turn.role.value,
            "text": turn.text,
            "at": turn.at,
        }
        for ordinal, turn in enumerate(dialogue.turns, start=1)
    ]
    await session.execute(insert(TurnRow), turns)
    return StoredDialogue(row.id, source, collection, dialogue, tuple(turn_ids))


async def get(session: AsyncSession, dialogue_id: UUID) -> StoredDialogue:
    """The dialogue with this key. Raises DialogueNotFoundError."""
    row = await session.get(DialogueRow, dialogue_id)
    if row is None:
        raise DialogueNotFoundError(dialogue_id)
    query = select(TurnRow).where(TurnRow.dialogue_id == dialogue_id).order_by(TurnRow.ordinal)
    turns = (await session.execute(query)).scalars().all()
    images = await attachments.of_turns(session, [turn.id for turn in turns])
    dialogue = Dialogue(
        external_id=row.external_id or str(row.id),
        turns=tuple(
            Turn(Role(turn.role), attachments.words(turn.text, images.get(turn.id, ())), turn.at) for turn in turns
        ),
        customer=row.customer,
        channel=row.channel,
        language=row.language,
        resolved=row.resolved,
    )
    return StoredDialogue(row.id, row.source, row.collection, dialogue, tuple(turn.id for turn in turns))


async def of_turn(session: AsyncSession, turn_id: UUID) -> StoredDialogue | None:
    """The dialogue in which a turn was said, None when the turn is gone."""
    query = select(TurnRow.dialogue_id).where(TurnRow.id == turn_id)
    dialogue_id = (await session.execute(query)).scalar_one_or_none()
    return None if dialogue_id is None else await get(session, dialogue_id)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was said: the dialogue's public id, where that came from, and which turn it was, from 1."""

    dialogue_id: str
    source: str
    turn: int


async def origin(session: AsyncSession, turn_id: UUID | None) -> Origin | None:
    """Where a turn was said, None when it is gone or there never was one."""
    query = (
        select(DialogueRow.id, DialogueRow.external_id, DialogueRow.source, TurnRow.ordinal)
        .join(TurnRow, TurnRow.dialogue_id == DialogueRow.id)
        .where(TurnRow.id == turn_id)
    )
    found = (await session.execute(query)).one_or_none() if turn_id else None
    return None if found is None else Origin(found.external_id or str(found.id), found.source, found.ordinal)


async def newest_at(session: AsyncSession) -> datetime | None:
    """When something last happened in a live conversation, None when there is none."""
    return (await session.execute(select(func.max(ConversationRow.updated_at)))).scalar_one()


async def count(session: AsyncSession) -> int:
    """How many dialogues are stored, live ones included."""
    return (await session.execute(select(func.count()).select_from(DialogueRow))).scalar_one()
