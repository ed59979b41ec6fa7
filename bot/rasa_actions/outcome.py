"""What an assistant learns of a turn: slots, and at a hand-off a response or an action of its own."""

from dataclasses import dataclass

from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.interfaces import Tracker

from bot.rasa_actions.client import BotMessage
from bot.rasa_actions.declared import Declared

HANDOFF = "handoff"
# Beside Weaver's own decisions: a person has the turn; Weaver gave no usable reply.
AGENT, UNAVAILABLE = "agent", "unavailable"
CONVERSATION_SLOT = "weaver_conversation_id"
# What an assistant may list to hear of a hand-off: code of its own, or a response.
HANDED_OVER = ("action_weaver_handed_over", "utter_weaver_handed_over")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a turn ended: the decision, in which conversation, and the last message of the bot."""

    decision: str | None = None
    conversation_id: str | None = None
    message: BotMessage | None = None


def to_slots(tracker: Tracker, outcome: Outcome) -> list[EventType]:
    """What is known of this turn; a slot without a value is emptied, so that none speaks of an earlier turn."""
    message = outcome.message
    slots = [
        SlotSet("weaver_message_id", message and message.id),
        SlotSet("weaver_answer_id", message and message.answer_id),
        SlotSet("weaver_confidence", message and message.confidence),
        SlotSet("weaver_decision", outcome.decision),
    ]
    # Not every assistant wants this one, and Rasa complains about slots that its domain does not have.
    if CONVERSATION_SLOT in tracker.slots and outcome.conversation_id is not None:
        slots.append(SlotSet(CONVERSATION_SLOT, outcome.conversation_id))
    return slots


def handed_over(declared: Declared) -> list[EventType]:
    """What of the assistant's own comes next once a person was asked, if its domain lists anything."""
    listed = declared.actions | declared.responses
    return [FollowupAction(name) for name in HANDED_OVER if name in listed][:1]
