"""Text without what it says about persons."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.privacy import credentials, names, numbers, places
from knowledge_base.privacy.company import fixed_pattern
from knowledge_base.privacy.slots import NAME, Piece, apply, pieces

_REPEATED = re.compile(rf"{NAME}(?:\s?{NAME})+")
RULES = (*credentials.RULES, *numbers.RULES, *places.RULES, *names.SURE, *names.LOCAL)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with slots for what was personal in it, and how many of each kind were put there."""

    text: str
    kinds: tuple[tuple[str, int], ...]


def mask(text: str, contacts: Sequence[str] = (), known: Sequence[str] = ()) -> Masked:
    """Replace what is personal by slots, but leave the company's contacts; `known` are names and ids to hide as well.

    Masking a masked text again changes nothing: the rules are repeated until none of them finds anything.
    """
    fixed = fixed_pattern(tuple(contacts))
    known_rule = names.known_rule(known)
    rules = RULES if known_rule is None else (*credentials.RULES, known_rule, *RULES[len(credentials.RULES) :])
    counts: Counter[str] = Counter()
    while True:
        joined = "".join(piece.text for piece in apply(rules, pieces(text, fixed), counts))
        joined = _beside_slots(joined, counts)
        if joined == text:
            return Masked(text, tuple(counts.most_common()))
        text = joined


def _beside_slots(text: str, counts: Counter[str]) -> str:
    """Names next to a slot: the one kind of rule that looks at what the others found."""
    for rule in names.BESIDE:
        text = "".join(piece.text for piece in apply((rule,), [Piece(text, fixed=False)], counts))
    return _REPEATED.sub(NAME, text)
