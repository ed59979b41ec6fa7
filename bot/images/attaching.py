"""An image attached to a conversation: made ready, read, stored; a message may name it then."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import anyio.to_thread
from anyio import CapacityLimiter

from bot.images import received
from bot.images.reading import ImageReading
from knowledge_base import attachments, conversations
from knowledge_base.attachments import Attachment
from knowledge_base.conversations import Conversation, Mode
from knowledge_base.database import Database
from knowledge_base.errors import ConversationClosedError
from knowledge_base.tables.base import now

# An image that no message has named by then is erased.
UNSENT_FOR = timedelta(days=1)
# Images that are decoded at the same time, of some hundred megabytes each.
IMAGES_AT_ONCE = 2


class Attaching:
    """Images on their way into one process's database, so many at a time."""

    def __init__(self, database: Database) -> None:
        """Nothing is read before `running`."""
        self._database = database
        self._reading, self._decoding = ImageReading(), CapacityLimiter(IMAGES_AT_ONCE)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """The process that reads ends with this context."""
        async with self._reading.running():
            yield

    async def attach(self, conversation: Conversation, content: bytes) -> Attachment:
        """Store an image without its metadata, with the text that was read in it; it is there whole or not at all.

        Raises ConversationClosedError, DialogueNotFoundError, and what `received.prepared` raises.
        """
        if conversation.mode is Mode.CLOSED:
            raise ConversationClosedError
        image = await anyio.to_thread.run_sync(partial(received.prepared, content), limiter=self._decoding)
        text = await self._reading.read(image.content)
        async with self._database.writing() as session:
            # It may have been erased while the image was read.
            await conversations.hold(session, conversation.id)
            await attachments.drop_unsent(session, now() - UNSENT_FOR)
            return await attachments.add(session, conversation.id, image, text)
