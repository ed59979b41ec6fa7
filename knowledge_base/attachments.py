"""Images of a conversation: stored before the message that names them, then that message's for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base.errors import AttachmentNotFoundError, AttachmentSentError
from knowledge_base.identifiers import new_id
from knowledge_base.tables import AttachmentRow

# SQLite takes 32,766 parameters in one statement.
TURNS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Image:
    """An image as it is stored: its bytes, the type that they are of, its size in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is told of a stored image. `text` is what was read in it; None when it was not read."""

    id: UUID
    media_type: str
    width: int
    height: int
    text: str | None


async def add(session: AsyncSession, conversation_id: UUID, image: Image, text: str | None) -> Attachment:
    """Store an image for a message that is still to come."""
    row = AttachmentRow(
        id=new_id(),
        dialogue_id=conversation_id,
        media_type=image.media_type,
        width=image.width,
        height=image.height,
        content=image.content,
        text=text,
    )
    session.add(row)
    await session.flush()
    return Attachment(row.id, row.media_type, row.width, row.height, row.text)


async def image(session: AsyncSession, conversation_id: UUID, attachment_id: UUID) -> Image:
    """An image of this conversation. Raises AttachmentNotFoundError, for another conversation's too."""
    query = select(AttachmentRow.content, AttachmentRow.media_type, AttachmentRow.width, AttachmentRow.height)
    query = query.where(AttachmentRow.id == attachment_id, AttachmentRow.dialogue_id == conversation_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise AttachmentNotFoundError(attachment_id)
    return Image(*row)


async def claim(
    session: AsyncSession, conversation_id: UUID, turn_id: UUID, attachment_ids: Sequence[UUID]
) -> tuple[Attachment, ...]:
    """Make these images a message's, in their order.

    Raises AttachmentNotFoundError for what is not of this conversation, AttachmentSentError for another message's.
    """
    for place, attachment_id in enumerate(attachment_ids):
        mine = (AttachmentRow.id == attachment_id, AttachmentRow.dialogue_id == conversation_id)
        claiming = update(AttachmentRow).where(*mine, AttachmentRow.turn_id.is_(None))
        claiming = claiming.values(turn_id=turn_id, place=place).execution_options(synchronize_session=False)
        if (await session.execute(claiming.returning(AttachmentRow.id))).one_or_none() is None:
            held = (await session.execute(select(AttachmentRow.id).where(*mine))).one_or_none()
            raise AttachmentNotFoundError(attachment_id) if held is None else AttachmentSentError(attachment_id)
    return await of_turn(session, turn_id) if attachment_ids else ()


async def of_turn(session: AsyncSession, turn_id: UUID) -> tuple[Attachment, ...]:
    """The images of one message, in their order."""
    return (await of_turns(session, [turn_id])).get(turn_id, ())


async def of_turns(session: AsyncSession, turn_ids: Sequence[UUID]) -> dict[UUID, tuple[Attachment, ...]]:
    """The images of messages, in their order; messages without any are left out."""
    found: dict[UUID, tuple[Attachment, ...]] = {}
    for start in range(0, len(turn_ids), TURNS_AT_ONCE):
        some = turn_ids[start : start + TURNS_AT_ONCE]
        # All but the bytes.
        query = select(
            AttachmentRow.turn_id,
            AttachmentRow.id,
            AttachmentRow.media_type,
            AttachmentRow.width,
            AttachmentRow.height,
            AttachmentRow.text,
        ).where(AttachmentRow.turn_id.in_(some))
        for row in await session.execute(query.order_by(AttachmentRow.turn_id, AttachmentRow.place)):
            if row.turn_id is not None:
                attachment = Attachment(row.id, row.media_type, row.width, row.height, row.text)
                found[row.turn_id] = (*found.get(row.turn_id, ()), attachment)
    return found


async def drop_unsent(session: AsyncSession, before: datetime) -> None:
    """Erase images that were stored before a moment and that no message has named since."""
    left = delete(AttachmentRow).where(AttachmentRow.turn_id.is_(None), AttachmentRow.created_at < before)
    await session.execute(left.execution_options(synchronize_session=False))


def words(text: str, attachments: Sequence[Attachment]) -> str:
    """All that a message says: what was typed, then what was read in its images."""
    return "\n".join(part for part in (text, *(one.text for one in attachments)) if part)
