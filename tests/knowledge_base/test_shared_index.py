"""Milvus and PostgreSQL in the embedded index's place: what they find is the same, and they outlive the process."""

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.identifiers import new_id
from knowledge_base.indexes.memory_index import MemoryIndex
from knowledge_base.indexes.vector_index import Followed, SharedIndex
from tests.knowledge_base import indexed
from tests.knowledge_base.conftest import OpenShared
from tests.knowledge_base.indexed import DIMENSION, GROUPS, VIEWS

TEXTS = ["how long does it take", "台灯怎么退货", "where is PPR-9087", "can I return it", "is it dimmable"]
# What half precision may change of a score.
HALF = 2e-3


def over(shared: SharedIndex) -> MemoryIndex:
    """The indexes of a process whose vectors lie in a shared one."""
    return MemoryIndex(dict.fromkeys(VIEWS, DIMENSION), shared=shared)


def unit(seed: int) -> NDArray[np.float32]:
    """A query's vector."""
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def assert_same(there: MemoryIndex, here: MemoryIndex) -> None:
    """Both find the same answers with the same scores and the very same keys, in every view and group."""
    for seed in range(8):
        view, groups = VIEWS[seed % 2], GROUPS[: 1 + seed % 2]
        found, wanted = (index.by_vector(view, unit(seed), 7, groups) for index in (there, here))
        assert [hit.answer_id for hit in found] == [hit.answer_id for hit in wanted]
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in wanted], abs=HALF)
        ids = [hit.answer_id for hit in wanted]
        for one, other in zip(there.memories(ids, VIEWS), here.memories(ids, VIEWS), strict=True):
            assert (one.answer, one.positions) == (other.answer, other.positions)
            for key in VIEWS:
                np.testing.assert_allclose(one.vectors[key], other.vectors[key], atol=1e-6)


def test_it_finds_what_the_embedded_index_finds_while_answers_come_change_and_go(shared: SharedIndex) -> None:
    dice = random.Random(5)
    there, here = over(shared), indexed.empty()
    for _ in range(25):
        number = dice.randrange(6)
        memory = indexed.memory(number, dice.sample(TEXTS, dice.randrange(5)), GROUPS[number % 2])
        for index in (there, here):
            indexed.put(index, memory)
            if not memory.positions:
                index.remove([memory.answer.id])
    assert len(here) > 5
    assert_same(there, here)


def test_an_answer_that_moves_to_another_group_is_found_there_alone(shared: SharedIndex) -> None:
    there, here = over(shared), indexed.empty()
    for group in (*GROUPS, GROUPS[0]):
        for index in (there, here):
            indexed.put(index, indexed.memory(1, TEXTS, group))
        assert_same(there, here)


def test_what_it_holds_outlives_the_process(open_shared: OpenShared) -> None:
    first = open_shared()
    assert first.followed() is None
    first.clear()
    memories = [indexed.memory(number, TEXTS) for number in range(3)]
    indexed.put(over(first), *memories)
    # A process that ends here leaves an index that is not complete.
    assert first.followed() is None
    followed = Followed(7, new_id())
    first.note(followed)
    first.close()
    again = open_shared()
    assert again.followed() == followed
    again.writes = False
    there = over(again)
    indexed.put(there, *memories)
    assert_same(there, indexed.of(memories))


def test_an_index_that_is_cleared_holds_nothing_and_is_not_complete(shared: SharedIndex) -> None:
    indexed.put(over(shared), indexed.memory(1, TEXTS))
    shared.clear()
    assert shared.followed() is None
    assert shared.search(VIEWS[0], unit(1), 5, GROUPS) == []
    indexed.put(there := over(shared), indexed.memory(2, TEXTS))
    shared.note(Followed(3, new_id()))
    assert_same(there, indexed.of([indexed.memory(2, TEXTS)]))


def test_keys_that_another_process_stored_go_with_their_answer(shared: SharedIndex, open_shared: OpenShared) -> None:
    memory = indexed.memory(1, TEXTS)
    indexed.put(over(shared), memory)
    other = open_shared()
    over(other).remove([memory.answer.id])
    assert other.search(VIEWS[0], unit(1), 5, GROUPS) == []


def test_two_processes_that_write_the_same_leave_it_once(shared: SharedIndex, open_shared: OpenShared) -> None:
    memories = [indexed.memory(number, TEXTS[number:]) for number in range(4)]
    one, other = over(shared), over(open_shared())
    for index in (one, other, one):
        indexed.put(index, *memories)
    for index in (one, other):
        assert_same(index, indexed.of(memories))


def test_an_index_of_other_encoders_is_removed(shared: SharedIndex, open_shared: OpenShared) -> None:
    shared.close()
    newer = open_shared("newer")
    newer.clear()
    newer.tidy()
    assert open_shared().followed() is None
    newer.note(Followed(0, None))
    newer.tidy()
    assert newer.followed() == Followed(0, None)


def test_the_nearest_of_a_group_are_found_though_other_groups_hold_far_nearer_ones(shared: SharedIndex) -> None:
    dice, query = np.random.default_rng(1), unit(1)
    there, here = over(shared), indexed.empty()
    for number in range(100):
        # One answer in twenty is in the group that is asked for, whose positions lie on the other side.
        group, side = (GROUPS[1], -query) if number % 20 == 0 else (GROUPS[0], query)
        vectors = side + 0.3 * dice.normal(size=(20, DIMENSION))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        for index in (there, here):
            indexed.put(index, indexed.memory(number, ["q"] * 20, group, vectors.astype(np.float32)))
    found, wanted = (index.by_vector(VIEWS[0], query, 10, GROUPS[1:]) for index in (there, here))
    assert [hit.answer_id for hit in found] == [hit.answer_id for hit in wanted]
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in wanted], abs=HALF)
