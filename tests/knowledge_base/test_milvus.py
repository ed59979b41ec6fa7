"""Milvus in the embedded index's place: what it finds is the same. Milvus Lite works in the tests' process."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.errors import IndexUnavailableError
from knowledge_base.identifiers import new_id
from knowledge_base.indexes.memory_index import MemoryIndex
from knowledge_base.indexes.milvus import MilvusIndex, _address
from knowledge_base.indexes.vector_index import Followed
from tests.knowledge_base import indexed
from tests.knowledge_base.indexed import DIMENSION, GROUPS, VIEWS

TEXTS = ["how long does it take", "台灯怎么退货", "where is PPR-9087", "can I return it", "is it dimmable"]
DIMENSIONS = dict.fromkeys(VIEWS, DIMENSION)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Where Milvus Lite keeps its data."""
    return str(tmp_path / "milvus.db")


@pytest.fixture
def shared(url: str) -> Iterator[MilvusIndex]:
    """An empty collection."""
    shared = MilvusIndex(url, "space", DIMENSIONS)
    shared.clear()
    yield shared
    shared.close()


def unit(seed: int) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """A query's vector."""
    vector = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def assert_same(there: MemoryIndex, here: MemoryIndex) -> None:
    """Both find the same answers with the same scores and keys, in every view and group."""
    for seed in range(8):
        view, groups = VIEWS[seed % 2], GROUPS[: 1 + seed % 2]
        found, wanted = (index.by_vector(view, unit(seed), 7, groups) for index in (there, here))
        assert [hit.answer_id for hit in found] == [hit.answer_id for hit in wanted]
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in wanted], abs=1e-5)
        ids = [hit.answer_id for hit in wanted]
        for one, other in zip(there.memories(ids, VIEWS), here.memories(ids, VIEWS), strict=True):
            assert (one.answer, one.positions) == (other.answer, other.positions)
            for key in VIEWS:
                np.testing.assert_allclose(one.vectors[key], other.vectors[key], atol=1e-6)


def test_milvus_finds_what_the_embedded_index_finds_while_answers_come_change_and_go(shared: MilvusIndex) -> None:
    dice = random.Random(5)
    there, here = MemoryIndex(DIMENSIONS, shared=shared), indexed.empty()
    for _ in range(25):
        number = dice.randrange(6)
        memory = indexed.memory(number, dice.sample(TEXTS, dice.randrange(5)), GROUPS[number % 2])
        for index in (there, here):
            indexed.put(index, memory)
            if not memory.positions:
                index.remove([memory.answer.id])
    assert len(here) > 5
    assert_same(there, here)


def test_what_a_collection_holds_outlives_the_process(url: str) -> None:
    first = MilvusIndex(url, "space", DIMENSIONS)
    assert first.followed() is None
    first.clear()
    memories = [indexed.memory(number, TEXTS) for number in range(3)]
    indexed.put(MemoryIndex(DIMENSIONS, shared=first), *memories)
    # A process that ends here leaves a collection that is not complete.
    assert first.followed() is None
    followed = Followed(7, new_id())
    first.note(followed)
    first.close()
    again = MilvusIndex(url, "space", DIMENSIONS)
    assert again.followed() == followed
    again.writes = False
    there = MemoryIndex(DIMENSIONS, shared=again)
    indexed.put(there, *memories)
    assert_same(there, indexed.of(memories))
    there.close()


def test_keys_that_another_process_stored_go_with_their_answer(shared: MilvusIndex, url: str) -> None:
    memory = indexed.memory(1, TEXTS)
    indexed.put(MemoryIndex(DIMENSIONS, shared=shared), memory)
    other = MilvusIndex(url, "space", DIMENSIONS)
    MemoryIndex(DIMENSIONS, shared=other).remove([memory.answer.id])
    assert other.search(VIEWS[0], unit(1), 5, GROUPS) == []


def test_a_collection_of_other_encoders_is_removed(shared: MilvusIndex, url: str) -> None:
    shared.note(Followed(1, new_id()))
    newer = MilvusIndex(url, "newer", DIMENSIONS)
    newer.clear()
    newer.tidy()
    assert shared.followed() is None
    newer.note(Followed(0, None))
    assert newer.followed() == Followed(0, None)
    newer.close()


def test_a_milvus_that_does_not_answer_is_named() -> None:
    with pytest.raises(IndexUnavailableError, match="Milvus at localhost"):
        MilvusIndex("http://localhost:9", "space", DIMENSIONS)


def test_a_url_names_the_server_the_database_and_the_account() -> None:
    assert _address("https://ada:p%40ss@host/shop") == {
        "uri": "https://host:19530",
        "db_name": "shop",
        "token": "ada:p@ss",
    }
    assert _address("var/milvus.db") == {"uri": "var/milvus.db"}
