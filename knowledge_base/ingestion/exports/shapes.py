"""The parts of an exported object, taken for what the vendor documents: what is something else counts as missing."""

from collections.abc import Iterator
from typing import cast

from knowledge_base.ingestion.records import Fields
from weaver_core.texts.normalization import clean


def obj(value: object) -> Fields:
    """An object, an empty one for anything else."""
    return cast("Fields", value) if isinstance(value, dict) else {}


def objects(value: object) -> Iterator[Fields]:
    """The objects of a list, none for anything else."""
    if isinstance(value, list):
        yield from (cast("Fields", item) for item in cast("list[object]", value) if isinstance(item, dict))


def items(value: object) -> list[object]:
    """A list, an empty one for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []


def text(value: object) -> str:
    """A text without spaces around it, an empty one for anything else."""
    return value.strip() if isinstance(value, str) else ""


def identifier(value: object) -> str | None:
    """An id as text: a text that is not empty, or a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    # JSON may spell half a character, which no file and no database holds.
    return clean(text(value)).text or None


def first_of(person: Fields, *names: str) -> str | None:
    """The first of these ids that an object has."""
    return next((found for name in names if (found := identifier(person.get(name)))), None)


def customer_of(vendor: str, person: Fields, *names: str) -> str | None:
    """A customer's name: the first of these fields, else the vendor's own id with the vendor before it.

    Ids that are numbers are not the same person's in two systems, and forgetting one must not erase the other.
    """
    own = identifier(person.get("id"))
    return first_of(person, *names) or (f"{vendor}:{own}" if own else None)
