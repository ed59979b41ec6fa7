"""A recogniser's rule, and how rules hide parts of a text one after the other."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from knowledge_base.privacy.slots import slot

DIGITS = tuple("0123456789")

Accept = Callable[["re.Match[str]"], bool]
Borders = Callable[["re.Match[str]"], "tuple[int, int] | None"]
Name = Callable[["re.Match[str]"], str]


class Glance:
    """What is seen of a text at once, so that rules that cannot find anything in it need not look."""

    def __init__(self, text: str) -> None:
        self._lowered = text.lower()
        self._words: frozenset[str] | None = None
        self._seen: dict[int, bool] = {}

    def has_any(self, needs: "Needs") -> bool:
        """Whether one of these words, or one of these parts of words, is in the text."""
        known = self._seen.get(id(needs))
        if known is None:
            known = self._seen[id(needs)] = self._look(needs)
        return known

    def _look(self, needs: "Needs") -> bool:
        if isinstance(needs, re.Pattern):
            return needs.search(self._lowered) is not None
        if isinstance(needs, tuple):
            return any(part in self._lowered for part in needs)
        if self._words is None:
            self._words = frozenset(_WORD.findall(self._lowered))
        return not needs.isdisjoint(self._words)


_WORD = re.compile(r"[a-z]+")
HAN = re.compile(r"[\u3400-\u9fff]")
Needs = frozenset[str] | tuple[str, ...] | re.Pattern[str]
"""Whole words of Latin letters, parts of a text, or a pattern: a rule looks at texts only that hold one of them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a pattern matches, its group `hide` (or all of it) is of this kind, unless `accept` says that it is not.

    `needs` names what a text must hold for the rule to find anything, in lower case. `kind` may be told from the match,
    and so may the borders of what is hidden (None: nothing is).
    """

    kind: str | Name
    pattern: re.Pattern[str]
    accept: Accept | None = None
    needs: Needs | None = None
    borders: Borders | None = None

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """What the rule would hide of a text: (start, end, kind) from left to right."""
        group: str | int = "hide" if "hide" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            found = match.span(group) if self.borders is None else self.borders(match)
            if found is not None and found[0] < found[1] and (self.accept is None or self.accept(match)):
                yield *found, self.kind if isinstance(self.kind, str) else self.kind(match)


class Recogniser(Protocol):
    """Whatever finds parts of a text that are personal: a rule, or a list of names."""

    @property
    def needs(self) -> Needs | None:
        """What a text must hold for anything to be found in it, None when that cannot be said."""
        ...

    def spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        """What would be hidden of a text: (start, end, kind) from left to right."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: open to the rules, or fixed (a slot that was there, or what is the company's), or hidden.

    `start` is its place in the text. A hidden piece has a kind.
    """

    text: str
    start: int
    fixed: bool = False
    kind: str | None = None

    @property
    def shown(self) -> str:
        """What stands in the masked text for it."""
        return self.text if self.kind is None else slot(self.kind)

    def cut(self, spans: Iterable[tuple[int, int, str | None]]) -> Iterator["Piece"]:
        """The parts: what stands in these spans hidden (or fixed, where the kind is None), the rest open."""
        done = 0
        for start, end, kind in spans:
            if start > done:
                yield Piece(self.text[done:start], self.start + done)
            yield Piece(self.text[start:end], self.start + start, fixed=True, kind=kind)
            done = end
        if done < len(self.text):
            yield Piece(self.text[done:], self.start + done)


def one_of(*alternatives: str) -> str:
    """A pattern that matches any of these."""
    return f"(?:{'|'.join(alternatives)})"


def cut_at(text: str, fixed: re.Pattern[str]) -> list[Piece]:
    """A text cut at what the rules must not touch."""
    return list(Piece(text, 0).cut((match.start(), match.end(), None) for match in fixed.finditer(text)))


def apply(rules: Iterable[Recogniser], pieces: list[Piece], glance: Glance) -> list[Piece]:
    """The pieces after all rules, each seeing only what the ones before it left open."""
    for rule in rules:
        if rule.needs is None or glance.has_any(rule.needs):
            pieces = _apply(rule, pieces)
    return pieces


def _apply(rule: Recogniser, pieces: list[Piece]) -> list[Piece]:
    found = [() if piece.fixed else tuple(rule.spans(piece.text)) for piece in pieces]
    if not any(found):
        return pieces
    return [
        part for piece, spans in zip(pieces, found, strict=True) for part in (piece.cut(spans) if spans else (piece,))
    ]
