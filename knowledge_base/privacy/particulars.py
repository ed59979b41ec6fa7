"""What in a masked text may hold for one customer only: figures, names, and words that no dictionary knows."""

import re
from collections.abc import Iterator
from functools import lru_cache

from knowledge_base.privacy import lexicon
from knowledge_base.privacy.slots import SLOT
from knowledge_base.privacy.words import (
    COMPOUND_SURNAMES,
    GIVEN_NAME_CHARACTERS,
    NO_GIVEN_NAME,
    RARE_SURNAMES,
    SURNAMES,
    WORDY_SURNAMES,
    is_common,
    is_ordinary,
)

WORDS_REMEMBERED = 1 << 15
# A code, or a figure with the word after it: "9 september" tells more of one customer than "9".
_FIGURE = re.compile(
    r"[A-Za-z]{1,12}-?\d(?:[\dA-Za-z.,:/-]*[\dA-Za-z])?"
    r"|[£$€¥]?\d(?:[\d.,:/-]*\d)?(?:[A-Za-z°%]{1,12})?"
    r"(?:\s(?!(?:and|or|of|for|to|in|on|at|the|a|we|you|i|it|is|if|but|so|with|from|by|only|per)\b)[A-Za-z]+"
    r"|[\u3400-\u9fff]{0,2})"
)
# A string with figures and more than what figures are written with, whole: "cox#76".
_TOKEN, _MIXED, _BORDERS = re.compile(r"[\x21-\x7e]*\d[\x21-\x7e]*"), re.compile(r"[^\d.,:/£$€%+-]"), ".,;:!?()[]{}\"'"
_ENCLOSED = re.compile(r"[（(“「『]([\u4e00-\u9fff]{2,4})[）)”」』]")
_DATE = re.compile(r"\d+\s?[月年]\s?\d+(?:\s?月\s?\d+)?\s?[日号]?")
_HAN_FIGURE = re.compile(r"[零〇一二两三四五六七八九十百千万]{3,}")
# A capital letter inside a sentence; at its beginning it says nothing.
_NAME = re.compile(r"(?<=[a-z\d,;:’'\"(&-]\s)[A-ZÀ-Þ][\dA-Za-zÀ-ɏ'’-]+|(?<=[\u4e00-\u9fff])[A-Z][a-z][\dA-Za-zÀ-ɏ]*")
# The numbers and dashes of a list count what the company says, nothing of a customer's; what follows begins a sentence.
_LIST_MARK = re.compile(r"^[^\S\n]*(?:\d{1,2}(?:[.)]\s+|、\s*)|[-*•]\s+)", re.MULTILINE)
# Whoever is spoken to at a sentence's beginning.
_SPOKEN_TO = re.compile(r"(?:^|[.!?\n]\s?)([A-ZÀ-Þ][A-Za-zÀ-ɏ'’-]+),")
_NEVER = frozenset(("I", "I'm", "I'd", "I'll", "I've", "I’m", "I’d", "I’ll", "I’ve", "OK"))
_WORD = re.compile(r"(?<![\dA-Za-zÀ-ɏ'’-])[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*(?![\dA-Za-zÀ-ɏ'’-])")
_PARTED = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_HAN = re.compile(r"[\u3400-\u9fff]")
_FAMILY = rf"(?:{'|'.join(COMPOUND_SURNAMES)}|[{SURNAMES}{RARE_SURNAMES}])"
# At the end of a clause hardly any character is kept from being a given name.
_MAY_BE_HAN_NAME = re.compile(
    rf"(?=({_FAMILY}(?![{NO_GIVEN_NAME}])[\u4e00-\u9fff](?:(?![{NO_GIVEN_NAME}])[\u4e00-\u9fff])?"
    rf"|{_FAMILY}(?![的了吗呢吧啊哦是在和])[\u4e00-\u9fff](?![\u4e00-\u9fff])))"
)
_GIVEN = re.compile(rf"[\u4e00-\u9fff]?[{GIVEN_NAME_CHARACTERS}][\u4e00-\u9fff]?")
_LEAST = 3


def of(text: str) -> frozenset[str]:
    """The particulars of a text, each in one spelling: figures with what they count, names, unknown words."""
    return frozenset(_each(_read(text)))


def names(text: str) -> frozenset[str]:
    """The names in a text: words with a capital letter inside a sentence, in small letters."""
    return frozenset(match[0].casefold() for match in _NAME.finditer(_read(text)) if match[0] not in _NEVER)


def _read(text: str) -> str:
    return _LIST_MARK.sub(".\n", SLOT.sub(" ", text))


def _each(text: str) -> Iterator[str]:
    yield from (" ".join(match[0].casefold().split()) for match in _FIGURE.finditer(text))
    yield from (token for match in _TOKEN.finditer(text) if _MIXED.search(token := match[0].strip(_BORDERS).casefold()))
    yield from (match[0].casefold() for match in _NAME.finditer(text) if match[0] not in _NEVER)
    yield from (match[1].casefold() for match in _SPOKEN_TO.finditer(text) if not is_common(match[1]))
    words = (match[0].casefold() for match in _WORD.finditer(text))
    yield from (word for word in words if len(word) >= _LEAST and not _is_known(word))
    if _HAN.search(text):
        # "王 小明": a space does not part a name.
        yield from _chinese(_PARTED.sub("", text))


def _chinese(text: str) -> Iterator[str]:
    for match in _DATE.finditer(text):
        yield "".join(match[0].split())
    yield from (match[0] for match in _HAN_FIGURE.finditer(text))
    yield from (match[1] for match in _ENCLOSED.finditer(text))
    for match in _GIVEN.finditer(text):
        # A character of given names that makes no word with either neighbour, whatever the family name may be.
        if not lexicon.chinese_pairs() & {match[0][:2], match[0][-2:]}:
            yield match[0]
    for match in _MAY_BE_HAN_NAME.finditer(text):
        found = match[1]
        before = text[max(0, match.start() - 1) : match.start()]
        inside = found[0] in WORDY_SURNAMES and _HAN.match(before) is not None and before not in "由给请找叫问跟帮替和"
        if not inside and found[:2] not in lexicon.chinese() and found not in lexicon.chinese():
            yield found


@lru_cache(maxsize=WORDS_REMEMBERED)
def _is_known(word: str) -> bool:
    """Whether each part of a word stands in a dictionary."""
    return all(len(part) < _LEAST or is_ordinary(part) for part in word.split("-"))
