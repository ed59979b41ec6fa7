"""What keyboards, and people who try to get round a filter, do to a text; the same in every run of a seed."""

import string
import zlib
from functools import cache

import numpy as np
from opencc import OpenCC

LETTERS = string.ascii_lowercase
# Made here and not taken from the code under test: what it folds back must not be what it was given to fold.
TWINS = {
    **dict(zip("aceijkopsxyABCEHIKMOPSTXY", "асеіјкорѕхуАВСЕНІКМОРЅТХУ", strict=True)),
    "v": "ν",
    "u": "υ",  # noqa: RUF001
    "Z": "Ζ",  # noqa: RUF001
    "N": "Ν",  # noqa: RUF001
}


def typos(text: str, rate: float, seed: int) -> str:
    """Each letter (A–Z) is with this chance replaced, doubled by another, dropped or swapped with the next one."""
    random = _random(text, seed)
    typed = list(text)
    place = 0
    while place < len(typed):
        if typed[place].lower() in LETTERS and random.random() < rate:
            place += _slip(typed, place, random)
        place += 1
    return "".join(typed)


def _slip(typed: list[str], place: int, random: np.random.Generator) -> int:
    """One slip at a place. Returns by how many characters what comes next has moved."""
    kind = int(random.integers(4))
    other = LETTERS[int(random.integers(len(LETTERS)))]
    if kind == 0:
        typed[place] = other
    elif kind == 1:
        typed.insert(place + 1, other)
        return 1
    elif kind == 2 and place + 1 < len(typed) and typed[place + 1].lower() in LETTERS:  # noqa: PLR2004
        typed[place], typed[place + 1] = typed[place + 1], typed[place]
        return 1
    else:
        del typed[place]
        return -1
    return 0


def wrong_characters(text: str, rate: float, seed: int, pool: str) -> str:
    """Each Chinese character is with this chance replaced by one of the pool."""
    random = _random(text, seed)
    return "".join(
        pool[int(random.integers(len(pool)))]
        if "\u4e00" <= character <= "\u9fff" and random.random() < rate
        else character
        for character in text
    )


def full_width(text: str) -> str:
    """The text as a Chinese or Japanese keyboard types it in its full-width mode."""
    return "".join(
        "\u3000" if character == " " else chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character
        for character in text
    )


def homoglyphs(text: str, rate: float, seed: int) -> str:
    """Each letter that has a twin in the Cyrillic or Greek script is with this chance replaced by it."""
    random = _random(text, seed)
    return "".join(
        TWINS[character] if character in TWINS and random.random() < rate else character for character in text
    )


def traditional(text: str) -> str:
    """A text in simplified characters in traditional ones."""
    return str(_to_traditional().convert(text))


@cache
def _to_traditional() -> OpenCC:
    return OpenCC("s2t")


def _random(text: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(text.encode())])
