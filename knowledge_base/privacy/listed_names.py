"""Names in Latin letters told by lists: common ones, and two words side by side that no dictionary knows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
_LEAST_UNKNOWN = 4


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a text and what is known of it."""

    text: str
    start: int
    end: int

    @property
    def folded(self) -> str:
        return self.text.casefold()

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper()

    @property
    def is_listed(self) -> bool:
        """A first name, with a capital letter where it is a word as well."""
        folded = self.folded
        if folded not in lexicon.given_names() and folded not in AMBIGUOUS:
            return False
        return self.is_capital if self.is_word else len(folded) >= _LEAST

    @property
    def is_word(self) -> bool:
        """Whether it stands in a dictionary too: then only a family name after it makes it a name."""
        return self.folded in AMBIGUOUS or is_common(self.folded) or self.folded in lexicon.english()

    @property
    def is_strange(self) -> bool:
        """A word of no dictionary, or a family name with a capital letter."""
        if self.is_capital and self.folded in lexicon.family_names():
            return not is_common(self.folded)
        return len(self.text) >= _LEAST_UNKNOWN and not is_ordinary(self.text)


class ListedNames:
    """Finds common first names with what follows them, and pairs of words that may be a name and nothing else."""

    needs = None

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """What stands in a text and is a name: (start, end, kind) from left to right."""
        words = [_Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)]
        place = 0
        while place < len(words):
            last = _end_of_name(text, words, place)
            if last is None:
                place += 1
            else:
                yield words[place].start, words[last].end, "name"
                place = last + 1


def _end_of_name(text: str, words: Sequence[_Word], place: int) -> int | None:
    """The last word of a name that begins here, None when none does."""
    word = words[place]
    if word.is_listed:
        last = _with_family(text, words, place)
        if last > place or not word.is_word:
            return last
    following = _next(text, words, place)
    if following is None:
        return None
    if word.is_capital and following.is_capital:
        pinyin = word.folded in lexicon.pinyin_names() and not is_ordinary(following.text)
        return place + 1 if pinyin or (word.is_strange and following.is_strange) else None
    if not word.is_capital and word.is_strange and following.is_strange:
        before = words[place - 1].folded if place else ""
        return place + 1 if before in _BEFORE else None
    return None


def _with_family(text: str, words: Sequence[_Word], place: int) -> int:
    """The family name after a first name: further names, particles, and the word that is in no dictionary."""
    last = place
    capital = words[place].is_capital
    while (following := _next(text, words, last)) is not None:
        if following.folded in _PARTICLES and _next(text, words, last + 1) is not None:
            last += 1
            continue
        known = following.is_listed or following.folded in lexicon.family_names()
        if (following.is_capital or not capital) and (
            following.is_strange or (known and not is_common(following.text))
        ):
            last += 1
            continue
        break
    return last if words[last].folded not in _PARTICLES or last == place else last - 1


def _next(text: str, words: Sequence[_Word], place: int) -> _Word | None:
    """The word that follows after one space, or after an initial."""
    if place + 1 >= len(words) or text[words[place].end : words[place + 1].start] not in (" ", "\u00a0"):
        return None
    return words[place + 1]
