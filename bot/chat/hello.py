"""The first frame: a conversation is opened, or found again by its token."""

from bot.chat.frames import ConfigBody, HelloFrame, LimitsBody, WelcomeFrame
from bot.errors import TokenInvalidError
from bot.fields import MOST_ATTACHMENTS
from bot.guards.tokens import customer_of
from bot.images import received
from bot.service import Service
from bot.settings import Settings
from bot.turns import texts
from knowledge_base import conversations
from knowledge_base.conversations import Conversation, Opening
from knowledge_base.errors import DialogueNotFoundError
from knowledge_base.identifiers import parse_id

LOCALE_LENGTH = 16
_SHOWN = 60


async def enter(service: Service, hello: HelloFrame, address: str) -> Conversation:
    """The conversation that a hello asks for, stored by now.

    Raises IdentityInvalidError, DialogueNotFoundError, TokenInvalidError, RateLimitedError.
    """
    customer = customer_of(hello.identity, service.settings.identity_secret) if hello.identity else None
    if hello.conversation_id is None and hello.token is None:
        service.limits.check_opening(address)
        return await _open(service, hello, customer)
    return await _come_back(service, hello, customer)


def welcome(service: Service, conversation: Conversation) -> WelcomeFrame:
    """The answer to a hello."""
    return WelcomeFrame(
        conversation_id=conversation.id,
        token=service.tokens.issue(conversation.id),
        last_seq=conversation.last_seq,
        config=config(service.settings, conversation.locale),
    )


def config(settings: Settings, locale: str) -> ConfigBody:
    """What a client shows before anything is said."""
    limits = LimitsBody(
        text=settings.text_limit,
        messages_a_second=settings.messages_a_second,
        message_burst=settings.message_burst,
        attachments=MOST_ATTACHMENTS,
        attachment_bytes=received.MOST_BYTES,
    )
    return ConfigBody(greeting=texts.say("welcome", locale), texts={}, limits=limits)


async def _open(service: Service, hello: HelloFrame, customer: str | None) -> Conversation:
    opening = Opening(
        channel="widget",
        locale=(hello.locale or "en")[:LOCALE_LENGTH],
        customer=customer,
        collection=hello.collection or "default",
    )
    async with service.database.writing() as session:
        return await conversations.open_conversation(session, opening)


async def _come_back(service: Service, hello: HelloFrame, customer: str | None) -> Conversation:
    conversation = await _find(service, hello)
    if customer is not None and conversation.customer not in (None, customer):
        # On a shared computer: the widget then begins a conversation of this customer's own.
        raise TokenInvalidError("The conversation is another customer's.")
    locale = hello.locale[:LOCALE_LENGTH] if hello.locale else conversation.locale
    if (locale, customer or conversation.customer) == (conversation.locale, conversation.customer):
        return conversation
    async with service.database.writing() as session:
        await conversations.set_locale(session, conversation.id, locale)
        if customer is not None:
            await conversations.set_customer(session, conversation.id, customer)
        return await conversations.get(session, conversation.id)


async def _find(service: Service, hello: HelloFrame) -> Conversation:
    if hello.conversation_id is None:
        conversation_id = service.tokens.conversation_of(hello.token or "")
    else:
        named = parse_id(hello.conversation_id)
        if named is None:
            raise DialogueNotFoundError(hello.conversation_id[:_SHOWN])
        conversation_id = named
    async with service.database.reading() as session:
        conversation = await conversations.get(session, conversation_id)
    if hello.token is None:
        raise TokenInvalidError("The token of the conversation is missing.")
    if service.tokens.conversation_of(hello.token) != conversation.id:
        raise TokenInvalidError("The token is for another conversation.")
    return conversation
