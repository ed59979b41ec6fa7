"""Fitting the read on the memory alone."""

import numpy as np
import pytest

from tests.weaver_core.test_read import unit
from weaver_core import leave_one_out
from weaver_core.memory import Memories
from weaver_core.model import ReadParameters, read_memories

ANSWERS, EACH, DIMENSION = 20, 5, 16


def clustered(spread: float, seed: int = 5) -> Memories:
    """Answers whose questions lie around a centre of their own."""
    random = np.random.default_rng(seed)
    centres = np.repeat(random.normal(size=(ANSWERS, DIMENSION)), EACH, axis=0)
    vectors = unit(centres + spread * random.normal(size=(ANSWERS * EACH, DIMENSION)))
    return Memories(vectors, np.arange(0, ANSWERS * EACH + 1, EACH), np.zeros(ANSWERS * EACH, np.float32))


def accuracy_by_taking_each_question_out(memories: Memories, parameters: ReadParameters) -> float:
    """Leave-one-out as one would do it by hand: build the memory without the question, then ask it."""
    right = 0
    for row, owner in enumerate(memories.owners):
        kept = np.arange(len(memories.vectors)) != row
        counts = np.bincount(memories.owners[kept])
        offsets = np.concatenate([[0], np.cumsum(counts)])
        without = Memories(memories.vectors[kept], offsets, memories.trust[kept])
        right += int(read_memories(memories.vectors[row], without, parameters).cosines.argmax() == owner)
    return right / len(memories.vectors)


def test_the_accuracy_reported_is_that_of_really_taking_each_question_out() -> None:
    memories = clustered(spread=1.2)
    fit = leave_one_out.fit(memories, np.zeros(len(memories.vectors), np.bool_), seed=0)
    assert fit is not None
    assert 0.2 < fit.accuracy < 1.0
    assert fit.accuracy == pytest.approx(accuracy_by_taking_each_question_out(memories, fit.parameters))


def test_the_fit_is_no_worse_than_the_prior() -> None:
    memories = clustered(spread=1.5)
    none = np.zeros(len(memories.vectors), np.bool_)
    fit = leave_one_out.fit(memories, none, seed=0)
    prior = leave_one_out._measure(leave_one_out._questions(memories, none, 0), ReadParameters())
    assert fit is not None
    assert fit.loss <= prior.loss


def test_sentences_that_mislead_lose_their_trust() -> None:
    memories = clustered(spread=0.5)
    random = np.random.default_rng(1)
    misleading = unit(random.normal(size=(1, DIMENSION)) + 0.05 * random.normal(size=(ANSWERS, DIMENSION)))
    rows = np.arange(0, ANSWERS * EACH, EACH)
    vectors = memories.vectors.copy()
    vectors[rows] = misleading
    sentences = np.zeros(len(vectors), np.bool_)
    sentences[rows] = True
    fit = leave_one_out.fit(Memories(vectors, memories.offsets, memories.trust), sentences, seed=0)
    assert fit is not None
    assert fit.parameters.sentence_trust < 0.0
    assert fit.questions == ANSWERS * (EACH - 1)


def test_a_memory_with_too_few_questions_keeps_the_prior() -> None:
    few = Memories(unit(np.eye(4)), np.array([0, 2, 4]), np.zeros(4, np.float32))
    assert leave_one_out.fit(few, np.zeros(4, np.bool_), seed=0) is None


def test_answers_of_one_question_do_not_ask() -> None:
    random = np.random.default_rng(2)
    alone = Memories(unit(random.normal(size=(80, DIMENSION))), np.arange(81), np.zeros(80, np.float32))
    assert leave_one_out.fit(alone, np.zeros(80, np.bool_), seed=0) is None


def test_progress_is_told_to_the_end() -> None:
    memories = clustered(spread=1.0)
    told: list[tuple[int, int]] = []
    leave_one_out.fit(
        memories, np.zeros(len(memories.vectors), np.bool_), 0, lambda done, total: told.append((done, total))
    )
    assert told[-1][0] == told[-1][1] == len(told)
