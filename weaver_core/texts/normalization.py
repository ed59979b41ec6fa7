"""Text as it is stored, and the one form of it that is encoded, indexed and compared."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from opencc import OpenCC

from weaver_core.texts.homoglyphs import unmixed

# C0 and C1 controls other than tab and newline, and halves of surrogate pairs, which no database stores.
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NEWLINES = re.compile(r"\r\n?")
_WORD = re.compile(r"\w+")
_COURTESY = re.compile(r"\b(?:please|hi|hello|hey)\b|请问|您好|你好|[啊呀呢吧吗嘛哦哈啦亲]")
# What a reader does not see: soft hyphens, zero-width marks, marks of direction, variation selectors, tags. The two
# joiners (200c, 200d) are letters of their own in Arabic and Indic scripts, and stay there.
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f"
    r"\ufeff\U000e0000-\U000e0fff]|(?<![\u0600-\u0fff])[\u200c\u200d]"
)
# Strokes and dots that no letter was composed with.
_LOOSE_MARK = re.compile(r"[\u0300-\u036f\u20d0-\u20ff]")
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
# "pleeease". Not the letters of www, xxl and Roman numbers.
_DRAWL = re.compile(r"([^\W\d_iwxIWX])\1{2,}")


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


def canonical(text: str) -> str:
    """The form of a text that is encoded and indexed, for stored passages and for turns alike; never shown.

    Invisible characters are dropped; full-width and other compatibility forms are folded (NFKC), typographic quotes and
    dashes are plain; each word is in one script (`homoglyphs.unmixed`); traditional Chinese is simplified, unless
    the text is Japanese or Korean; a letter that is drawn out three times and more ("pleeease") stands twice. Upper and
    lower case stay: encoders differ in what they make of them.
    """
    if not text.isascii():
        seen = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        text = _simplified(unmixed(_LOOSE_MARK.sub("", seen).translate(_TYPOGRAPHY)))
    return _DRAWL.sub(_shortened, text)


def fold(text: str) -> str:
    """The text in the one form in which words are compared: canonical, in lower case."""
    return canonical(text).lower()


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


def _simplified(text: str) -> str:
    if _HAN.search(text) and not _KANA_OR_HANGUL.search(text):
        return str(_to_simplified().convert(text))
    return text


@cache
def _to_simplified() -> Any:  # noqa: ANN401 - the library has no types
    # Characters only: with Taiwan's phrases ("tw2sp") simplified text is changed as well, and for the worse.
    return cast("Any", OpenCC("t2s"))


def _shortened(drawl: re.Match[str]) -> str:
    before, after = drawl.string[: drawl.start()][-1:], drawl.string[drawl.end() :][:1]
    letters = str(drawl[0])
    # AAA is a word of its own and AAAs are several of them: no drawls.
    named = not (before.isalpha() or after.isalpha()) or (letters.isupper() and after.islower())
    return letters if named else letters[:2]
