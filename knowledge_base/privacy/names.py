"""How people are called, in any script; and what one text of a dialogue tells about the others."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from knowledge_base.privacy import chinese_names, latin_names
from knowledge_base.privacy.listed_names import LETTER, UPPER, ListedNames
from knowledge_base.privacy.rule import Recogniser, Rule
from knowledge_base.privacy.ruleset import RuleSet
from knowledge_base.privacy.words import AMBIGUOUS, is_common, may_be_name

SURE: tuple[Recogniser, ...] = (*latin_names.SURE, *chinese_names.SURE, ListedNames())
LOCAL: tuple[Recogniser, ...] = (*latin_names.LOCAL, *chinese_names.LOCAL)
BESIDE: tuple[Recogniser, ...] = (*latin_names.BESIDE, *chinese_names.BESIDE)

_SURE = RuleSet(SURE)
_CAPITALISED = re.compile(rf"[{UPPER}][{LETTER}]{{4,24}}")
_HAN_ONLY = re.compile(r"[\u4e00-\u9fff]+")
# How alike two spellings are of which one is a slip of the other.
_ALIKE = 0.8
# A Chinese name of three characters: a family name and a given name of two.
_FULL_HAN_NAME = 3
# Shorter words are looked for in the case in which they were written: too many words are spelled like them.
_MIN_FOLDED = 3


def found_in(texts: Sequence[str]) -> frozenset[str]:
    """The names that these texts of one dialogue give away, and what looks like a misspelling of one of them."""
    found = {name for text in texts for name in _sure_of(text)}
    known = {word for name in found for word in _CAPITALISED.findall(name)}
    written = {word for text in texts for word in _CAPITALISED.findall(text)} - known
    return frozenset(found | {word for word in written if _resembles(word, known)})


def known_rule(names: Iterable[str]) -> Rule | None:
    """A rule that hides these names and their parts wherever they stand, None without any."""
    spellings = sorted({spelling for name in names for spelling in _spellings(name)}, key=len, reverse=True)
    return Rule("name", re.compile("|".join(spellings))) if spellings else None


def _sure_of(text: str) -> Iterator[str]:
    for rule in _SURE.that_may_find(text):
        yield from (text[start:end] for start, end, _ in rule.spans(text))


def _resembles(word: str, known: Iterable[str]) -> bool:
    if is_common(word):
        return False
    return any(SequenceMatcher(None, word.casefold(), name.casefold()).ratio() >= _ALIKE for name in known)


def _spellings(name: str) -> list[str]:
    if _HAN_ONLY.fullmatch(name):
        given = name[1:] if len(name) == _FULL_HAN_NAME else name
        return [re.escape(part) for part in {name, given} if len(part) > 1]
    words = [word.strip("'’-") for word in re.findall(rf"[{LETTER}'’-]{{2,}}", name)]
    parts = [word for word in words if len(word) > 1 and may_be_name(word)]
    return [_bordered(part, fold=len(part) >= _MIN_FOLDED and part.casefold() not in AMBIGUOUS) for part in parts]


def _bordered(word: str, *, fold: bool) -> str:
    spelled = f"(?i:{re.escape(word)})" if fold else re.escape(word)
    # Inside a password or a name of an account the whole of that is to be hidden.
    return rf"(?<![{LETTER}\d_]){spelled}(?![{LETTER}\d_]|[!#$%^&*+=~@.-]{{1,3}}\d)"
