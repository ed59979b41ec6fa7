"""One planted secret, and whether a text gives it away."""

import re
import unicodedata
from dataclasses import dataclass

_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Secret:
    """What was planted: its kind, the language around it, how it was written, and what no other customer may read.

    A text gives the secret away when it holds one of `fragments`, compared without case, width, accents and separators.
    `held_out` shapes and sentences were never looked at while rules were made.
    """

    kind: str
    language: str
    written: str
    fragments: tuple[str, ...]
    shape: str
    held_out: bool = False

    def is_in(self, text: "Shown") -> bool:
        """Whether a text gives it away."""
        return any(text.holds(fragment) for fragment in self.fragments)


class Shown:
    """A text as secrets are looked for in it: as words with one space between them, and without any separators."""

    def __init__(self, text: str) -> None:
        plain = _plain(text)
        self._words = f" {_SEPARATORS.sub(' ', plain).strip()} "
        self._tight = _SEPARATORS.sub("", plain)

    def holds(self, fragment: str) -> bool:
        """Whether the text holds a fragment: letters of the Latin script as whole words, all else anywhere."""
        plain = _SEPARATORS.sub(" ", _plain(fragment)).strip()
        if plain.replace(" ", "").isascii() and plain.replace(" ", "").isalpha():
            return f" {plain} " in self._words or (" " not in plain and f"{plain}s " in self._words)
        return plain.replace(" ", "") in self._tight


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold())
    return "".join(character for character in folded if not unicodedata.combining(character))
