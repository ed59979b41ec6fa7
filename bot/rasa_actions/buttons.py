"""Buttons that an assistant's domain can take: one for each suggestion, and two for what the customer thinks."""

from collections.abc import Iterable

from bot.rasa_actions.declared import DOWN, MESSAGE, PICK, TITLE, UP, Declared
from bot.rasa_actions.texts import say

Button = dict[str, str]


def suggestions(titles: Iterable[str], declared: Declared) -> list[Button]:
    """A click is the customer's next message: an intent with the title, which Rasa's classifier cannot misread.

    Where the domain lacks the intent or its entity, the title is sent as if the customer had typed it.
    """
    known = {PICK} <= declared.intents and {TITLE} <= declared.entities
    return [{"title": title, "payload": declared.payload(PICK, TITLE, title) if known else title} for title in titles]


def thumbs(message_id: str, declared: Declared, locale: str) -> list[Button]:
    """A thumb up and one down, for this message if the domain has the entity that names it, else for the latest."""
    return [
        {"title": say(intent, locale), "payload": declared.payload(intent, MESSAGE, message_id)}
        for intent in (UP, DOWN)
    ]
