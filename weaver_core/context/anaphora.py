"""Whether a turn leans on what was said before: it is short, or points back."""

import re

from weaver_core.texts import language

SHORT_WORDS, SHORT_CHARACTERS = 4, 8
_POINTING = {
    "zh": re.compile(r"[这那它该此其他她]|呢[？?]?$"),
    "en": re.compile(
        r"\b(?:it|its|that|this|these|those|they|them|their|there|he|she|him|her|ones?|same|what about|how about)\b",
        re.IGNORECASE,
    ),
}
_WORDS = re.compile(r"\w+")


def leans_on_context(text: str) -> bool:
    """Whether a turn is short (four words, eight Chinese characters) or has a pronoun that may point back."""
    spoken = language.detect(text)
    if spoken == "zh":
        short = sum(map(len, _WORDS.findall(text))) <= SHORT_CHARACTERS
    else:
        short = len(_WORDS.findall(text)) <= SHORT_WORDS
    pointing = _POINTING.get(spoken or "")
    return short or (pointing is not None and pointing.search(text) is not None)
