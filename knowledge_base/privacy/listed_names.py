"""Names in Latin letters told by lists: common ones, and two words side by side that no dictionary knows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge_base.privacy import lexicon
from knowledge_base.privacy.words import AMBIGUOUS, is_common, is_ordinary

UPPER, LETTER = "A-ZÀ-ÖØ-ÞĀ-Ɏ", "A-Za-zÀ-ÖØ-öø-ɏ"
_WORD = re.compile(rf"[{LETTER}]+(?:['’-][{LETTER}]+)*")
_PARTICLES = frozenset("van von de der da di del la le al bin el ter ten".split())  # noqa: SIM905
# Before a name in small letters: whoever writes so wrote these words before it.
_BEFORE = frozenset(
    [
        "to",
        "for",
        "from",
        "with",
        "by",
        "under",
        "ask",
        "tell",
        "is",
        "am",
        "im",
        "i'm",
        "i’m",
        "it's",
        "says",
        "say",
        "name",
        "thanks",
        "lot",
        "cheers",
        "regards",
        "and",
        "or",
        "dear",
        "hi",
        "hello",
        "hey",
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "neighbour",
        "neighbor",
        "husband",
        "wife",
        "partner",
        "son",
        "daughter",
        "mum",
        "mom",
        "dad",
        "friend",
        "colleague",
        "sister",
        "brother",
        "of",
        "me",
        "contact",
    ]
)
_LEAST = 3
WORDS_KNOWN = 1 << 15
_LEAST_UNKNOWN = 4


@dataclass(frozen=True, slots=True)
class _Nature:
    """What a word is by itself.

    `listed` is a first name, with a capital letter where it is a word as well (`word`); `strange` is a word of no
    dictionary, or a family name with a capital letter.
    """

    folded: str
    capital: bool
    listed: bool
    word: bool
    common: bool
    family: bool
    strange: bool

    @property
    def can_begin(self) -> bool:
        """Whether a name may begin with it."""
        return self.listed or self.strange or (self.capital and self.folded in lexicon.pinyin_names())


@lru_cache(maxsize=WORDS_KNOWN)
def _nature(text: str) -> _Nature:
    folded, capital = text.casefold(), text[:1].isupper()
    common = is_common(folded)
    word = folded in AMBIGUOUS or common or folded in lexicon.english()
    given = folded in lexicon.given_names() or folded in AMBIGUOUS
    family = folded in lexicon.family_names() and not common
    strange = (capital and family) or (len(text) >= _LEAST_UNKNOWN and not is_ordinary(text))
    return _Nature(
        folded, capital, given and (capital if word else len(folded) >= _LEAST), word, common, family, strange
    )


@dataclass(frozen=True, slots=True)
class _Word:
    """A word at its place in a text."""

    start: int
    end: int
    nature: _Nature


class ListedNames:
    """Finds common first names with what follows them, and pairs of words that may be a name and nothing else."""

    needs = None
    also = None

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """What stands in a text and is a name: (start, end, kind) from left to right."""
        found = [(match.start(), match.end(), _nature(match[0])) for match in _WORD.finditer(text)]
        if not any(nature.can_begin for _, _, nature in found):
            return
        words = [_Word(*place) for place in found]
        place = 0
        while place < len(words):
            last = _end_of_name(text, words, place) if words[place].nature.can_begin else None
            if last is None:
                place += 1
            else:
                yield words[place].start, words[last].end, "name"
                place = last + 1


def _end_of_name(text: str, words: Sequence[_Word], place: int) -> int | None:
    """The last word of a name that begins here, None when none does."""
    word = words[place].nature
    if _is_family_first(text, words, place):
        return place + 1
    if word.listed:
        last = _with_family(text, words, place)
        if last > place or not word.word:
            return last
    following = _next(text, words, place)
    if following is None:
        return None
    if word.capital and following.capital:
        pinyin = word.folded in lexicon.pinyin_names() and not is_ordinary(following.folded)
        return place + 1 if pinyin or (word.strange and following.strange) else None
    if not word.capital and word.strange and following.strange:
        before = words[place - 1].nature.folded if place else ""
        return place + 1 if before in _BEFORE else None
    return None


def _with_family(text: str, words: Sequence[_Word], place: int) -> int:
    """The family name after a first name: further names, particles, and the word that is in no dictionary."""
    last = place
    capital = words[place].nature.capital
    while (following := _next(text, words, last)) is not None:
        particle = following.folded in _PARTICLES and _next(text, words, last + 1) is not None
        known = following.strange or following.listed or following.family
        name = not following.common if capital and following.capital else known and not capital
        if not (particle or name):
            break
        last += 1
    return last if words[last].nature.folded not in _PARTICLES or last == place else last - 1


def _is_family_first(text: str, words: Sequence[_Word], place: int) -> bool:
    """A family name, a comma and a first name, of which one at least is on a list."""
    if place + 1 >= len(words) or text[words[place].end : words[place + 1].start] != ", ":
        return False
    family, given = words[place].nature, words[place + 1].nature
    names = (family.strange or family.family) and (given.listed or given.strange)
    return family.capital and given.capital and names and (family.family or given.listed)


def _next(text: str, words: Sequence[_Word], place: int) -> _Nature | None:
    """The word that follows after one space."""
    if place + 1 >= len(words) or text[words[place].end : words[place + 1].start] not in (" ", "\u00a0"):
        return None
    return words[place + 1].nature
