"""A recogniser's rule: where a pattern matches, something personal stands."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

DIGITS = re.compile(r"\d")
HAN = re.compile(r"[\u3400-\u9fff]")
CAPITALS = re.compile(r"[^\W\d_a-z\u3400-\u9fff]")

Needs = frozenset[str] | tuple[str, ...] | re.Pattern[str]
"""Whole Latin words in small letters, parts of a text in small letters, or a pattern: a rule needs one of them."""
Accept = Callable[["re.Match[str]"], bool]
Borders = Callable[["re.Match[str]"], "tuple[int, int] | None"]
Name = Callable[["re.Match[str]"], str]


class Recogniser(Protocol):
    """Whatever finds parts of a text that are personal: a rule, or a list of names."""

    @property
    def needs(self) -> Needs | None:
        """What a text must hold for anything to be found in it, None when that cannot be said."""
        ...

    @property
    def also(self) -> Needs | None:
        """What it must hold besides."""
        ...

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """What would be hidden of a text: (start, end, kind) from left to right."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a pattern matches, its group `hide` (or all of it) is of this kind, unless `accept` says that it is not.

    `needs` names what a text must hold for the rule to find anything; `also` is a second such thing. The kind may be
    told from the match, and so may the borders of what is hidden (None: nothing is).
    """

    kind: str | Name
    pattern: re.Pattern[str]
    accept: Accept | None = None
    needs: Needs | None = None
    borders: Borders | None = None
    also: Needs | None = None

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """What the rule would hide of a text: (start, end, kind) from left to right."""
        group: str | int = "hide" if "hide" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            found = match.span(group) if self.borders is None else self.borders(match)
            if found is not None and found[0] < found[1] and (self.accept is None or self.accept(match)):
                yield *found, self.kind if isinstance(self.kind, str) else self.kind(match)


@dataclass(frozen=True, slots=True)
class CuedRule:
    """After a cue, a word that says what comes, a value stands: its group `hide` is of this kind if `accept` agrees.

    The cue is written in small letters and found in any case, where a Latin word begins; the value follows it at once.
    """

    kind: str
    cue: re.Pattern[str]
    value: re.Pattern[str]
    accept: Accept | None = None
    needs: Needs | None = None
    also: Needs | None = None

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """What the rule would hide of a text: (start, end, kind) from left to right."""
        lowered = text.lower()
        # Two letters of Turkish are longer in small ones; such a text is searched as it stands.
        done, searched = 0, lowered if len(lowered) == len(text) else text
        for cue in self.cue.finditer(searched):
            start = cue.start()
            if start < done or (start and text[start].isascii() and _is_letter(text[start - 1])):
                continue
            match = self.value.match(text, cue.end())
            if match is not None and (self.accept is None or self.accept(match)):
                yield *match.span("hide"), self.kind
                done = match.end("hide")


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()


def one_of(*alternatives: str) -> str:
    """A pattern that matches any of these."""
    return f"(?:{'|'.join(alternatives)})"
