"""What a judgement is about: the customer's question, masked, and the bot's message in reply to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from knowledge_base import conversations, messages, privacy
from knowledge_base.database import Database
from knowledge_base.errors import MessageNotFoundError
from knowledge_base.messages import Message
from knowledge_base.privacy import codes
from weaver_core.dialogue import Role
from weaver_core.texts.normalization import clean


@dataclass(frozen=True, slots=True)
class JudgedTurn:
    """A bot's message, the turn that it replies to, what was asked there, masked, and the conversation's collection."""

    message: Message
    turn_id: UUID
    question: str
    collection: str


async def read(database: Database, contacts: Sequence[str], message_id: UUID) -> JudgedTurn:
    """The turn that a message of the bot replies to, masked but for the company's own contacts.

    Raises MessageNotFoundError.
    """
    async with database.reading() as session:
        message = await messages.get_of_bot(session, message_id)
        asked = await messages.asked_in(session, message)
        if asked is None:
            raise MessageNotFoundError(message_id)
        conversation = await conversations.get(session, message.conversation_id)
        before = await messages.turns_before(session, message.conversation_id, asked.seq)
        own = await codes.among(session, codes.codes_in([asked.words]))
    # A name told earlier in the conversation is one here too.
    known = sorted(privacy.found_in([turn.text for turn in before if turn.role is Role.CUSTOMER]))
    question = privacy.mask(clean(asked.words).text, tuple(contacts), known, own).text
    return JudgedTurn(message, asked.id, question, conversation.collection)
