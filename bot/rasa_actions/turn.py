"""The customer's turn in a Rasa tracker, with an id that stays the same when the turn is sent again."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rasa_sdk.interfaces import Tracker

from bot.rasa_actions.declared import PICK, TITLE

LOCALE_KEYS = ("weaver_locale", "locale", "language")
PAYLOAD = "/"
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
    return CustomerTurn(tracker.sender_id, _client_id(tracker), _text(tracker.latest_message), read_locale(tracker))


def read_locale(tracker: Tracker) -> str:
    """`en` or `zh`: what the channel's metadata or a slot says, else by the script of what was typed last."""
    metadata: Mapping[str, Any] = (
        tracker.latest_message.get("metadata") or _latest_user_event(tracker).get("metadata") or {}
    )
    named = next((values[key] for values in (metadata, tracker.slots) for key in LOCALE_KEYS if values.get(key)), None)
    if named is not None:
        return "zh" if str(named).lower().startswith("zh") else "en"
    text = next(_typed(tracker), "")
    return "zh" if _HAN.search(text) and not _KANA_OR_HANGUL.search(text) else "en"


def _text(message: Mapping[str, Any]) -> str:
    """What a message says to Weaver: the title of the suggestion that was clicked, else its words."""
    text = str(message.get("text") or "")
    if (message.get("intent") or {}).get("name") != PICK:
        return text
    entities: list[Mapping[str, Any]] = message.get("entities") or []
    return next((str(entity["value"]) for entity in entities if entity.get("entity") == TITLE), text)


def _typed(tracker: Tracker) -> Iterator[str]:
    """The customer's words, the latest first; a button's payload has no language."""
    yield from (text for text in [_text(tracker.latest_message)] if not text.startswith(PAYLOAD))
    for event in reversed(tracker.events):
        if event.get("event") == "user" and not (text := _text(event.get("parse_data") or event)).startswith(PAYLOAD):
            yield text


def _latest_user_event(tracker: Tracker) -> Mapping[str, Any]:
    nothing: dict[str, Any] = {}
    return next((event for event in reversed(tracker.events) if event.get("event") == "user"), nothing)


def _client_id(tracker: Tracker) -> str:
    """A hash of whose event it is and which: neither a sender id nor a message id has a length that we know."""
    event = _latest_user_event(tracker)
    # A channel of the assistant's own may give no message ids; Rasa gives every event its time.
    name = tracker.latest_message.get("message_id") or event.get("message_id") or event.get("timestamp")
    return "rasa-" + hashlib.sha256(f"{tracker.sender_id}\0{name}".encode()).hexdigest()[:40]
