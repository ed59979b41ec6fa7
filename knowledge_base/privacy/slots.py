"""Slots: what stands in a masked text where something personal stood, and how rules put them there."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

KINDS = (
    "name",
    "email",
    "phone",
    "card",
    "bank",
    "identity",
    "birthday",
    "order",
    "number",
    "address",
    "account",
    "link",
    "secret",
)
# Single angle quotation marks, because next to nobody types them.
OPEN, CLOSE = "\u2039", "\u203a"
NAME = f"{OPEN}name{CLOSE}"
ACCOUNT = f"{OPEN}account{CLOSE}"
OTHER_THAN_NAME = rf"{OPEN}(?:{'|'.join(kind for kind in KINDS if kind != 'name')}){CLOSE}"
SLOT = re.compile(rf"{OPEN}(?:{'|'.join(KINDS)}){CLOSE}")

DIGIT = re.compile(r"\d")
HAN = re.compile(r"[\u3400-\u9fff]")

Accept = Callable[["re.Match[str]"], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a pattern matches, its group `hide` (or all of it) is of this kind, unless `accept` says that it is not.

    A text in which `needs` finds nothing is not searched: most texts have no digits or no Chinese.
    """

    kind: str
    pattern: re.Pattern[str]
    accept: Accept | None = None
    needs: re.Pattern[str] | None = None

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """What the rule would hide of a text: (start, end) from left to right."""
        group: str | int = "hide" if "hide" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            start, end = match.span(group)
            if start < end and (self.accept is None or self.accept(match)):
                yield start, end


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: open to the rules, or fixed (a slot, or a contact of the company)."""

    text: str
    fixed: bool


def one_of(*alternatives: str) -> str:
    """A pattern that matches any of these."""
    return f"(?:{'|'.join(alternatives)})"


def slot(kind: str) -> str:
    """What is written in place of something personal of a kind."""
    return f"{OPEN}{kind}{CLOSE}"


def has_slot(text: str) -> bool:
    """Whether something personal was taken out of this text."""
    return SLOT.search(text) is not None


def pieces(text: str, fixed: re.Pattern[str]) -> list[Piece]:
    """A text cut at what the rules must not touch."""
    found: list[Piece] = []
    end = 0
    for match in fixed.finditer(text):
        found += [Piece(text[end : match.start()], fixed=False), Piece(match[0], fixed=True)]
        end = match.end()
    return [piece for piece in (*found, Piece(text[end:], fixed=False)) if piece.text]


def apply(rules: Sequence[Rule], cut: list[Piece], counts: Counter[str]) -> list[Piece]:
    """The pieces after all rules, each seeing only what the ones before it left open."""
    text = "".join(piece.text for piece in cut if not piece.fixed)
    present = {need for need in (DIGIT, HAN) if need.search(text)}
    for rule in rules:
        if rule.needs is None or rule.needs in present:
            cut = [new for piece in cut for new in ((piece,) if piece.fixed else _hide(rule, piece, counts))]
    return cut


def _hide(rule: Rule, piece: Piece, counts: Counter[str]) -> Sequence[Piece]:
    spans = list(rule.spans(piece.text))
    if not spans:
        return (piece,)
    found: list[Piece] = []
    done = 0
    for start, end in spans:
        found += [Piece(piece.text[done:start], fixed=False), Piece(slot(rule.kind), fixed=True)]
        counts[rule.kind] += 1
        done = end
    return [part for part in (*found, Piece(piece.text[done:], fixed=False)) if part.text]
