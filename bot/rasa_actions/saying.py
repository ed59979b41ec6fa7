"""A bot message as a Rasa channel shows it: its text, its images, and buttons for what the customer may do next."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from bot.rasa_actions import buttons
from bot.rasa_actions.client import BotMessage
from bot.rasa_actions.declared import DOWN, UP, Declared

ANSWER = "answer"
# An image as Markdown writes it. Its address is public: the customer's channel fetches it.
_IMAGE = re.compile(r"!\[([^\]\n]*)\]\((https?://[^\s()]+)\)")


async def say_all(
    dispatcher: CollectingDispatcher, messages: Sequence[BotMessage], declared: Declared, locale: str
) -> None:
    """Say the messages in order: each at once where the SDK streams (gRPC), else all at the action's end."""
    await dispatcher.stream_start()
    for message in messages:
        for chunk in _chunks(message, declared, locale):
            await dispatcher.stream_chunk(**chunk)
    await dispatcher.stream_end()


def _chunks(message: BotMessage, declared: Declared, locale: str) -> Iterator[dict[str, Any]]:
    images = _IMAGE.findall(message.text)
    text = re.sub(r"\n{3,}", "\n\n", _IMAGE.sub("", message.text)).strip()
    # A channel shows buttons below a text: an answer that is an image alone has its description there.
    text = text or next((description for description, _ in images if description), "") or message.text
    titles = [one.title for one in [*(message.suggestions or []), *(message.related or [])]]
    offered = buttons.suggestions(titles, declared)
    if message.decision == ANSWER and {UP, DOWN} <= declared.intents:
        offered += buttons.thumbs(message.id, declared, locale)
    yield {"text": text, "buttons": offered}
    for _, address in images:
        yield {"image": address}
