"""Derived indexes: what they find, while answers come, change and go."""

from collections.abc import Iterator
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.identifiers import new_id
from knowledge_base.indexes import lexical
from knowledge_base.indexes.lexical import ROWS_AN_ANSWER, Place
from knowledge_base.indexes.memory_index import MemoryIndex, Read
from knowledge_base.indexes.partition import FIRST_ROWS
from knowledge_base.indexes.vector_index import Group
from knowledge_base.indexes.verbatim import DECIDED, STORED
from knowledge_base.memories import Memory
from knowledge_base.positions import Position
from knowledge_base.quantization import quantize, vectors_of
from knowledge_base.tables.base import now
from weaver_core.dialogue import PositionKind

DIMENSION, VIEW = 8, "tiny@1"
GROUP = ("default", "en")


def memory(
    texts: list[str], seed: int = 0, group: tuple[str, str | None] = GROUP, answer_id: UUID | None = None
) -> Memory:
    """A memory of these questions, with random unit vectors."""
    moment = now()
    answer = Answer(
        answer_id or new_id(),
        "a",
        "title",
        "text",
        group[1],
        group[0],
        (),
        AnswerStatus.APPROVED,
        "test",
        personal=False,
        valid_from=None,
        valid_until=None,
        created_at=moment,
        updated_at=moment,
    )
    positions = tuple(
        Position(new_id(), answer.id, PositionKind.QUESTION, text, None, group[1], 0.0, None, None, moment)
        for text in texts
    )
    vectors = np.random.default_rng(seed).normal(size=(len(texts), DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    # As the index keeps them.
    return Memory(answer, positions, {VIEW: vectors_of(quantize(vectors))})


def put(index: MemoryIndex, *memories: Memory) -> None:
    """Put memories into an index as they are."""
    index.replace([Read(one, one) for one in memories])


def by_words(index: MemoryIndex, text: str, groups: list[Group], without: Place | None = None) -> dict[UUID, float]:
    """The scores of all answers found by words, best first."""
    best, scores = index.by_words(text, groups, 99, without)
    return dict(zip(best, index.scores(best, scores).tolist(), strict=True))


@pytest.fixture
def index() -> Iterator[MemoryIndex]:
    """An empty index."""
    index = MemoryIndex({VIEW: DIMENSION})
    yield index
    index.close()


@given(
    sizes=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    limit=st.integers(1, 12),
    dropped=st.sets(st.integers(0, 7)),
    seed=st.integers(0, 1000),
)
def test_the_vector_index_finds_what_a_full_comparison_finds(
    sizes: list[int], limit: int, dropped: set[int], seed: int
) -> None:
    index = MemoryIndex({VIEW: DIMENSION})
    held = [memory(["q"] * size, seed + number) for number, size in enumerate(sizes)]
    put(index, *held)
    for number in dropped & set(range(len(held))):
        index.remove([held[number].answer.id])
    query = memory(["q"], seed=seed + 99).vectors[VIEW][0]
    rows = [
        (float(vector @ query), item.answer.id)
        for number, item in enumerate(held)
        if number not in dropped
        for vector in item.vectors[VIEW]
    ]
    nearest = [answer_id for _, answer_id in sorted(rows, key=lambda row: -row[0])[:limit]]
    hits = index.by_vector(VIEW, query, limit, [GROUP])
    assert [hit.answer_id for hit in hits] == list(dict.fromkeys(nearest))
    assert len(index) == len(rows)
    index.close()


def test_the_vector_index_grows_and_uses_freed_rows_again(index: MemoryIndex) -> None:
    large = memory(["q"] * (FIRST_ROWS + 10))
    put(index, large)
    for _ in range(3):
        put(index, large)
    index.remove([large.answer.id])
    small = memory(["q"], seed=5)
    put(index, small)
    assert len(index) == 1
    assert index.by_vector(VIEW, small.vectors[VIEW][0], 5, [GROUP])[0].score == pytest.approx(1.0, abs=1e-3)


def test_the_groups_are_those_of_the_answers_that_can_be_found(index: MemoryIndex) -> None:
    english, chinese = memory(["q"]), memory(["问"], group=("default", "zh"))
    put(index, english, chinese)
    assert index.groups == {GROUP, ("default", "zh")}
    index.remove([chinese.answer.id])
    assert index.groups == {GROUP}


def test_chinese_is_found_inside_a_sentence_by_two_characters(index: MemoryIndex) -> None:
    refund, lamp = memory(["我想申请退款可以吗"]), memory(["台灯显示 E-17 怎么办"])
    put(index, refund)
    put(index, lamp)
    assert list(by_words(index, "退款", [GROUP])) == [refund.answer.id]
    assert list(by_words(index, "E-17", [GROUP])) == [lamp.answer.id]


def test_a_code_is_found_whole_and_not_in_its_parts(index: MemoryIndex) -> None:
    first, second = memory(["error E-17 on my lamp"]), memory(["error E-23 on my lamp"])
    put(index, first)
    put(index, second)
    assert next(iter(by_words(index, "e-23?", [GROUP]))) == second.answer.id
    assert by_words(index, "E-1", [GROUP]) == {}


@pytest.mark.parametrize("text", ['" OR 1', "NEAR(a b)", "*", "terms:x", "😀", "", "a-b:c^2 AND (", "'"])
def test_no_query_breaks_the_search_syntax(index: MemoryIndex, text: str) -> None:
    put(index, memory(["something else entirely"]))
    assert by_words(index, text, [GROUP]) == {}


def test_what_was_replaced_or_removed_is_not_found_by_words(index: MemoryIndex) -> None:
    first = memory(["old words"])
    put(index, first)
    put(index, memory(["new words"], answer_id=first.answer.id))
    assert by_words(index, "old", [GROUP]) == {}
    assert list(by_words(index, "new", [GROUP])) == [first.answer.id]
    index.remove([first.answer.id])
    assert by_words(index, "new words", [GROUP]) == {}


def test_words_that_few_passages_hold_tell_most_and_all_of_them_tell_everything(index: MemoryIndex) -> None:
    for number in range(9):
        put(index, memory([f"my lamp is number {number}"]))
    code, other = memory(["PPR-9087 blinks"]), memory(["my lamp blinks and hums and whistles"])
    for item in (code, other):
        put(index, item)
    found = by_words(index, "my lamp PPR-9087", [GROUP])
    assert next(iter(found)) == code.answer.id
    assert all(0.0 <= score <= 1.0 for score in found.values())
    assert found[code.answer.id] > 2 * found[other.answer.id]
    everything = by_words(index, "PPR-9087 blinks", [GROUP])[code.answer.id]
    assert 0.5 < everything <= 1.0


def test_a_place_left_out_is_not_found_by_its_words(index: MemoryIndex) -> None:
    item = memory(["the purple one", "the yellow one"])
    put(index, item)
    assert by_words(index, "purple", [GROUP]) != {}
    assert by_words(index, "purple", [GROUP], without=Place(item.answer.id, 0)) == {}
    assert by_words(index, "purple", [GROUP], without=Place(item.answer.id, 1)) != {}


def test_a_word_that_too_many_passages_hold_is_not_looked_up(
    index: MemoryIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical, "MOST_PASSAGES", 5)
    items = [memory([f"the lamp {number}"]) for number in range(6)]
    for item in items:
        put(index, item)
    assert list(by_words(index, "the lamp 3", [GROUP])) == [items[3].answer.id]


def test_the_very_words_of_a_question_are_known_until_they_are_removed(index: MemoryIndex) -> None:
    item = memory(["How long does it take?", "When?"])
    put(index, item)
    assert index.verbatim("how long does it take") == {item.answer.id: STORED}
    index.remove([item.answer.id])
    assert index.verbatim("how long does it take") == {}
    assert DECIDED > STORED


def test_an_answer_with_more_positions_than_the_words_have_rows_for_is_refused(index: MemoryIndex) -> None:
    with pytest.raises(ValueError, match="1025 positions, of 1024"):
        put(index, memory(["q"] * (ROWS_AN_ANSWER + 1)))
