"""What one wording of an answer has that another has not, word by word; in Chinese, character by character."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import LCSseq

from knowledge_base.answers import Revision

# A word with the space behind it, a character of Chinese or Japanese, or a sign.
_PIECE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+\s*|\s+|[^\w\s]\s*")
Kind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of two wordings: in both, in the older one only, or in the newer one only."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Reworded:
    """A wording with what was changed in it, against the one before it."""

    revision: Revision
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]


def compare(old: str, new: str) -> tuple[Piece, ...]:
    """The newer text with what went out of the older one, in reading order; what went stands before what came."""
    before, after = _PIECE.findall(old), _PIECE.findall(new)
    pieces: list[Piece] = []
    gone, came = "", ""
    for step in LCSseq.opcodes(before, after):
        if step.tag != "equal":
            gone += "".join(before[step.src_start : step.src_end])
            came += "".join(after[step.dest_start : step.dest_end])
            continue
        pieces += _changed(gone, came)
        gone, came = "", ""
        pieces.append(Piece("same", "".join(after[step.dest_start : step.dest_end])))
    return (*pieces, *_changed(gone, came))


def _changed(gone: str, came: str) -> list[Piece]:
    kinds: list[tuple[Kind, str]] = [("gone", gone), ("new", came)]
    return [Piece(kind, text) for kind, text in kinds if text]


def history(revisions: Sequence[Revision]) -> list[Reworded]:
    """An answer's wordings, newest first, each with what it changed; the first one changed nothing."""
    older = [*revisions[1:], *revisions[-1:]]
    return [
        Reworded(one, compare(before.title, one.title), compare(before.text, one.text))
        for one, before in zip(revisions, older, strict=True)
    ]
