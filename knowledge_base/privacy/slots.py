"""Slots: what stands in a masked text where something personal stood."""

import re

KINDS = (
    "name",
    "email",
    "phone",
    "card",
    "bank",
    "identity",
    "birthday",
    "order",
    "number",
    "address",
    "account",
    "link",
    "secret",
)
# Single angle quotation marks, because next to nobody types them.
OPEN, CLOSE = "\u2039", "\u203a"
NAME = f"{OPEN}name{CLOSE}"
ACCOUNT = f"{OPEN}account{CLOSE}"
OTHER_THAN_NAME = rf"{OPEN}(?:{'|'.join(kind for kind in KINDS if kind != 'name')}){CLOSE}"
SLOT = re.compile(rf"{OPEN}(?:{'|'.join(KINDS)}){CLOSE}")


def slot(kind: str) -> str:
    """What is written in place of something personal of a kind."""
    return f"{OPEN}{kind}{CLOSE}"


def has_slot(text: str) -> bool:
    """Whether something personal was taken out of this text."""
    return OPEN in text and SLOT.search(text) is not None


def first_slot(text: str) -> str | None:
    """The first thing that was taken out of this text, as it stands there."""
    found = SLOT.search(text)
    return found[0] if found else None
