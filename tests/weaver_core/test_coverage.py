"""Coverage: the few positions that stand for all."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from weaver_core.coverage import cover


def unit(rows: int, seed: int, dimension: int = 5) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=(rows, dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def covered(vectors: NDArray[np.float32], chosen: tuple[int, ...], weights: NDArray[np.float32]) -> float:
    """Σᵢ wᵢ (1 + max cos): from the formula, counted from nothing covered."""
    return float(sum(w * (1 + max(v @ vectors[j] for j in chosen)) for v, w in zip(vectors, weights, strict=True)))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_choice_is_near_the_best_of_all_choices(seed: int, k: int) -> None:
    vectors = unit(9, seed)
    weights = np.random.default_rng(seed).uniform(0.2, 2, 9).astype(np.float32)
    best = max(covered(vectors, choice, weights) for choice in combinations(range(9), k))
    found = covered(vectors, tuple(map(int, cover(vectors, k, weights))), weights)
    assert found >= (best - 1e-3 if k == 1 else (1 - 1 / np.e) * best)


def test_each_of_three_crowds_is_stood_for() -> None:
    centres = np.eye(3, 5, dtype=np.float32)
    vectors = np.repeat(centres, 4, axis=0) + 0.05 * unit(12, 3)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert sorted(int(row) // 4 for row in cover(vectors, 3)) == [0, 1, 2]


def test_what_weighs_nothing_needs_no_cover() -> None:
    vectors = np.repeat(np.eye(2, 4, dtype=np.float32), [1, 5], axis=0)
    assert list(cover(vectors, 1, np.array([1, 0, 0, 0, 0, 0], np.float32))) == [0]
    assert list(cover(vectors, 1)) == [1]


def test_what_must_stay_stays_and_is_not_covered_again() -> None:
    vectors = np.repeat(np.eye(3, 4, dtype=np.float32), [3, 2, 1], axis=0)
    assert list(cover(vectors, 2, keep=[1])) == [1, 3]
    assert list(cover(vectors, 1, keep=[5, 0])) == [0, 5]


def test_the_choice_is_the_same_every_time_and_among_equals_the_first() -> None:
    vectors = unit(300, 1)
    assert np.array_equal(cover(vectors, 20), cover(vectors.copy(), 20))
    assert list(cover(np.ones((5, 1), np.float32), 2)) == [0, 1]


def test_a_small_memory_is_kept_whole_and_a_huge_one_is_thinned() -> None:
    assert list(cover(unit(3, 0), 5)) == [0, 1, 2]
    chosen = cover(unit(2500, 0), 7)
    assert len(set(map(int, chosen))) == 7
