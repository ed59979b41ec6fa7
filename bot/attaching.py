"""An image attached to a conversation: made ready, read, stored; a message may name it then."""

from datetime import timedelta
from functools import partial

import anyio
import anyio.to_thread

from bot import images
from bot.service import Service
from knowledge_base import attachments, conversations
from knowledge_base.attachments import Attachment
from knowledge_base.conversations import Conversation, Mode
from knowledge_base.errors import ConversationClosedError
from knowledge_base.tables.base import now

# An image that no message has named by then is erased.
UNSENT_FOR = timedelta(days=1)


async def attach(service: Service, conversation: Conversation, content: bytes) -> Attachment:
    """Store an image without its metadata, with the text that was read in it; it is there whole or not at all.

    Raises ConversationClosedError, DialogueNotFoundError, and what `images.prepared` raises.
    """
    if conversation.mode is Mode.CLOSED:
        raise ConversationClosedError
    image = await anyio.to_thread.run_sync(partial(images.prepared, content), limiter=service.decoding)
    text = await service.image_reading.read(image.content)
    async with service.database.writing() as session:
        # It may have been erased while the image was read.
        await conversations.hold(session, conversation.id)
        await attachments.drop_unsent(session, now() - UNSENT_FOR)
        return await attachments.add(session, conversation.id, image, text)
