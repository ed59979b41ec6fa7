"""`action_weaver_handoff`: the assistant itself asks for a person, at whatever point of its rules it wants to."""

import logging

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.rasa_actions.client import WeaverUnavailableError
from bot.rasa_actions.declared import read_domain
from bot.rasa_actions.lifetime import client
from bot.rasa_actions.outcome import HANDOFF, UNAVAILABLE, Outcome, handed_over, to_slots
from bot.rasa_actions.texts import say
from bot.rasa_actions.turn import read_turn

logger = logging.getLogger(__name__)


class ActionWeaverHandoff(Action):
    """Puts the conversation into the agents' queue."""

    def name(self) -> str:
        """The action's name in a domain."""
        return "action_weaver_handoff"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Says that a person was asked, once that is so; else an apology."""
        turn = read_turn(tracker)
        try:
            conversation_id = await client().hand_over(turn)
        except WeaverUnavailableError as error:
            logger.warning("%s", error)
            dispatcher.utter_message(text=say("unavailable", turn.locale))
            return to_slots(tracker, Outcome(UNAVAILABLE))
        dispatcher.utter_message(text=say("handed_over", turn.locale))
        slots = to_slots(tracker, Outcome(HANDOFF, conversation_id))
        return [*slots, *handed_over(read_domain(domain))]
