"""What an agent writes, as it is kept: a reply, a note, a canned text."""

from bot.errors import TextEmptyError, TextTooLongError
from weaver_core.texts.normalization import clean


def written(text: str, limit: int) -> str:
    """The text without characters that no database stores. Raises TextEmptyError, TextTooLongError."""
    words = clean(text).text
    if not words:
        raise TextEmptyError(limit)
    if len(words) > limit:
        raise TextTooLongError(len(words), limit)
    return words
