"""A text in pieces: what is open to the rules, and what is hidden or must stay."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge_base.privacy.rule import Recogniser
from knowledge_base.privacy.slots import slot


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


def cut_at(text: str, fixed: re.Pattern[str]) -> list[Piece]:
    """A text cut at what the rules must not touch."""
    return list(Piece(text, 0).cut((match.start(), match.end(), None) for match in fixed.finditer(text)))


def apply(rules: Iterable[Recogniser], pieces: list[Piece]) -> list[Piece]:
    """The pieces after all rules, each seeing only what the ones before it left open."""
    for rule in rules:
        found = [() if piece.fixed else tuple(rule.spans(piece.text)) for piece in pieces]
        if any(found):
            pieces = [
                part
                for piece, spans in zip(pieces, found, strict=True)
                for part in (piece.cut(spans) if spans else (piece,))
            ]
    return pieces
