"""Which words of a passage a turn attends to: A = softmax(s·û·Hᵢ) over the passage's tokens."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weaver_core.attention import attend
from weaver_core.encoders.encoder import TokenStates

# Sharp enough to tell the words apart, flat enough to show more than one.
SCALE = 10.0


@dataclass(frozen=True, slots=True)
class WeightedWord:
    """A word of a text with its attention weight, in [0, 1]; `start` and `end` are its place, in characters."""

    text: str
    start: int
    end: int
    weight: float


def weigh_words(text: str, tokens: TokenStates, query: NDArray[np.float32]) -> list[WeightedWord]:
    """The words of a text in their order, their weights summing to 1; none for a text without tokens.

    What all of a text's tokens share says nothing about any of them, and is taken off first. Tokens that are pieces of
    one word are one. Shape: query û (d,).
    """
    states = tokens.states
    if not len(states):
        return []
    if len(states) > 1:
        states = states - states.mean(axis=0)
    units = states / np.maximum(np.linalg.norm(states, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    weights = attend(units @ query, np.array([0, len(units)]), SCALE, np.zeros(len(units), np.float32))
    return [
        WeightedWord(text[start:end], start, end, float(weights[first:last].sum()))
        for first, last, start, end in _words(text, tokens.spans)
    ]


def _words(text: str, spans: NDArray[np.int64]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of tokens that lie side by side in one Latin word: first and last token, begin and end in the text."""
    first = 0
    for place in range(1, len(spans) + 1):
        if place < len(spans) and _goes_on(text, int(spans[place - 1, 1]), int(spans[place, 0])):
            continue
        yield first, place, int(spans[first, 0]), int(spans[place - 1, 1])
        first = place


def _goes_on(text: str, end: int, start: int) -> bool:
    before, after = text[end - 1 : end], text[start : start + 1]
    return end == start and before.isalnum() and after.isalnum() and (before + after).isascii()
