"""A text as it is searched: full-width forms made narrow, invisible characters left out, and where each one stood."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Full-width letters and digits and the marks inside of codes; Chinese punctuation stays, since rules look for it.
_NARROW = {
    **{0xFEE0 + code: code for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))},
    **{0xFEE0 + ord(mark): mark for mark in "#+-.@_"},
    **dict.fromkeys((0x00A0, 0x2009, 0x202F, 0x3000), " "),
    **dict.fromkeys((0x2010, 0x2011, 0x2012), "-"),
}
_WIDE = re.compile(
    "[\u00a0\u2009\u2010-\u2012\u202f\u3000\uff03\uff0b\uff0d\uff0e\uff10-\uff19\uff20-\uff3a\uff3f\uff41-\uff5a]"
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Shadow:
    """What is searched. `places` are its characters' places in the text, None where they are the same."""

    text: str
    places: Sequence[int] | None

    def place(self, index: int) -> int:
        """Where a character of the shadow stands in the text; the end of the shadow is the end of the text."""
        return index if self.places is None else self.places[index]


def cast(text: str) -> Shadow:
    """The shadow of a text."""
    if text.isascii():
        return Shadow(text, None)
    narrow = text.translate(_NARROW) if _WIDE.search(text) else text
    if not _INVISIBLE.search(narrow):
        return Shadow(narrow, None)
    kept = [place for place, character in enumerate(narrow) if not _INVISIBLE.match(character)]
    return Shadow("".join(narrow[place] for place in kept), [*kept, len(text)])
