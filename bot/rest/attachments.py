"""Images over REST: attached to a conversation before the message that names them, and given back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile

from bot.chat.events import AttachmentBody, to_attachment
from bot.errors import ForbiddenError, ImageTooLargeError
from bot.guards.caller import Caller
from bot.images import received
from bot.rest.conversations import entered
from bot.rest.identity import client_address, service_of, someone
from knowledge_base import attachments
from knowledge_base.accounts import AccountRole
from knowledge_base.attachments import Image
from knowledge_base.conversations import Conversation

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])

# No browser runs, frames or keeps what a customer sent.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


@router.post("/{conversation_id}/attachments")
async def attach_image(
    request: Request,
    conversation: Annotated[Conversation, Depends(entered)],
    caller: Annotated[Caller, Depends(someone)],
    file: Annotated[UploadFile, File(description="A PNG, JPEG, WebP or GIF image of at most 5 MB.")],
) -> AttachmentBody:
    """Store an image for a message of this conversation; the text in it is read."""
    service = service_of(request)
    service.limits.check_image(conversation.id, client_address(request) if caller.role is None else None)
    content = await file.read(received.MOST_BYTES + 1)
    if len(content) > received.MOST_BYTES:
        raise ImageTooLargeError(received.MOST_BYTES)
    return to_attachment(await service.attaching.attach(conversation, content))


@router.get("/{conversation_id}/attachments/{attachment_id}", response_class=Response)
async def get_image(
    request: Request,
    conversation: Annotated[Conversation, Depends(entered)],
    caller: Annotated[Caller, Depends(someone)],
    attachment_id: UUID,
) -> Response:
    """An image of this conversation, for its visitor, and for agents and above."""
    if caller.role is not None and not caller.has(AccountRole.AGENT):
        raise ForbiddenError("An image needs the conversation's token, or the role agent or above.")
    async with service_of(request).database.reading() as session:
        image = await attachments.image(session, conversation.id, attachment_id)
    disposition = f'attachment; filename="{attachment_id}.{_extension(image)}"'
    return Response(image.content, headers={**HEADERS, "Content-Disposition": disposition}, media_type=image.media_type)


def _extension(image: Image) -> str:
    return image.media_type.removeprefix("image/")
