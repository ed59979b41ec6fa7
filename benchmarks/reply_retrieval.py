"""Finding the reply that an agent really gave among all that agents said: ranks, and intervals of paired gains."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.dialogue_turns import Question, Said
from weaver_core.dialogue import Role

Rows = NDArray[np.float32]
RESAMPLES = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Questions, the different texts that agents said in these dialogues, and where each reply is among them."""

    questions: list[Question]
    candidates: NDArray[np.int64]
    targets: NDArray[np.int64]

    @property
    def dialogues(self) -> NDArray[np.int64]:
        """Each question's dialogue."""
        return np.array([question.dialogue for question in self.questions])


def said_by_agents(dialogues: Sequence[list[Said]]) -> NDArray[np.int64]:
    """The different texts that agents said."""
    return np.unique([said.text for turns in dialogues for said in turns if said.role is Role.AGENT])


def task(questions: list[Question], dialogues: Sequence[list[Said]]) -> Task:
    """The questions' replies among all that agents said in the dialogues."""
    candidates = said_by_agents(dialogues)
    replies = np.array([question.reply.text for question in questions])
    return Task(questions, candidates, np.searchsorted(candidates, replies))


def reciprocal_ranks(queries: Rows, vectors: Rows, asked: Task) -> NDArray[np.float64]:
    """1/rank of each question's reply; what the agent had said before the question is no candidate. Shape: (n,).

    Queries (n, d) and the vectors of all texts are unit vectors. Equal cosines share their mean rank.
    """
    cosines = queries @ vectors[asked.candidates].T
    for row, question in enumerate(asked.questions):
        before = {said.text for said in question.earlier if said.role is Role.AGENT} - {question.reply.text}
        cosines[row, np.searchsorted(asked.candidates, sorted(before))] = -np.inf
    own = cosines[np.arange(len(queries)), asked.targets][:, None]
    ranks = 1 + (cosines > own).sum(axis=1) + ((cosines == own).sum(axis=1) - 1) / 2
    return np.asarray(1 / ranks, np.float64)


def same_acts(queries: Rows, asked: Task, memory: Rows, remembered: Sequence[Question]) -> NDArray[np.float64]:
    """1 where the nearest remembered question's reply does what the question's reply does, else 0. Shape: (n,)."""
    nearest = (queries @ memory.T).argmax(axis=1)
    return np.array(
        [float(remembered[near].reply.acts == q.reply.acts) for near, q in zip(nearest, asked.questions, strict=True)]
    )


def gain(way: NDArray[np.float64], baseline: NDArray[np.float64], groups: NDArray[np.int64]) -> str:
    """The mean gain in points with its 95 % interval; whole dialogues are resampled, as their turns are alike."""
    _, group = np.unique(groups, return_inverse=True)
    sums = np.bincount(group, weights=way - baseline)
    counts = np.bincount(group)
    drawn = np.random.default_rng(0).integers(len(sums), size=(RESAMPLES, len(sums)))
    means = 100 * sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{100 * (way - baseline).mean():+.1f} ({low:+.1f} … {high:+.1f})"
