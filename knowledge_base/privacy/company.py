"""The company's own e-mail addresses, phone numbers and links, which are nobody's secret."""

import re
from collections.abc import Sequence
from functools import lru_cache

from knowledge_base.privacy.slots import SLOT

_MIN_DIGITS = 7
_GAP = r"[\s().\-]{0,3}"


@lru_cache(maxsize=16)
def fixed_pattern(contacts: tuple[str, ...]) -> re.Pattern[str]:
    """What no rule may touch: slots, and these contacts in any usual spelling."""
    spelled = [_spelling(contact.strip()) for contact in contacts if contact.strip()]
    return re.compile("|".join([SLOT.pattern, *spelled]), re.IGNORECASE)


def _spelling(contact: str) -> str:
    digits = re.sub(r"\D", "", contact)
    if len(digits) >= _MIN_DIGITS and not re.search(r"[A-Za-z@/]", contact):
        return _phone(digits, international=contact.startswith(("+", "00")))
    if "@" in contact:
        return rf"(?<![\w.+\-]){re.escape(contact)}(?![\w\-]|\.\w)"
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", contact, flags=re.IGNORECASE).rstrip("/")
    return rf"(?<![\w@.\-/])(?:https?://)?(?:www\.)?{re.escape(bare)}/?(?![\w/?#&=%\-]|\.\w)"


def _phone(digits: str, *, international: bool) -> str:
    """The number as it stands, and as it is dialled within its country (its code is one to three digits long)."""
    digits = digits.removeprefix("00")
    spellings = [rf"(?:\+|00)?{_GAP}{_spaced(digits)}"]
    if international:
        spellings += [rf"0{_GAP}{_spaced(digits[code:])}" for code in (1, 2, 3)]
    return rf"(?<![\dA-Za-z+])(?:{'|'.join(spellings)})(?![\dA-Za-z])"


def _spaced(digits: Sequence[str]) -> str:
    return _GAP.join(digits)
