"""The decoder as it is trained: the torch module, many turns at a time, padded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from weaver_core.context import checkpoint
from weaver_core.context.checkpoint import DecoderConfig
from weaver_core.context.earlier import SPEAKERS, EarlierTurn, in_one_row
from weaver_core.context.reading import EPSILON


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Turns with their earlier turns, padded.

    Shapes: turns (n, t, d) with mask (n, t); earlier (n, h, d) with mask (n, h); speakers and recency (n, h).
    """

    turns: Tensor
    turn_mask: Tensor
    earlier: Tensor
    earlier_mask: Tensor
    speakers: Tensor
    recency: Tensor


class _Attention(nn.Module):
    """A = softmax(q Hᵀ / √dₖ) in several heads; what is masked has the score −∞."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.query, self.key, self.value, self.output = (
            nn.Linear(config.dimension, config.dimension) for _ in range(4)
        )

    def forward(self, asking: Tensor, asked: Tensor, mask: Tensor) -> Tensor:
        """Shapes: asking (n, t, d), asked (n, h, d), mask (n, h), true somewhere in every row → (n, t, d)."""
        q, k, v = (
            part(rows).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part, rows in ((self.query, asking), (self.key, asked), (self.value, asked))
        )
        read = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
        answered: Tensor = self.output(read.transpose(1, 2).flatten(-2))
        return answered


class TransformerDecoder(nn.Module):
    """R = TransformerDecoder(Q): `reading.ContextDecoder` is the same for one turn.

    What each block adds begins at zero, so that the untrained decoder returns the encoder's own vector.
    """

    def __init__(self, config: DecoderConfig, dropout: float = 0.0) -> None:
        """An untrained decoder; `dropout` is the share of each block's output that training leaves out."""
        super().__init__()
        d = config.dimension
        self.config = config
        self.speakers, self.recency = nn.Embedding(SPEAKERS, d), nn.Embedding(config.turns, d)
        self.self_norm, self.cross_norm, self.earlier_norm, self.feed_norm = (
            nn.LayerNorm(d, eps=EPSILON) for _ in range(4)
        )
        self.self_attention, self.cross_attention = _Attention(config), _Attention(config)
        self.widen, self.narrow = nn.Linear(d, config.hidden), nn.Linear(config.hidden, d)
        self.dropout = nn.Dropout(dropout)
        outputs = (self.self_attention.output, self.cross_attention.output, self.narrow, self.speakers, self.recency)
        for parameter in (parameter for module in outputs for parameter in module.parameters()):
            nn.init.zeros_(parameter)

    def forward(self, batch: Batch) -> Tensor:
        """Unit vectors û. Shape: (n, d)."""
        states = batch.turns
        normalised = self.self_norm(states)
        states = states + self.dropout(self.self_attention(normalised, normalised, batch.turn_mask))
        if batch.earlier.shape[1]:
            states = states + self.dropout(self._across(states, batch))
        widened = nn.functional.gelu(self.widen(self.feed_norm(states)), approximate="tanh")
        states = states + self.dropout(self.narrow(widened))
        kept = batch.turn_mask.unsqueeze(-1)
        mean = torch.where(kept, states, 0.0).sum(dim=1) / kept.sum(dim=1)
        return nn.functional.normalize(mean, dim=-1)

    def _across(self, states: Tensor, batch: Batch) -> Tensor:
        marks = self.speakers(batch.speakers) + self.recency(batch.recency)
        some = batch.earlier_mask.any(dim=1, keepdim=True)
        # A row of −∞ has no softmax: a turn without earlier ones attends to padding, and what it reads is dropped.
        read = self.cross_attention(
            self.cross_norm(states), self.earlier_norm(batch.earlier) + marks, batch.earlier_mask | ~some
        )
        return torch.where(some.unsqueeze(-1), read, 0.0)

    def save(self, folder: Path) -> None:
        """Store this decoder as `reading.ContextDecoder` opens it."""
        checkpoint.write(folder, self.config, {name: weight.numpy() for name, weight in self.state_dict().items()})


def opened(folder: Path, encoder_version: str) -> TransformerDecoder:
    """The decoder in a folder, in evaluation mode. Raises DecoderDamagedError and DecoderMismatchError."""
    config, weights = checkpoint.read(folder, encoder_version)
    decoder = TransformerDecoder(config)
    decoder.load_state_dict({name: torch.from_numpy(weight) for name, weight in weights.items()})
    return decoder.eval()


def batched(
    turns: Sequence[NDArray[np.floating[Any]]], earlier: Sequence[Sequence[EarlierTurn]], config: DecoderConfig
) -> Batch:
    """Turns' pooled states, (t, d) each, with the turns before each of them, padded with zeros."""
    before = [in_one_row(said, config.dimension, config.turns, config.tokens) for said in earlier]
    turn_rows, turn_mask = _padded([np.asarray(states, np.float32) for states in turns])
    earlier_rows, earlier_mask = _padded([row.states for row in before])
    speakers, _ = _padded([row.speakers for row in before])
    recency, _ = _padded([row.recency for row in before])
    return Batch(turn_rows, turn_mask, earlier_rows, earlier_mask, speakers, recency)


def _padded(rows: Sequence[NDArray[Any]]) -> tuple[Tensor, Tensor]:
    """Arrays (t, …) of different lengths → one tensor (n, most t, …) and its mask (n, most t)."""
    lengths = torch.tensor([len(row) for row in rows])
    padded = nn.utils.rnn.pad_sequence([torch.from_numpy(row) for row in rows], batch_first=True)
    return padded, torch.arange(padded.shape[1]) < lengths.unsqueeze(1)
