"""What every engine finds by vector: the embedded index, Milvus, and PostgreSQL."""

import random

import numpy as np
import pytest

from knowledge_base.indexes.memory_index import MemoryIndex
from tests.knowledge_base import indexed
from tests.knowledge_base.indexed import GROUPS, VIEWS
from tests.knowledge_base.test_shared_index import HALF, TEXTS, unit


def test_an_engine_finds_what_a_full_comparison_finds(every_index: MemoryIndex) -> None:
    dice = random.Random(2)
    held = [indexed.memory(number, ["q"] * dice.randrange(1, 9)) for number in range(12)]
    indexed.put(every_index, *held)
    for seed in range(6):
        view, limit = VIEWS[seed % 2], dice.randrange(1, 20)
        rows = [(float(vector @ unit(seed)), memory.answer.id) for memory in held for vector in memory.vectors[view]]
        nearest = sorted(rows, key=lambda row: -row[0])[:limit]
        hits = every_index.by_vector(view, unit(seed), limit, GROUPS[:1])
        assert [hit.answer_id for hit in hits] == list(dict.fromkeys(answer_id for _, answer_id in nearest))
        best = {answer_id: score for score, answer_id in reversed(nearest)}
        assert [hit.score for hit in hits] == pytest.approx([best[hit.answer_id] for hit in hits], abs=HALF)


def test_a_search_stays_in_its_groups(every_index: MemoryIndex) -> None:
    english, chinese = indexed.memory(1, ["q"]), indexed.memory(2, ["问"], GROUPS[1])
    indexed.put(every_index, english, chinese)
    query = english.vectors[VIEWS[0]][0]
    for groups, found in (([GROUPS[1]], [chinese]), ([GROUPS[0]], [english]), ([("other", "en")], [])):
        hits = every_index.by_vector(VIEWS[0], query, 5, groups)
        assert [hit.answer_id for hit in hits] == [memory.answer.id for memory in found]
    assert len(every_index.by_vector(VIEWS[0], query, 5, GROUPS)) == 2


def test_keys_come_back_as_they_were_put_in_the_order_of_their_positions(every_index: MemoryIndex) -> None:
    held = [indexed.memory(number, TEXTS[number:]) for number in range(4)]
    indexed.put(every_index, *held)
    ids = [memory.answer.id for memory in held]
    for memory, found in zip(held[::-1], every_index.memories(ids[::-1], VIEWS), strict=True):
        assert memory.positions == found.positions
        for view in VIEWS:
            np.testing.assert_allclose(found.vectors[view], memory.vectors[view], atol=1e-6)


def test_what_is_replaced_or_removed_is_not_found(every_index: MemoryIndex) -> None:
    first, second = indexed.memory(1, TEXTS), indexed.memory(2, TEXTS)
    indexed.put(every_index, first, second)
    indexed.put(every_index, indexed.memory(1, TEXTS[:1]))
    assert len(every_index) == 6
    every_index.remove([second.answer.id])
    hits = every_index.by_vector(VIEWS[1], unit(3), 20, GROUPS)
    assert [hit.answer_id for hit in hits] == [first.answer.id]
    assert every_index.memories([second.answer.id], VIEWS) == []
    indexed.put(every_index, second)
    assert len(every_index.by_vector(VIEWS[1], unit(3), 20, GROUPS)) == 2
