"""`action_weaver_feedback`: what the customer thinks of the latest answer goes to Weaver."""

import logging
from collections.abc import Iterator
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.rasa_actions.buttons import thumbs
from bot.rasa_actions.client import Judgement, Rating, WeaverUnavailableError
from bot.rasa_actions.declared import DOWN, MESSAGE, UP, read_domain
from bot.rasa_actions.lifetime import client
from bot.rasa_actions.texts import say
from bot.rasa_actions.turn import read_locale

logger = logging.getLogger(__name__)

RATINGS: dict[str, Rating] = {
    "up": "up",
    "affirm": "up",
    "thumbs_up": "up",
    UP: "up",
    "true": "up",
    "down": "down",
    "deny": "down",
    "thumbs_down": "down",
    DOWN: "down",
    "false": "down",
}
MESSAGE_ID_SLOT = "weaver_message_id"
RATING_SLOT, REASON_SLOT, COMMENT_SLOT = "weaver_rating", "weaver_reason", "weaver_comment"


class ActionWeaverFeedback(Action):
    """Reports a thumbs-up or a thumbs-down on the latest answer."""

    def name(self) -> str:
        """The action's name in a domain."""
        return "action_weaver_feedback"

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[EventType]:
        """Says thanks once the rating is stored; asks for it, with two buttons, when there is none yet."""
        locale = read_locale(tracker)
        message_id, rating = _message_id(tracker), read_rating(tracker)
        if not message_id:
            dispatcher.utter_message(text=say("nothing_to_rate", locale))
            return []
        if rating is None:
            dispatcher.utter_message(
                text=say("ask_rating", locale), buttons=thumbs(message_id, read_domain(domain), locale)
            )
            return []
        judgement = Judgement(rating, _words(tracker, REASON_SLOT), _words(tracker, COMMENT_SLOT))
        try:
            await client().judge(message_id, judgement)
        except WeaverUnavailableError as error:
            logger.warning("%s", error)
            dispatcher.utter_message(text=say("unavailable", locale))
            return []
        dispatcher.utter_message(text=say("thanks", locale))
        # The next answer is rated anew. Rasa complains about slots that its domain does not have.
        return [
            SlotSet(name) for name in (RATING_SLOT, REASON_SLOT, COMMENT_SLOT) if tracker.slots.get(name) is not None
        ]


def read_rating(tracker: Tracker) -> Rating | None:
    """The rating in the latest message (its intent, payload or entity), else in the slot `weaver_rating`."""
    words = (word.strip().lower().removeprefix("/") for word in _rating_words(tracker))
    return next((RATINGS[word] for word in words if word in RATINGS), None)


def _rating_words(tracker: Tracker) -> Iterator[str]:
    message = tracker.latest_message
    intent: dict[str, Any] = message.get("intent") or {}
    yield str(intent.get("name"))
    yield str(message.get("text"))
    yield from (str(value) for value in tracker.get_latest_entity_values(RATING_SLOT))
    yield str(tracker.slots.get(RATING_SLOT))


def _message_id(tracker: Tracker) -> str | None:
    """What is judged: the message below which a button was pressed, else the latest answer."""
    named = next(tracker.get_latest_entity_values(MESSAGE), None) or tracker.slots.get(MESSAGE_ID_SLOT)
    return str(named) if named else None


def _words(tracker: Tracker, slot: str) -> str | None:
    return str(tracker.slots.get(slot) or "").strip() or None
