"""Fitting the read on the memory alone."""

import weakref
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.readings import VIEW, candidates, parameters, reader, unit
from weaver_core import leave_one_out
from weaver_core.leave_one_out import Case, Fit
from weaver_core.memory import Memories
from weaver_core.model import ReadParameters, ViewParameters, read_candidates
from weaver_core.readers import Reader

ANSWERS, EACH, DIMENSION = 20, 5, 16


def clustered(spread: float, seed: int = 5) -> Memories:
    """Answers whose questions lie around a centre of their own."""
    random = np.random.default_rng(seed)
    centres = np.repeat(random.normal(size=(ANSWERS, DIMENSION)), EACH, axis=0)
    vectors = unit(centres + spread * random.normal(size=(ANSWERS * EACH, DIMENSION)))
    return Memories(vectors, np.arange(0, ANSWERS * EACH + 1, EACH), np.zeros(ANSWERS * EACH, np.float32))


def cases(memories: Memories, sentences: NDArray[np.bool_] | None = None) -> Iterator[Case]:
    """Every position that is no sentence asks, against the whole memory without itself."""
    sentences = np.zeros(len(memories.trust), np.bool_) if sentences is None else sentences
    for row in np.flatnonzero(~sentences):
        kept = np.arange(len(memories.vectors)) != row
        counts = np.bincount(memories.owners[kept])
        without = Memories(memories.vectors[kept], np.concatenate([[0], np.cumsum(counts)]), memories.trust[kept])
        found = candidates({VIEW: memories.vectors[row]}, {VIEW: without}, sentences[kept])
        yield Case(found, int(memories.owners[row]))


def fit(memories: Memories, sentences: NDArray[np.bool_] | None = None, prior: Reader | None = None) -> Fit:
    """What is fitted on such cases."""
    fitted = leave_one_out.fit(cases(memories, sentences), 100, prior or reader())
    assert fitted is not None
    return fitted


def measured(memories: Memories, asked: ReadParameters) -> tuple[float, float]:
    """Loss and accuracy of really asking every question."""
    losses, right = [], []
    for case in cases(memories):
        reading = read_candidates(case.candidates, asked)
        losses.append(-np.log(reading.probabilities[case.target]))
        right.append(reading.scores.argmax() == case.target)
    return float(np.mean(losses)), float(np.mean(right))


def test_the_figures_reported_are_those_of_really_taking_each_question_out() -> None:
    memories = clustered(spread=1.2)
    fitted = fit(memories)
    loss, accuracy = measured(memories, fitted.reader.parameters)
    assert 0.2 < fitted.accuracy < 1.0
    assert fitted.accuracy == pytest.approx(accuracy)
    assert fitted.loss == pytest.approx(loss, abs=1e-3)


def test_the_fit_is_no_worse_than_the_prior() -> None:
    memories = clustered(spread=1.5)
    assert fit(memories).loss <= measured(memories, parameters())[0] + 1e-4


def test_sentences_that_mislead_lose_their_trust() -> None:
    memories = clustered(spread=0.5)
    random = np.random.default_rng(1)
    misleading = unit(random.normal(size=(1, DIMENSION)) + 0.05 * random.normal(size=(ANSWERS, DIMENSION)))
    rows = np.arange(0, ANSWERS * EACH, EACH)
    vectors = memories.vectors.copy()
    vectors[rows] = misleading
    sentences = np.zeros(len(vectors), np.bool_)
    sentences[rows] = True
    fitted = fit(Memories(vectors, memories.offsets, memories.trust), sentences)
    assert fitted.reader.parameters.views[VIEW].sentence_trust < 0.0
    assert fitted.questions == ANSWERS * (EACH - 1)


def both_views(good: Memories, bad: Memories) -> Iterator[Case]:
    """The same questions in two views."""
    for first, second in zip(cases(good), cases(bad), strict=True):
        spaces = {"good": first.candidates.spaces[VIEW], "bad": second.candidates.spaces[VIEW]}
        yield Case(replace(first.candidates, spaces=spaces), first.target)


def test_a_view_that_only_misleads_gets_no_weight() -> None:
    prior = Reader(
        ReadParameters({"good": ViewParameters(0.4), "bad": ViewParameters(0.6)}, words=0.0), reader().calibration
    )
    pairs = both_views(clustered(spread=0.6), clustered(spread=500.0, seed=9))
    fitted = leave_one_out.fit(pairs, 100, prior)
    assert fitted is not None
    views = fitted.reader.parameters.views
    assert views["bad"].weight < views["good"].weight
    assert fitted.accuracy > 0.9


def test_words_that_tell_the_answer_get_a_weight() -> None:
    def with_words() -> Iterator[Case]:
        for case in cases(clustered(spread=2.0)):
            words = np.where(np.arange(ANSWERS) == case.target, 1.0, 0.0).astype(np.float32)
            yield Case(replace(case.candidates, words=words), case.target)

    fitted = leave_one_out.fit(with_words(), 100, reader())
    assert fitted is not None
    assert fitted.reader.parameters.words == max(leave_one_out.WORDS)


def test_with_enough_questions_the_confidence_is_fitted_and_close_to_the_accuracy() -> None:
    twice = [*cases(clustered(spread=1.0)), *cases(clustered(spread=1.0, seed=8))]
    fitted = leave_one_out.fit(iter(twice), len(twice), reader())
    assert fitted is not None
    assert fitted.reader.calibration != reader().calibration
    small = leave_one_out.fit(iter(twice[:100]), 100, reader())
    assert small is not None
    assert small.reader.calibration == reader().calibration


def test_a_memory_with_too_few_questions_keeps_the_prior() -> None:
    few = list(cases(clustered(spread=1.0)))[:10]
    assert leave_one_out.fit(iter(few), 10, reader()) is None


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    leave_one_out.fit(cases(clustered(spread=1.0)), 100, reader(), lambda done, total: told.append((done, total)))
    assert told == [(number, 100) for number in range(1, 101)]


def test_no_more_than_a_case_or_two_is_held_at_once() -> None:
    held: list[weakref.ref[NDArray[np.float32]]] = []
    most = 0

    def counted() -> Iterator[Case]:
        nonlocal most
        for case in cases(clustered(spread=1.2)):
            held.append(weakref.ref(case.candidates.spaces[VIEW].vectors))
            most = max(most, sum(one() is not None for one in held))
            yield case

    assert leave_one_out.fit(counted(), 100, reader()) is not None
    assert len(held) == ANSWERS * EACH
    assert most <= 2
