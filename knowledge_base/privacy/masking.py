"""Text without what it says about persons."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from knowledge_base.privacy import (
    accounts,
    contacts,
    credentials,
    figures,
    identities,
    names,
    payment,
    places,
    references,
)
from knowledge_base.privacy.codes import CODE
from knowledge_base.privacy.company import fixed_pattern
from knowledge_base.privacy.pieces import Piece, apply, cut_at
from knowledge_base.privacy.ruleset import RuleSet
from knowledge_base.privacy.shadow import Shadow, cast
from knowledge_base.privacy.slots import NAME, OPEN, slot

# Links, handles and addresses of mail hold what others would take for names and numbers; keys come before orders.
_FIRST = RuleSet((*accounts.LINKS, *accounts.HANDLES))
_THEN = RuleSet(
    (
        *contacts.EMAILS,
        *credentials.RULES,
        *accounts.RULES,
        *identities.RULES,
        *payment.RULES,
        *contacts.PHONES,
        *references.RULES,
        *figures.RULES,
        *places.RULES,
        *names.SURE,
        *names.LOCAL,
    )
)
_BESIDE = RuleSet(names.BESIDE)
_GAP = re.compile(r"\s?")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text that is personal, from `start` to before `end`, and what kind it is of."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with slots for what was personal in it, and where that stood in the text as it was."""

    text: str
    spans: tuple[Span, ...]

    @property
    def kinds(self) -> tuple[tuple[str, int], ...]:
        """How many of each kind were hidden, the most frequent first."""
        return tuple(Counter(span.kind for span in self.spans).most_common())


def mask(
    text: str, company: Sequence[str] = (), known: Sequence[str] = (), codes: Collection[str] = frozenset()
) -> Masked:
    """Replace what is personal by slots, but leave the company's contacts and codes (in small letters).

    `known` are names and ids to hide as well.

    Masking a masked text again changes nothing: the rules are repeated until none of them finds anything.
    """
    shadow = cast(text)
    pieces = list(_without(codes, cut_at(shadow.text, fixed_pattern(tuple(company)))))
    known_rule = names.known_rule(known)
    pieces = _applied(_FIRST, pieces)
    while True:
        found = pieces if known_rule is None else apply((known_rule,), pieces)
        found = _beside_slots(_applied(_THEN, found))
        if found is pieces:
            break
        pieces = found
    spans = tuple(_spans(pieces, shadow))
    return Masked(_written(text, spans), spans)


def _without(codes: Collection[str], pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces with the company's codes fixed."""
    for piece in pieces:
        if piece.fixed or not codes:
            yield piece
            continue
        own = CODE.finditer(piece.text)
        yield from piece.cut((match.start(), match.end(), None) for match in own if match[0].casefold() in codes)


def _applied(rules: RuleSet, pieces: list[Piece]) -> list[Piece]:
    """What is hidden already need not be looked at: handles and links are full of figures and signs."""
    return apply(rules.that_may_find("\n".join(piece.text for piece in pieces if not piece.fixed)), pieces)


def _beside_slots(pieces: list[Piece]) -> list[Piece]:
    """Names next to a slot: the one kind of rule that looks at what the others found."""
    joined = "".join(piece.shown for piece in pieces)
    if OPEN not in joined:
        return pieces
    for rule in _BESIDE.that_may_find(joined):
        spans = list(rule.spans(joined))
        if spans:
            pieces = list(_hidden(pieces, spans))
            joined = "".join(piece.shown for piece in pieces)
    return _one_name(pieces)


def _hidden(pieces: Sequence[Piece], spans: Sequence[tuple[int, int, str]]) -> Iterator[Piece]:
    """The pieces with these spans of the masked text hidden in those that are open."""
    offset = 0
    for piece in pieces:
        length = len(piece.shown)
        inside = [
            (max(start - offset, 0), min(end - offset, length), kind)
            for start, end, kind in spans
            if start < offset + length and end > offset
        ]
        yield from (piece,) if piece.fixed or not inside else piece.cut(inside)
        offset += length


def _one_name(pieces: list[Piece]) -> list[Piece]:
    """Names side by side are one name."""
    merged: list[Piece] = []
    for piece in pieces:
        gap = merged[-1] if merged and not merged[-1].fixed and _GAP.fullmatch(merged[-1].text) else None
        before = merged[-2] if gap and len(merged) > 1 else merged[-1] if merged and not gap else None
        if before is not None and before.shown == piece.shown == NAME:
            del merged[-2 if gap else -1 :]
            whole = before.text + (gap.text if gap else "") + piece.text
            merged.append(Piece(whole, before.start, fixed=True, kind="name"))
        else:
            merged.append(piece)
    return merged if len(merged) < len(pieces) else pieces


def _spans(pieces: Sequence[Piece], shadow: Shadow) -> Iterator[Span]:
    for piece in pieces:
        if piece.kind is not None:
            yield Span(shadow.place(piece.start), shadow.place(piece.start + len(piece.text)), piece.kind)


def _written(text: str, spans: Sequence[Span]) -> str:
    parts: list[str] = []
    done = 0
    for span in spans:
        parts += [text[done : span.start], slot(span.kind)]
        done = span.end
    return "".join([*parts, text[done:]])
