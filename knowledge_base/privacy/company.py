"""What is the company's own and nobody's secret: its addresses of mail, its phone numbers, its pages."""

import re
from functools import lru_cache

import phonenumbers

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
        return _phone(contact, digits)
    if "@" in contact:
        return rf"(?<![\w.+\-]){re.escape(contact)}(?![\w\-]|\.\w)"
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", contact, flags=re.IGNORECASE).rstrip("/")
    return rf"(?<![\w@.\-/])(?:https?://)?(?:www\.)?{re.escape(bare)}/?(?![\w/?#&=%\-]|\.\w)"


def _phone(contact: str, digits: str) -> str:
    """The number as it stands, and, where its country is said, as it is dialled within that country."""
    spellings = [rf"(?:\+|00)?{_GAP}{_GAP.join(digits.removeprefix('00'))}"]
    try:
        number = phonenumbers.parse(re.sub("^00", "+", contact))
    except phonenumbers.NumberParseException:
        # Without a country a number is only what it is.
        pass
    else:
        national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        spellings.append(_GAP.join(re.sub(r"\D", "", national)))
        spellings.append(rf"(?:\+|00){number.country_code}{_GAP}\(?0?\)?{_GAP}{_GAP.join(str(number.national_number))}")
    return rf"(?<![\dA-Za-z+])(?:{'|'.join(spellings)})(?![\dA-Za-z])"
