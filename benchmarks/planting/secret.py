"""One planted secret, and whether a text gives it away."""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
_SEPARATORS = re.compile(r"[\W_]+")


class Group(IntEnum):
    """How much was known of a shape or a sentence while the rules were made."""

    KNOWN = 0
    COUNTED_FIRST = 1
    UNSEEN = 2


@dataclass(frozen=True, slots=True)
class Secret:
    """What was planted: its kind, the language around it, how it was written, and what no other customer may read.

    A text gives the secret away when it holds one of `fragments`, compared without case, width, accents and separators.
    Its group is that of its shape or of its sentences, whichever was known least.
    """

    kind: str
    language: str
    written: str
    fragments: tuple[str, ...]
    shape: str
    group: Group = Group.KNOWN

    def is_in(self, text: "Shown") -> bool:
        """Whether a text gives it away."""
        return any(text.holds(fragment) for fragment in self.fragments)


class Shown:
    """A text as secrets are looked for in it: as words with one space between them, and without any separators."""

    def __init__(self, text: str) -> None:
        folded = plain(text)
        self._words = f" {_SEPARATORS.sub(' ', folded).strip()} "
        self._tight = _SEPARATORS.sub("", folded)

    def holds(self, fragment: str) -> bool:
        """Whether the text holds a fragment: letters of the Latin script as whole words, all else anywhere."""
        found = _SEPARATORS.sub(" ", plain(fragment)).strip()
        if found.replace(" ", "").isascii() and found.replace(" ", "").isalpha():
            return f" {found} " in self._words
        return found.replace(" ", "") in self._tight


def plain(text: str) -> str:
    """A text without case, width, accents and invisible characters."""
    folded = unicodedata.normalize("NFKD", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold())
    return "".join(character for character in folded if not unicodedata.combining(character))
