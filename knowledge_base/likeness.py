"""What two answers' texts have in common: the same said twice, or the same matter with another figure or a "not"."""

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from knowledge_base.privacy import lexicon, particulars
from weaver_core.texts.normalization import fold

# Of a text without its figures and negations, in percent: as alike as this, it is about the same matter.
SAME_MATTER = 80.0
FEWEST_WORDS = 4
SHORTEST_MISSPELT = 5
_WORD = re.compile(r"[\u3400-\u9fff]|(?:(?![\u3400-\u9fff])[^\W_])+(?:[.,:/-](?=\d)\d+)*")
_FIGURE = re.compile(r"\d")
_CONTRACTED = re.compile(r"\b(?:can't|cannot)\b|n't\b")
_NUMBERS = frozenset(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half double twice
    once 〇 零 一 二 三 四 五 六 七 八 九 十 百 千 万 两 半 单 双
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_NEGATIONS = frozenset(
    """
    not no never without none nor neither nobody nothing nowhere unable unavailable impossible
    不 没 无 未 别 勿 非 莫 否 禁
    """.split()  # noqa: SIM905
)
# Words that a text may have or lack and say the same.
_FILLERS = frozenset(
    """
    a an the please just so then well now really very actually kindly 了 的 呢 哦 啊 呀 哈 啦 吧 嘛 亲 请
    """.split()  # noqa: SIM905
)


class Likeness(StrEnum):
    """How two answers are alike: by their own texts, or only by what they are asked (`question_pairing`)."""

    DUPLICATE = "duplicate"
    CONTRADICTION = "contradiction"
    SAME_QUESTION = "same_question"


@dataclass(frozen=True, slots=True)
class _Said:
    """A text's words in order without figures and negations; those, counted; the names in it."""

    words: tuple[str, ...]
    figures: Counter[str]
    negations: Counter[str]
    names: frozenset[str]


def compare(first: str, second: str) -> Likeness | None:
    """Whether two texts say the same, or the same with another figure or negation. None: neither.

    They say the same when their figures, negations and names are equal and their words as well, in order, but for
    fillers and for misspellings, where one of the two words is in no dictionary.
    """
    one, other = _read(first), _read(second)
    if (one.figures, one.negations) != (other.figures, other.negations):
        same_matter = min(len(one.words), len(other.words)) >= FEWEST_WORDS and one.names == other.names
        alike = same_matter and fuzz.ratio(" ".join(one.words), " ".join(other.words)) >= SAME_MATTER
        return Likeness.CONTRADICTION if alike else None
    return Likeness.DUPLICATE if one.names == other.names and _same_words(one.words, other.words) else None


def _read(text: str) -> _Said:
    plain = _CONTRACTED.sub(lambda found: " can not" if found[0].startswith("can") else " not", fold(text))
    words = [word for word in _WORD.findall(plain) if word not in _FILLERS]
    figures = Counter(word.rstrip(".,:/-") for word in words if _FIGURE.search(word) or word in _NUMBERS)
    negations = Counter(word for word in words if word in _NEGATIONS)
    kept = tuple(word for word in words if not _FIGURE.search(word) and word not in _NUMBERS | _NEGATIONS)
    # Names without those that hold figures: how a figure is written beside a word is no difference of names.
    names = frozenset(name for name in particulars.names(text) if not _FIGURE.search(name))
    return _Said(kept, figures, negations, names)


def _same_words(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    return len(first) == len(second) and all(map(_same_word, first, second))


def _same_word(first: str, second: str) -> bool:
    """Equal, or one of them a misspelling of the other: a letter apart, and not a word of its own."""
    if first == second:
        return True
    if min(len(first), len(second)) < SHORTEST_MISSPELT or first[0] != second[0]:
        return False
    known = first in lexicon.english() and second in lexicon.english()
    return not known and Levenshtein.distance(first, second, score_cutoff=1) <= 1
