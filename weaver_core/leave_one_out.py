"""Fits the read's parameters on the memory alone: each question asks for its answer while it is left out itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from weaver_core.attention import attend
from weaver_core.memory import Memories
from weaver_core.model import ReadParameters

SCALES = (3.0, 5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 40.0)
BETAS = (10.0, 14.0, 20.0, 28.0, 40.0, 56.0, 80.0)
SENTENCE_TRUSTS = (0.0, -1.0, -2.0, -4.0)
# More questions than this make the fit slower and no better (docs/experiments.md).
MOST_QUESTIONS = 2000
# With fewer questions the shipped prior is the better guess.
FEWEST_QUESTIONS = 50
BLOCK = 256

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fit:
    """Fitted parameters with what they reached: negative log-likelihood (nats) and accuracy@1, left out."""

    parameters: ReadParameters
    questions: int
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """The questions that ask (rows of the memories), and the answers that they should find."""

    memories: Memories
    sentences: NDArray[np.bool_]
    rows: NDArray[np.int64]
    targets: NDArray[np.int64]


def fit(memories: Memories, sentences: NDArray[np.bool_], seed: int, progress: Progress | None = None) -> Fit | None:
    """The parameters with the least leave-one-out loss; None when the memory has too few questions to say.

    `sentences` (P,) marks the positions that are the answer's own words: they are read but never ask.
    One coordinate at a time is searched (s, then the sentences' trust, then s again); β is searched with each.
    """
    task = _questions(memories, sentences, seed)
    if len(task.rows) < FEWEST_QUESTIONS:
        return None
    best = _measure(task, ReadParameters())
    trusts = SENTENCE_TRUSTS if sentences.any() else ()
    trials = [("scale", SCALES), ("sentence_trust", trusts), ("scale", SCALES if trusts else ())]
    total, done = sum(len(values) for _, values in trials), 0
    for name, values in trials:
        for value in values:
            trial = _measure(task, replace(best.parameters, **{name: value}))
            best = min(best, trial, key=lambda candidate: candidate.loss)
            done += 1
            if progress is not None:
                progress(done, total)
    return best


def _questions(memories: Memories, sentences: NDArray[np.bool_], seed: int) -> _Task:
    owners = memories.owners
    # A question can only find its answer without itself when the answer has another position.
    others = np.diff(memories.offsets)[owners] > 1
    rows = np.flatnonzero(others & ~sentences)
    if len(rows) > MOST_QUESTIONS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_QUESTIONS, replace=False))
    return _Task(memories, sentences, rows, owners[rows])


def _measure(task: _Task, parameters: ReadParameters) -> Fit:
    memories = task.memories
    trust = np.where(task.sentences, memories.trust + np.float32(parameters.sentence_trust), memories.trust)
    cosines = np.concatenate(
        [
            _cosines(memories, task.rows[start : start + BLOCK], parameters.scale, trust)
            for start in range(0, len(task.rows), BLOCK)
        ]
    )
    losses = {beta: _loss(cosines, task.targets, beta) for beta in BETAS}
    beta = min(losses, key=lambda candidate: losses[candidate])
    accuracy = float((cosines.argmax(axis=1) == task.targets).mean())
    return Fit(replace(parameters, beta=beta), len(task.rows), losses[beta], accuracy)


def _cosines(
    memories: Memories, rows: NDArray[np.int64], scale: float, trust: NDArray[np.float32]
) -> NDArray[np.float32]:
    """û·M̂ of these rows' questions, each left out of its own memory. Shape: q rows → (q, N)."""
    similarities = memories.vectors[rows] @ memories.vectors.T
    masked = np.tile(trust, (len(rows), 1))
    masked[np.arange(len(rows)), rows] = -np.inf
    weights = attend(similarities, memories.offsets, scale, masked)
    along = np.add.reduceat(weights * similarities, memories.offsets[:-1], axis=1)
    lengths = np.empty_like(along)
    for answer, (start, end) in enumerate(zip(memories.offsets[:-1], memories.offsets[1:], strict=True)):
        # |M|² = αᵀ(H Hᵀ)α, cheaper than M itself where an answer has fewer positions than dimensions.
        own, block = memories.vectors[start:end], weights[:, start:end]
        gram = own @ own.T
        lengths[:, answer] = np.sqrt(np.maximum(((block @ gram) * block).sum(axis=1), np.finfo(np.float32).tiny))
    return np.asarray(along / lengths, np.float32)


def _loss(cosines: NDArray[np.float32], targets: NDArray[np.int64], beta: float) -> float:
    scores = beta * cosines.astype(np.float64)
    highest = scores.max(axis=1)
    totals = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
    return float((totals - scores[np.arange(len(targets)), targets]).mean())
