"""Words that ship with Weaver: ordinary ones, so that what is none stands out, and the commonest names."""

from functools import cache
from importlib import resources


@cache
def english() -> frozenset[str]:
    """English words in small letters, without names."""
    return _words("english")


@cache
def chinese() -> frozenset[str]:
    """Chinese words that begin with a character that is a family name as well, without names."""
    return _words("chinese")


@cache
def chinese_pairs() -> frozenset[str]:
    """Two characters, one of them one of given names, that stand side by side in Chinese words."""
    return _words("chinese_pairs")


@cache
def given_names() -> frozenset[str]:
    """Common first names in Latin letters of many countries, in small letters."""
    return _words("given_names")


@cache
def family_names() -> frozenset[str]:
    """Common family names in Latin letters of many countries, in small letters."""
    return _words("family_names")


@cache
def pinyin_names() -> frozenset[str]:
    """The common Chinese family names as they are written in Latin letters, in small letters."""
    return _words("pinyin_names")


def _words(name: str) -> frozenset[str]:
    return frozenset((resources.files(__name__) / f"{name}.txt").read_text(encoding="utf-8").split())
