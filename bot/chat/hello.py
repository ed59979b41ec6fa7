"""The first frame: a conversation is opened, or found again by its token."""

from bot.chat.frames import ConfigBody, HelloFrame, LimitsBody, WelcomeFrame
from bot.errors import TokenInvalidError
from bot.fields import MOST_ATTACHMENTS
from bot.guards.tokens import Identity, identity_of
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
    identity = identity_of(hello.identity, service.settings.identity_secret) if hello.identity else None
    if hello.conversation_id is None and hello.token is None:
        service.limits.check_opening(address)
        return await _open(service, hello, identity)
    return await _come_back(service, hello, identity)


def welcome(service: Service, conversation: Conversation) -> WelcomeFrame:
    """The answer to a hello."""
    return WelcomeFrame(
        conversation_id=conversation.id,
        token=service.tokens.issue(conversation.id),
        last_seq=conversation.last_seq,
        config=config(service.settings, conversation.locale, conversation.customer_name),
    )


def config(settings: Settings, locale: str, name: str | None = None) -> ConfigBody:
    """What a client shows before anything is said; to somebody who has a name, if it is known."""
    limits = LimitsBody(
        text=settings.text_limit,
        messages_a_second=settings.messages_a_second,
        message_burst=settings.message_burst,
        attachments=MOST_ATTACHMENTS,
        attachment_bytes=received.MOST_BYTES,
    )
    return ConfigBody(greeting=texts.welcome(locale, name), locale=locale, texts=texts.refusals(locale), limits=limits)


async def _open(service: Service, hello: HelloFrame, identity: Identity | None) -> Conversation:
    """A new conversation; a customer whom the shop knows goes on with theirs, on whichever device they began it."""
    known = identity or Identity("")
    opening = Opening(
        channel="widget",
        # What the shop knows of a customer's language is better than what a browser says.
        locale=known.locale or (hello.locale or "en")[:LOCALE_LENGTH],
        customer=known.customer or None,
        customer_name=known.name,
        collection=hello.collection or "default",
    )
    async with service.database.writing(brief=True) as session:
        begun = await conversations.latest_open(session, opening) if identity else None
        return begun or await conversations.open_conversation(session, opening)


async def _come_back(service: Service, hello: HelloFrame, identity: Identity | None) -> Conversation:
    conversation = await _find(service, hello)
    if identity is not None and conversation.customer not in (None, identity.customer):
        # On a shared computer: the widget then begins a conversation of this customer's own.
        raise TokenInvalidError("The conversation is another customer's.")
    own = hello.locale[:LOCALE_LENGTH] if hello.locale else conversation.locale
    locale = (identity and identity.locale) or own
    named = identity is None or (identity.customer, identity.name) == (
        conversation.customer,
        conversation.customer_name,
    )
    if named and locale == conversation.locale:
        return conversation
    async with service.database.writing(brief=True) as session:
        await conversations.set_locale(session, conversation.id, locale)
        if identity is not None:
            await conversations.set_customer(session, conversation.id, identity.customer, identity.name)
        return await conversations.get(session, conversation.id)


async def _find(service: Service, hello: HelloFrame) -> Conversation:
    if hello.conversation_id is None:
        conversation_id = service.tokens.conversation_of(hello.token or "")
    else:
        named = parse_id(hello.conversation_id)
        if named is None:
            raise DialogueNotFoundError(hello.conversation_id[:_SHOWN])
        conversation_id = named
    async with service.database.reading(brief=True) as session:
        conversation = await conversations.get(session, conversation_id)
    if hello.token is None:
        raise TokenInvalidError("The token of the conversation is missing.")
    if service.tokens.conversation_of(hello.token) != conversation.id:
        raise TokenInvalidError("The token is for another conversation.")
    return conversation
