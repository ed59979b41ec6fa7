"""A customer's text as it is stored: neither empty nor too long, without what no database stores."""

import unicodedata

from bot.errors import TextEmptyError, TextTooLongError
from weaver_core.texts.normalization import Clean, clean

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})


def check_text(text: str, text_limit: int) -> Clean:
    """A customer's text as it is stored. Raises TextEmptyError, TextTooLongError."""
    cleaned = check_length(text, text_limit)
    if all(unicodedata.category(character) in _INVISIBLE for character in cleaned.text):
        raise TextEmptyError(text_limit)
    return cleaned


def check_length(text: str, text_limit: int) -> Clean:
    """A customer's text beside an image, which may be empty, as it is stored. Raises TextTooLongError."""
    cleaned = clean(text)
    if len(cleaned.text) > text_limit:
        raise TextTooLongError(len(cleaned.text), text_limit)
    return cleaned
