"""Text as it is stored and encoded: no control characters, no half characters."""

import re
import unicodedata
from dataclasses import dataclass

# C0 and C1 controls other than tab and newline, and halves of surrogate pairs, which no database stores.
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NEWLINES = re.compile(r"\r\n?")
_WORD = re.compile(r"\w+")
_COURTESY = re.compile(r"\b(?:please|hi|hello|hey)\b|请问|您好|你好|[啊呀呢吧吗嘛哦哈啦亲]")


@dataclass(frozen=True, slots=True)
class Clean:
    """A text without its unwanted characters, and how many those were."""

    text: str
    stripped: int


def clean(text: str) -> Clean:
    """The text with line ends as newlines, without control characters and lone surrogates, trimmed at both ends."""
    lines = _NEWLINES.sub("\n", text)
    kept, stripped = _UNWANTED.subn("", lines)
    return Clean(kept.strip(), stripped)


def fold(text: str) -> str:
    """The text in the one form in which words are compared: compatibility forms folded (NFKC), lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def has_words(text: str) -> bool:
    """Whether a text holds a letter or a digit of any script, rather than emoji and punctuation only."""
    return any(character.isalnum() for character in text)


def comparable(text: str) -> str:
    """What two wordings share when they are one question.

    Words are folded; punctuation, greetings and the particles that only colour a Chinese sentence are left out, unless
    nothing else is there.
    """
    words = " ".join(_WORD.findall(fold(text)))
    return " ".join(_COURTESY.sub(" ", words).split()) or words
