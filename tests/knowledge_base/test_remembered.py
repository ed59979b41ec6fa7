"""Memories in the side file: what is put there comes back, however many there are."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from knowledge_base.identifiers import new_id
from knowledge_base.indexes import remembered
from knowledge_base.indexes.remembered import Held, Remembered
from knowledge_base.indexes.side_file import SideFile
from knowledge_base.memories import Memory
from knowledge_base.tables.base import now
from tests.knowledge_base.test_indexes import memory


@pytest.fixture
def side() -> Iterator[SideFile]:
    """An empty side file."""
    side = SideFile()
    yield side
    side.close()


def held(number: int, texts: list[str]) -> Held:
    """A memory as it is put away, with everything that an answer can have."""
    item = memory(texts, seed=number, group=("shop", None))
    answer = replace(item.answer, tags=("a", "b"), valid_from=now(), language=None)
    positions = tuple(replace(position, context="before", trust=-1.5, turn_id=new_id()) for position in item.positions)
    return Held(Memory(answer, positions), number, np.arange(len(texts)))


@pytest.mark.parametrize("ready", [1, remembered.MOST_READY])
def test_memories_come_back_as_they_were(side: SideFile, monkeypatch: pytest.MonkeyPatch, ready: int) -> None:
    monkeypatch.setattr(remembered, "MOST_READY", ready)
    memories = Remembered(side)
    items = [held(number, [f"question {number}", "退款"]) for number in range(5)]
    for item in items:
        memories.put(item)
    for item in [*items, *reversed(items)]:
        (found,) = memories.get([item.memory.answer.id])
        assert found is not None
        assert (found.memory.answer, found.memory.positions) == (item.memory.answer, item.memory.positions)
        assert (found.number, found.rows.tolist()) == (item.number, item.rows.tolist())


@pytest.mark.parametrize("ready", [1, remembered.MOST_READY])
def test_what_was_removed_is_not_known(side: SideFile, monkeypatch: pytest.MonkeyPatch, ready: int) -> None:
    monkeypatch.setattr(remembered, "MOST_READY", ready)
    memories = Remembered(side)
    items = [held(number, ["one"]) for number in range(3)]
    for item in items:
        memories.put(item)
    ids = [item.memory.answer.id for item in items]
    assert memories.owners([0, 1, 2, 7]) == dict(enumerate(ids))
    memories.remove(ids[1])
    assert memories.get([ids[1]]) == [None]
    assert memories.owners([0, 1, 2]) == {0: ids[0], 2: ids[2]}
