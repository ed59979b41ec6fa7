"""`action_weaver_answer`: the customer's turn goes to Weaver, its answer and suggestions to the customer."""

import logging

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.rasa_actions.client import BotMessage, WeaverUnavailableError
from bot.rasa_actions.lifetime import client
from bot.rasa_actions.texts import say
from bot.rasa_actions.turn import read_turn

logger = logging.getLogger(__name__)

# Beside Weaver's own decisions: a person has the turn; Weaver gave no usable reply.
AGENT, UNAVAILABLE = "agent", "unavailable"


class ActionWeaverAnswer(Action):
    """Asks Weaver and utters what it says."""

    def name(self) -> str:
        """The action's name in a domain."""
        return "action_weaver_answer"

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,  # noqa: ARG002 - the SDK's signature
    ) -> list[EventType]:
        """Utters the answers with buttons for suggestions, nothing while a person has the turn, else an apology."""
        turn = read_turn(tracker)
        if not turn.text.strip():
            dispatcher.utter_message(text=say("no_words", turn.locale))
            return _slots(None, None)
        try:
            messages = await client().answer(turn)
        except WeaverUnavailableError as error:
            logger.warning("%s", error)
            dispatcher.utter_message(text=say("unavailable", turn.locale))
            return _slots(None, UNAVAILABLE)
        if not messages:
            return _slots(None, AGENT)
        for message in messages:
            # A button's payload comes back as the customer's next message, so it is the title that they read.
            titles = [suggestion.title for suggestion in message.suggestions or []]
            dispatcher.utter_message(
                text=message.text, buttons=[{"title": title, "payload": title} for title in titles]
            )
        return _slots(messages[-1], messages[-1].decision)


def _slots(message: BotMessage | None, decision: str | None) -> list[EventType]:
    """What is known of this turn; a slot without a value is emptied, so that none speaks of an earlier turn."""
    return [
        SlotSet("weaver_message_id", message and message.id),
        SlotSet("weaver_answer_id", message and message.answer_id),
        SlotSet("weaver_confidence", message and message.confidence),
        SlotSet("weaver_decision", decision),
    ]
