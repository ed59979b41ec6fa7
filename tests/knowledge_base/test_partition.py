"""A partition of many keys: what its scan of signs finds, against a full comparison."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.indexes.partition import Partition
from knowledge_base.indexes.signs import EXACT_ROWS, Signs
from knowledge_base.quantization import quantize, vectors_of

VIEW = "tiny@1"
ROWS = 12 * EXACT_ROWS


def unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """The vectors' directions."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def crowded(rows: int, dimension: int, seed: int) -> NDArray[np.float32]:
    """Unit vectors in flocks of ten, around a mean that is not zero."""
    random = np.random.default_rng(seed)
    flocks = np.repeat(random.normal(0.5, 1, size=(-(-rows // 10), dimension)), 10, axis=0)[:rows]
    return unit(flocks + random.normal(0, 0.7, size=flocks.shape))


def beside(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit vectors near these."""
    return unit(vectors + np.random.default_rng(9).normal(0, 0.03, size=vectors.shape))


def filled(keys: NDArray[np.float32]) -> Partition:
    """A partition in which each row's owner is its number among the keys."""
    partition = Partition({VIEW: keys.shape[1]})
    for owner in range(len(keys)):
        partition.put(np.array([owner]), {VIEW: keys[owner : owner + 1]})
    return partition


def found(partition: Partition, keys: NDArray[np.float32], queries: NDArray[np.float32], first: int = 0) -> float:
    """The share of the ten nearest keys, of those from `first` on, that a search finds."""
    shares = []
    for query in queries:
        wanted = first + np.argsort(-(keys[first:] @ query))[:10]
        shares.append(len(set(partition.nearest(VIEW, query, 10).owners.tolist()) & set(wanted.tolist())) / 10)
    return float(np.mean(shares))


@pytest.mark.parametrize("dimension", [96, 384, 600])
def test_a_search_in_many_keys_finds_what_a_full_comparison_finds(dimension: int) -> None:
    keys = crowded(ROWS, dimension, seed=3)
    assert found(filled(keys), keys, beside(keys[::600])) > 0.95


def test_a_search_among_few_keys_finds_exactly_the_nearest() -> None:
    keys = crowded(EXACT_ROWS, 24, seed=4)
    partition = filled(keys)
    for query in beside(keys[::100]):
        nearest = partition.nearest(VIEW, query, 10)
        assert nearest.owners.tolist() == np.argsort(-(vectors_of(quantize(keys)) @ query))[:10].tolist()


def test_rows_that_were_freed_do_not_stand_before_others() -> None:
    own, dimension = 3 * EXACT_ROWS, 384
    far = crowded(own, dimension, seed=6)
    query = far[:1]
    near = beside(np.repeat(query, own, axis=0))
    keys = np.concatenate([near, far])
    partition = Partition({VIEW: dimension})
    freed = partition.put(np.zeros(own, np.int64), {VIEW: near})
    for owner in range(own, len(keys)):
        partition.put(np.array([owner]), {VIEW: keys[owner : owner + 1]})
    partition.remove(freed)
    assert found(partition, keys, query, first=own) == 1.0


def test_signs_are_taken_around_the_mean_of_the_rows() -> None:
    keys = np.abs(crowded(2 * EXACT_ROWS, 64, seed=7))
    signs = Signs(64, len(keys))
    signs.put(np.arange(len(keys)), keys)
    # Around zero all signs are the same, and so are all distances.
    assert len(signs.likely(keys[0], len(keys), 0)) == len(keys)
    signs.centre(len(keys), lambda rows: keys[rows])
    assert len(signs.likely(keys[0], len(keys), 0)) < 1.5 * EXACT_ROWS
