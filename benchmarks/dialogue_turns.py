"""Real multi-turn dialogues as the context benchmark asks them: a customer's turn, what was said before, the reply."""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import data
from weaver_core.dialogue import Role

# What tells one dialogue from another without being about its subject: handles, links, who signed, part marks.
_MARKS = re.compile(r"@\w+|https?://\S+|\b\d/\d\b")
_SIGNATURE = re.compile(
    r"(?:\s*[\^~/*]\s*\w{1,12}|\s*-+\s*[A-Z]\w{0,10}|(?<=[.?!])\s*[A-Z]{2}"
    r"|\s*(?i:regards|rgds|thx|cheers|thanks)\s*,\s*\w+)[\s.]*$"
)


@dataclass(frozen=True, slots=True)
class Said:
    """One turn: who, which of the corpus's texts, and (CrossWOZ) what it does: (act, domain, slot)."""

    role: Role
    text: int
    acts: frozenset[tuple[str, ...]] = frozenset()


@dataclass(frozen=True, slots=True)
class Question:
    """A customer's turn in its dialogue; `reply` is what the agent said next."""

    dialogue: int
    turn: Said
    earlier: tuple[Said, ...]
    reply: Said


@dataclass(frozen=True, slots=True)
class Corpus:
    """Dialogues of one language over a list of different texts, split by dialogue.

    Half of the dialogues are reported; of the others four fifths train and one fifth chooses.
    """

    name: str
    language: str
    texts: list[str]
    training: list[list[Said]]
    choosing: list[list[Said]]
    reported: list[list[Said]]


def follow_ups(dialogues: Sequence[list[Said]]) -> list[Question]:
    """Customers' turns that the agent answered, after something was said before."""
    return [question for question in _questions(dialogues) if question.earlier]


def openings(dialogues: Sequence[list[Said]]) -> list[Question]:
    """First turns that the agent answered."""
    return [question for question in _questions(dialogues) if not question.earlier]


def _questions(dialogues: Sequence[list[Said]]) -> Iterator[Question]:
    for number, turns in enumerate(dialogues):
        for place in range(len(turns) - 1):
            turn, reply = turns[place], turns[place + 1]
            if turn.role is Role.CUSTOMER and reply.role is Role.AGENT:
                yield Question(number, turn, tuple(turns[:place]), reply)


def tweetsumm() -> Corpus:
    """989 English support dialogues on Twitter, without handles, links and signatures."""
    return _corpus("TweetSumm", "en", [row["turns"] for row in data.rows("tweetsumm/dialogues.jsonl")], _unmarked)


def crosswoz() -> Corpus:
    """500 Chinese dialogues on restaurants, hotels and sights, with the acts of each turn."""
    return _corpus("CrossWOZ", "zh", [row["turns"] for row in data.rows("crosswoz/dev.jsonl")], str.strip)


def _unmarked(text: str) -> str:
    plain = " ".join(_MARKS.sub(" ", html.unescape(text)).split())
    return _SIGNATURE.sub("", plain).strip()


def _corpus(name: str, language: str, dialogues: Sequence[list[dict[str, Any]]], clean: Callable[[str], str]) -> Corpus:
    numbers: dict[str, int] = {}
    told: list[list[Said]] = []
    for turns in dialogues:
        said = []
        for turn in turns:
            role = Role.CUSTOMER if turn["role"] in {"customer", "usr"} else Role.AGENT
            acts = frozenset(tuple(act[:3]) for act in turn.get("acts", ()))
            if text := clean(turn["text"]):
                said.append(Said(role, numbers.setdefault(text, len(numbers)), acts))
        told.append(said)
    order = np.random.default_rng(0).permutation(len(told))
    shuffled = [told[place] for place in order]
    half = len(shuffled) // 2
    chosen = half // 5
    return Corpus(
        name, language, list(numbers), shuffled[half + chosen :], shuffled[half : half + chosen], shuffled[:half]
    )
