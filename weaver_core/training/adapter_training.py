"""Trains the residual on queries over fixed vectors: judged turns, and the memory's questions left out one by one."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from weaver_core.errors import TrainingFailedError
from weaver_core.memory import Memories
from weaver_core.training import losses
from weaver_core.training.progress import Progress, Report
from weaver_core.training.settings import AdapterSettings


@dataclass(frozen=True, slots=True, eq=False)
class JudgedTurns:
    """n judged turns as vectors.

    Shapes: queries û (n, d); answers (n,) by number; right (n,), False where the judgement calls the answer wrong;
    weights and noise ε (n,); own (n,), the turn's own position in the memory, −1 where it has none.
    """

    queries: NDArray[np.float32]
    answers: NDArray[np.int64]
    right: NDArray[np.bool_]
    weights: NDArray[np.float32]
    noise: NDArray[np.float32]
    own: NDArray[np.int64]


def of_memory(memories: Memories, asks: NDArray[np.bool_]) -> JudgedTurns:
    """The memory's own questions as turns: each asks for its answer while it is left out. Shape: asks (P,)."""
    owners = memories.owners
    rows = np.flatnonzero(asks & (np.diff(memories.offsets)[owners] > 1))
    ones = np.ones(len(rows), np.float32)
    return JudgedTurns(memories.vectors[rows], owners[rows], np.ones(len(rows), np.bool_), ones, 0 * ones, rows)


def train(
    turns: JudgedTurns,
    memories: Memories,
    asks: NDArray[np.bool_],
    settings: AdapterSettings,
    report: Report,
) -> NDArray[np.float16]:
    """The residual W (d, d) with the least loss over the turns and, by `settings.replay`, over the memory's questions.

    Keys and s stay as they are. Raises TrainingFailedError when the loss is no finite number.
    """
    random = np.random.default_rng(settings.seed)
    replayed = of_memory(memories, asks)
    task = _Task(
        torch.from_numpy(memories.vectors),
        losses.layout(memories.owners, memories.trust),
        losses.ReadOfOneView(settings.scale, settings.beta),
    )
    residual = nn.Parameter(torch.zeros(memories.vectors.shape[1], memories.vectors.shape[1]))
    optimizer = torch.optim.AdamW([residual], lr=settings.learning_rate, weight_decay=settings.weight_decay)
    order = _order(len(turns.queries), settings, random)
    for step, chosen in enumerate(order):
        loss = _loss(task, residual, turns, chosen)
        if len(replayed.queries) and settings.replay:
            rows = random.choice(len(replayed.queries), min(settings.batch, len(replayed.queries)), replace=False)
            loss = loss + settings.replay * _loss(task, residual, replayed, rows)
        if not math.isfinite(loss.item()):
            raise TrainingFailedError(f"The loss at step {step + 1} of the training is no finite number.")
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        report(Progress(step + 1, len(order), loss.item()))
    trained: NDArray[np.float16] = residual.detach().numpy().astype(np.float16)
    return trained


def _order(turns: int, settings: AdapterSettings, random: np.random.Generator) -> list[NDArray[np.int64]]:
    """All batches of all epochs."""
    order = np.concatenate([random.permutation(turns) for _ in range(settings.epochs)])
    return [order[start : start + settings.batch] for start in range(0, len(order), settings.batch)]


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """What every step reads. Shape: positions H (P, d)."""

    positions: Tensor
    memories: losses.Layout
    read: losses.ReadOfOneView


def _loss(task: _Task, residual: Tensor, turns: JudgedTurns, rows: NDArray[np.int64]) -> Tensor:
    queries = torch.from_numpy(turns.queries[rows])
    moved = nn.functional.normalize(queries + queries @ residual.T, dim=-1)
    judged = losses.Judged(
        places=torch.arange(len(rows)),
        answers=torch.from_numpy(turns.answers[rows]),
        right=torch.from_numpy(turns.right[rows]),
        weights=torch.from_numpy(turns.weights[rows]),
        noise=torch.from_numpy(turns.noise[rows]),
    )
    left_out = losses.mask_of(turns.own[rows], len(task.positions))
    return losses.read_loss(moved @ task.positions.T, task.positions, task.memories, left_out, judged, task.read)
