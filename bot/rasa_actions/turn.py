"""The customer's turn in a Rasa tracker, with an id that stays the same when the turn is sent again."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk.interfaces import Tracker

LOCALE_KEYS = ("weaver_locale", "locale", "language")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class CustomerTurn:
    """What Weaver is told of a turn. The same user event gives the same `client_id`, however often it is sent."""

    sender_id: str
    client_id: str
    text: str
    locale: str


def read_turn(tracker: Tracker) -> CustomerTurn:
    """The latest user event of a tracker."""
    text = str(tracker.latest_message.get("text") or "")
    return CustomerTurn(tracker.sender_id, _client_id(tracker), text, read_locale(tracker))


def read_locale(tracker: Tracker) -> str:
    """`en` or `zh`: what the channel's metadata or a slot says, else by the script of the text."""
    metadata: Mapping[str, Any] = (
        tracker.latest_message.get("metadata") or _latest_user_event(tracker).get("metadata") or {}
    )
    named = next((values[key] for values in (metadata, tracker.slots) for key in LOCALE_KEYS if values.get(key)), None)
    if named is not None:
        return "zh" if str(named).lower().startswith("zh") else "en"
    text = str(tracker.latest_message.get("text") or "")
    return "zh" if _HAN.search(text) and not _KANA_OR_HANGUL.search(text) else "en"


def _latest_user_event(tracker: Tracker) -> Mapping[str, Any]:
    nothing: dict[str, Any] = {}
    return next((event for event in reversed(tracker.events) if event.get("event") == "user"), nothing)


def _client_id(tracker: Tracker) -> str:
    """A hash of whose event it is and which: neither a sender id nor a message id has a length that we know."""
    event = _latest_user_event(tracker)
    # A channel of the assistant's own may give no message ids; Rasa gives every event its time.
    name = tracker.latest_message.get("message_id") or event.get("message_id") or event.get("timestamp")
    return "rasa-" + hashlib.sha256(f"{tracker.sender_id}\0{name}".encode()).hexdigest()[:40]
