"""What an assistant's domain declares: an action offers only what its Rasa can take."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# What buttons mean, in an assistant that lists these intents, and the entities that say what they are about.
PICK, UP, DOWN = "weaver_pick", "weaver_up", "weaver_down"
TITLE, MESSAGE = "weaver_title", "weaver_message"


@dataclass(frozen=True, slots=True)
class Declared:
    """The names in a domain."""

    intents: frozenset[str]
    entities: frozenset[str]
    actions: frozenset[str]
    responses: frozenset[str]

    def payload(self, intent: str, entity: str, value: str) -> str:
        """What a button sends that means an intent, with the entity if there is one."""
        about = json.dumps({entity: value}, ensure_ascii=False) if entity in self.entities else ""
        return f"/{intent}{about}"


def read_domain(domain: Mapping[str, Any]) -> Declared:
    """The names in a domain as Rasa sends it along: an intent or entity with settings is a mapping of its name."""
    intents, entities, actions, responses = (
        frozenset(_names(domain.get(part) or ())) for part in ("intents", "entities", "actions", "responses")
    )
    return Declared(intents, entities, actions, responses)


def _names(entries: Iterable[str | Mapping[str, Any]]) -> Iterable[str]:
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        else:
            yield from entry
