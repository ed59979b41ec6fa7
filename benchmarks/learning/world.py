"""A simulated company: what its memory holds at first, what customers ask one after the other, and how they vote."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.banking77 import few_an_intent

TURNS = 9000
# The share of thumbs-down that a reviewer corrects.
CORRECTED = 0.2


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the answer that is right for it."""

    text: str
    answer_id: str

    @property
    def answer(self) -> str:
        """The answer's text, which says nothing about its intent."""
        return f"{self.answer_id.replace('-', ' ').capitalize()}."


@dataclass(frozen=True, slots=True)
class World:
    """Ten questions an answer to begin with, the turns in their order, and questions that measure."""

    name: str
    seed: int
    memory: tuple[Asked, ...]
    turns: tuple[Asked, ...]
    test: tuple[Asked, ...]

    @property
    def texts(self) -> list[str]:
        """All that is ever encoded."""
        return [asked.text for asked in (*self.memory, *self.turns, *self.test)]

    def faq(self) -> list[dict[str, str]]:
        """The memory as FAQ lines, whose answers say nothing about their intents."""
        return [
            {
                "question": asked.text,
                "answer": asked.answer,
                "answer_id": asked.answer_id,
                "language": "en",
            }
            for asked in self.memory
        ]


@dataclass(frozen=True, slots=True)
class Chances:
    """What is drawn for a turn: whether its vote is wrong, and whether a reviewer would correct a thumb down."""

    wrong: bool
    corrected: bool


def world(name: str, seed: int) -> World:
    """BANKING77 or CLINC150: ten train questions an intent, the others as turns, the test questions in scope."""
    train, test = data.rows(f"{name}/train.jsonl"), data.rows(f"{name}/test.jsonl")
    numbers = {intent: number for number, intent in enumerate(sorted({row["intent"] for row in train}))}

    def asked(row: dict[str, Any]) -> Asked:
        return Asked(row["text"], f"answer-{numbers[row['intent']]}")

    memory = few_an_intent(train, seed)
    known = {row["text"] for row in memory}
    others = [row for row in train if row["text"] not in known]
    np.random.default_rng(seed + 100).shuffle(others)
    return World(
        name,
        seed,
        tuple(map(asked, memory)),
        tuple(map(asked, others[:TURNS])),
        tuple(asked(row) for row in test if row["intent"] in numbers),
    )


@dataclass(frozen=True, slots=True)
class Voters:
    """How visitors vote: a share of the votes is wrong, of those in the attacked turns a larger one."""

    wrong: float
    attacked: range = range(0)
    flipped: float = 0.6

    def chances(self, seed: int, turn: int) -> Chances:
        """The same for a turn in every mode. At a higher share the votes that were wrong are wrong still."""
        wrong, corrected = np.random.default_rng((seed, turn)).random(2)
        share = self.flipped if turn in self.attacked else self.wrong
        return Chances(bool(wrong < share), bool(corrected < CORRECTED))
