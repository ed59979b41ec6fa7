"""Labelled turns that the heads are fitted on: those that ship with Weaver, and a company's own."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from math import isfinite

from weaver_core.errors import HeadDamagedError
from weaver_core.heads.labels import LABELS, Task

# However many weak labels a company has, together they say no more than this many times the shipped turns.
MOST_WEAK = 1.0


@dataclass(frozen=True, slots=True)
class Example:
    """A turn with its label; `weight` says how much it is believed, 1 for a turn that a person labelled with care."""

    text: str
    label: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Raises HeadDamagedError for a text without characters or a weight that is no weight."""
        if not self.text.strip():
            raise HeadDamagedError(f"A turn labelled '{self.label}' has no text.")
        if not isfinite(self.weight) or self.weight < 0:
            raise HeadDamagedError(f"The turn {self.text[:40]!r} has the weight {self.weight}.")


def shipped(task: Task) -> list[Example]:
    """The turns that Weaver's authors wrote for a head, in English and Chinese. Raises HeadDamagedError."""
    lines = resources.files("weaver_core.heads").joinpath(f"texts/{task}.jsonl").read_text(encoding="utf-8")
    return checked([_parse(line, task) for line in lines.splitlines()], task)


def joined(own: Sequence[Example], weak: Sequence[Example]) -> list[Example]:
    """The shipped turns and a company's weakly labelled ones, which together weigh at most as much as the shipped.

    So a flood of wrong labels can blur a head but not turn it round.
    """
    total = sum(example.weight for example in weak)
    most = MOST_WEAK * sum(example.weight for example in own)
    share = min(1.0, most / total) if total else 1.0
    return [*own, *(replace(example, weight=share * example.weight) for example in weak)]


def checked(examples: Iterable[Example], task: Task) -> list[Example]:
    """The examples, each with a label that this head knows. Raises HeadDamagedError."""
    found = list(examples)
    for example in found:
        if example.label not in LABELS[task]:
            raise HeadDamagedError(f"The head for {task} knows no label '{example.label}' ({example.text[:40]!r}).")
    return found


def _parse(line: str, task: Task) -> Example:
    try:
        stored = json.loads(line)
        return Example(stored["text"], stored["label"])
    except (ValueError, KeyError, TypeError) as error:
        raise HeadDamagedError(f"A line of the turns for {task} cannot be read: {line[:60]!r}.") from error
