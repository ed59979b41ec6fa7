"""The decoder as it serves: one turn at a time in NumPy, without torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weaver_core.context import checkpoint
from weaver_core.context.earlier import EarlierTurn, in_one_row

EPSILON = 1e-5

Rows = NDArray[np.float32]


class ContextDecoder:
    """R = TransformerDecoder(Q): the token states of a turn and of the earlier turns → a unit vector û.

    One layer before whose blocks the states are normalised: self-attention, cross-attention to the earlier turns,
    feed-forward, each added to the turn's states, whose mean is taken and scaled to unit length. The torch module of
    `decoder.py` is trained; this one computes the same.
    Source: Vaswani et al., Attention Is All You Need, 2017; Xiong et al., On Layer Normalization, 2020 (pre-norm).
    """

    def __init__(self, folder: Path, encoder_version: str) -> None:
        """Open a trained decoder. Raises DecoderDamagedError and DecoderMismatchError."""
        self._config, self._weights = checkpoint.read(folder, encoder_version)

    @property
    def most_turns(self) -> int:
        """How many earlier turns it looks back at."""
        return self._config.turns

    def vector(self, turn: NDArray[np.floating[Any]], earlier: Sequence[EarlierTurn] = ()) -> Rows:
        """The turn's unit vector û. Shapes: turn's pooled states (t, d), earlier turns oldest first → (d,)."""
        states = np.asarray(turn, np.float32)
        normalised = self._normalise("self_norm", states)
        states = states + self._attend("self_attention", normalised, normalised)
        before = in_one_row(earlier, self._config.dimension, self._config.turns, self._config.tokens)
        if len(before.states):
            marks = self._weights["speakers.weight"][before.speakers] + self._weights["recency.weight"][before.recency]
            seen = np.asarray(self._normalise("earlier_norm", before.states) + marks, np.float32)
            states = states + self._attend("cross_attention", self._normalise("cross_norm", states), seen)
        widened = _gelu(self._linear("widen", self._normalise("feed_norm", states)))
        mean = (states + self._linear("narrow", widened)).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def _linear(self, name: str, rows: Rows) -> Rows:
        return np.asarray(rows @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"], np.float32)

    def _normalise(self, name: str, rows: Rows) -> Rows:
        centred = rows - rows.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt(centred.var(axis=1, keepdims=True) + EPSILON)
        return np.asarray(scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"], np.float32)

    def _attend(self, name: str, asking: Rows, asked: Rows) -> Rows:
        """A = softmax(q Hᵀ / √dₖ), head by head. Shapes: (t, d), (h, d) → (t, d)."""
        heads = self._config.heads
        q = self._linear(f"{name}.query", asking).reshape(len(asking), heads, -1).swapaxes(0, 1)
        k = self._linear(f"{name}.key", asked).reshape(len(asked), heads, -1).transpose(1, 2, 0)
        v = self._linear(f"{name}.value", asked).reshape(len(asked), heads, -1).swapaxes(0, 1)
        scores = q @ k / np.sqrt(np.float32(q.shape[-1]))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return self._linear(f"{name}.output", (weights @ v).swapaxes(0, 1).reshape(len(asking), -1))


def _gelu(rows: Rows) -> Rows:
    """The usual approximation of the Gaussian error linear unit. Source: Hendrycks and Gimpel, GELU, 2016."""
    return np.asarray(0.5 * rows * (1 + np.tanh(np.sqrt(2 / np.pi) * (rows + 0.044715 * rows**3))), np.float32)
