"""Trains the decoder: a turn in its context shall come to lie where the answer that was given lies."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from weaver_core.context.checkpoint import DecoderConfig
from weaver_core.context.decoder import Batch, TransformerDecoder, batched
from weaver_core.context.earlier import EarlierTurn

ACROSS_ALONE = ("cross_attention", "cross_norm", "earlier_norm", "speakers", "recency")


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A turn's pooled states (t, d), the turns before it, oldest first, and the number of the answer that was given."""

    turn: NDArray[np.floating[Any]]
    earlier: tuple[EarlierTurn, ...]
    answer: int


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What examples are answered with. Shapes: unit vectors (m, d); the mean (d,) that the memory subtracts, or zeros.

    The vectors are as the encoder gives them; both sides are centred while they are compared, as retrieval does.
    """

    vectors: NDArray[np.float32]
    mean: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How to train. `scale` multiplies cosines before the softmax.

    `hard` counts the nearest wrong answers that each example adds to those of its batch. None by default: in dialogues
    the nearest wrong reply is often as right as the one that was given (docs/experiments.md).
    So that first turns and changes of subject are learnt too, `empty` is the share of examples that lose their earlier
    turns, and `foreign` the share that gets another example's instead. `parts` are the beginnings of the names of the
    weights that are trained, empty for all: with ACROSS_ALONE a turn before which nothing was said keeps the encoder's
    vector.
    """

    seed: int = 0
    epochs: int = 4
    batch: int = 64
    rate: float = 3e-4
    decay: float = 0.05
    dropout: float = 0.1
    scale: float = 20.0
    hard: int = 0
    empty: float = 0.15
    foreign: float = 0.1
    parts: tuple[str, ...] = ()


Score = Callable[[TransformerDecoder], float]


def fit(
    examples: Sequence[Example], answers: Answers, config: DecoderConfig, schedule: Schedule, score: Score
) -> tuple[TransformerDecoder, list[float]]:
    """The decoder of the best epoch by `score`, in evaluation mode, and every epoch's score, the untrained one's first.

    Contrastive: −log softmax of the given answer among those of the batch and the hard ones of each of its examples
    (the nearest wrong ones to the untrained vector); the encoder stays as it is.
    Source: Karpukhin et al., Dense Passage Retrieval, 2020.
    """
    torch.manual_seed(schedule.seed)
    decoder = TransformerDecoder(config, schedule.dropout)
    random = np.random.default_rng(schedule.seed)
    vectors = _centred(torch.from_numpy(answers.vectors), torch.from_numpy(answers.mean))
    hard = _hard(examples, answers, schedule.hard) if schedule.hard else np.zeros((len(examples), 0), np.int64)
    steps = schedule.epochs * -(-len(examples) // schedule.batch)
    trained = [
        weight for name, weight in decoder.named_parameters() if not schedule.parts or name.startswith(schedule.parts)
    ]
    optimizer = torch.optim.AdamW(trained, lr=schedule.rate, weight_decay=schedule.decay)
    falling = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 20) * (1 - step / steps))
    scores, best = [score(decoder.eval())], _copy(decoder)
    for _ in range(schedule.epochs):
        decoder.train()
        for rows, batch in _batches(examples, config, schedule, random):
            given = np.array([examples[row].answer for row in rows])
            among: NDArray[np.int64] = np.unique(np.concatenate([given, hard[rows].ravel()]))
            found = _centred(decoder(batch), torch.from_numpy(answers.mean))
            logits = schedule.scale * found @ vectors[torch.from_numpy(among)].T
            loss = nn.functional.cross_entropy(logits, torch.from_numpy(np.searchsorted(among, given)))
            decoder.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            falling.step()
        scores.append(score(decoder.eval()))
        if scores[-1] > max(scores[:-1]):
            best = _copy(decoder)
    decoder.load_state_dict(best)
    return decoder.eval(), scores


def _centred(vectors: Tensor, mean: Tensor) -> Tensor:
    return nn.functional.normalize(vectors - mean, dim=-1)


def _copy(decoder: TransformerDecoder) -> dict[str, Tensor]:
    return {name: weight.clone() for name, weight in decoder.state_dict().items()}


def _hard(examples: Sequence[Example], answers: Answers, count: int) -> NDArray[np.int64]:
    """The nearest answers to each turn's untrained vector, without the one that was given. Shape: (n, count)."""
    means = np.stack([np.asarray(example.turn, np.float32).mean(axis=0) for example in examples])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    given = np.array([example.answer for example in examples])
    similarities = _unit(means - answers.mean) @ _unit(answers.vectors - answers.mean).T
    similarities[np.arange(len(given)), given] = -np.inf
    count = min(count, similarities.shape[1] - 1)
    return np.argsort(-similarities, axis=1)[:, :count]


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)


def _batches(
    examples: Sequence[Example], config: DecoderConfig, schedule: Schedule, random: np.random.Generator
) -> Iterator[tuple[list[int], Batch]]:
    """All examples in random order, some without their earlier turns and some with another example's."""
    order = [int(row) for row in random.permutation(len(examples))]
    for start in range(0, len(order), schedule.batch):
        rows = order[start : start + schedule.batch]
        earlier: list[tuple[EarlierTurn, ...]] = []
        for row, chance in zip(rows, random.random(len(rows)), strict=True):
            if chance < schedule.empty:
                earlier.append(())
            elif chance < schedule.empty + schedule.foreign:
                earlier.append(examples[int(random.integers(len(examples)))].earlier)
            else:
                earlier.append(examples[row].earlier)
        yield rows, batched([examples[row].turn for row in rows], earlier, config)
