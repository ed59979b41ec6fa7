"""`action_weaver_answer`: the customer's turn goes to Weaver, its answer and suggestions to the customer."""

import logging

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.rasa_actions.client import WeaverUnavailableError
from bot.rasa_actions.declared import read_domain
from bot.rasa_actions.lifetime import client
from bot.rasa_actions.outcome import AGENT, HANDOFF, UNAVAILABLE, Outcome, handed_over, to_slots
from bot.rasa_actions.saying import say_all
from bot.rasa_actions.texts import say
from bot.rasa_actions.turn import read_turn

logger = logging.getLogger(__name__)


class ActionWeaverAnswer(Action):
    """Asks Weaver and utters what it says."""

    def name(self) -> str:
        """The action's name in a domain."""
        return "action_weaver_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Utters the answers with buttons for suggestions, nothing while a person has the turn, else an apology."""
        turn = read_turn(tracker)
        if not turn.text.strip():
            dispatcher.utter_message(text=say("no_words", turn.locale))
            return to_slots(tracker, Outcome())
        try:
            answered = await client().answer(turn)
        except WeaverUnavailableError as error:
            logger.warning("%s", error)
            dispatcher.utter_message(text=say("unavailable", turn.locale))
            return to_slots(tracker, Outcome(UNAVAILABLE))
        if not answered.messages:
            return to_slots(tracker, Outcome(AGENT, answered.conversation_id))
        declared = read_domain(domain)
        await say_all(dispatcher, answered.messages, declared, turn.locale)
        decisions = [message.decision for message in answered.messages]
        decision = HANDOFF if HANDOFF in decisions else decisions[-1]
        slots = to_slots(tracker, Outcome(decision, answered.conversation_id, answered.messages[-1]))
        return [*slots, *handed_over(declared)] if decision == HANDOFF else slots
