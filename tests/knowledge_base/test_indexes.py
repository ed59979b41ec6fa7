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
from knowledge_base.indexes.embedded import EmbeddedIndex
from knowledge_base.indexes.lexical import LexicalIndex, Place
from knowledge_base.indexes.partition import FIRST_ROWS
from knowledge_base.indexes.side_file import SideFile
from knowledge_base.indexes.verbatim import DECIDED, STORED, VerbatimIndex
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


@pytest.fixture
def side() -> Iterator[SideFile]:
    """An empty side file."""
    side = SideFile()
    yield side
    side.close()


@given(
    sizes=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    limit=st.integers(1, 12),
    dropped=st.sets(st.integers(0, 7)),
    seed=st.integers(0, 1000),
)
def test_the_vector_index_finds_what_a_full_comparison_finds(
    sizes: list[int], limit: int, dropped: set[int], seed: int
) -> None:
    side = SideFile()
    index = EmbeddedIndex({VIEW: DIMENSION}, side)
    held = [memory(["q"] * size, seed + number) for number, size in enumerate(sizes)]
    for item in held:
        index.replace(item)
    for number in dropped & set(range(len(held))):
        index.remove(held[number].answer.id)
    query = memory(["q"], seed=seed + 99).vectors[VIEW][0]
    rows = [
        (float(vector @ query), item.answer.id)
        for number, item in enumerate(held)
        if number not in dropped
        for vector in item.vectors[VIEW]
    ]
    nearest = [answer_id for _, answer_id in sorted(rows, key=lambda row: -row[0])[:limit]]
    hits = index.search(VIEW, query, limit, [GROUP])
    assert [hit.answer_id for hit in hits] == list(dict.fromkeys(nearest))
    assert len(index) == len(rows)
    side.close()


def test_the_vector_index_grows_and_uses_freed_rows_again(side: SideFile) -> None:
    index = EmbeddedIndex({VIEW: DIMENSION}, side)
    large = memory(["q"] * (FIRST_ROWS + 10))
    index.replace(large)
    for _ in range(3):
        index.replace(large)
    index.remove(large.answer.id)
    small = memory(["q"], seed=5)
    index.replace(small)
    assert len(index) == 1
    assert index.search(VIEW, small.vectors[VIEW][0], 5, [GROUP])[0].score == pytest.approx(1.0, abs=1e-3)


def test_a_search_stays_in_its_groups(side: SideFile) -> None:
    index = EmbeddedIndex({VIEW: DIMENSION}, side)
    english, chinese = memory(["q"]), memory(["问"], group=("default", "zh"))
    index.replace(english)
    index.replace(chinese)
    hits = index.search(VIEW, english.vectors[VIEW][0], 5, [("default", "zh")])
    assert [hit.answer_id for hit in hits] == [chinese.answer.id]
    assert index.search(VIEW, english.vectors[VIEW][0], 5, [("other", "en")]) == []
    assert index.groups == {GROUP, ("default", "zh")}
    index.remove(chinese.answer.id)
    assert index.groups == {GROUP}


@pytest.fixture
def words(side: SideFile) -> LexicalIndex:
    """An empty lexical index."""
    return LexicalIndex(side)


def test_chinese_is_found_inside_a_sentence_by_two_characters(words: LexicalIndex) -> None:
    refund, lamp = memory(["我想申请退款可以吗"]), memory(["台灯显示 E-17 怎么办"])
    words.replace(refund)
    words.replace(lamp)
    assert list(words.search("退款", [GROUP])) == [refund.answer.id]
    assert list(words.search("E-17", [GROUP])) == [lamp.answer.id]


def test_a_code_is_found_whole_and_not_in_its_parts(words: LexicalIndex) -> None:
    first, second = memory(["error E-17 on my lamp"]), memory(["error E-23 on my lamp"])
    words.replace(first)
    words.replace(second)
    assert next(iter(words.search("e-23?", [GROUP]))) == second.answer.id
    assert words.search("E-1", [GROUP]) == {}


@pytest.mark.parametrize("text", ['" OR 1', "NEAR(a b)", "*", "terms:x", "😀", "", "a-b:c^2 AND (", "'"])
def test_no_query_breaks_the_search_syntax(words: LexicalIndex, text: str) -> None:
    words.replace(memory(["something else entirely"]))
    assert words.search(text, [GROUP]) == {}


def test_what_was_replaced_or_removed_is_not_found_by_words(words: LexicalIndex) -> None:
    first = memory(["old words"])
    words.replace(first)
    words.replace(memory(["new words"], answer_id=first.answer.id))
    assert words.search("old", [GROUP]) == {}
    assert list(words.search("new", [GROUP])) == [first.answer.id]
    words.remove(first.answer.id)
    assert words.search("new words", [GROUP]) == {}


def test_words_that_few_passages_hold_tell_most_and_all_of_them_tell_everything(words: LexicalIndex) -> None:
    for number in range(9):
        words.replace(memory([f"my lamp is number {number}"]))
    code, other = memory(["PPR-9087 blinks"]), memory(["my lamp blinks and hums and whistles"])
    for item in (code, other):
        words.replace(item)
    found = words.search("my lamp PPR-9087", [GROUP])
    assert next(iter(found)) == code.answer.id
    assert all(0.0 <= score <= 1.0 for score in found.values())
    assert found[code.answer.id] > 2 * found[other.answer.id]
    everything = words.search("PPR-9087 blinks", [GROUP])[code.answer.id]
    assert 0.5 < everything <= 1.0


def test_a_place_left_out_is_not_found_by_its_words(words: LexicalIndex) -> None:
    item = memory(["the purple one", "the yellow one"])
    words.replace(item)
    assert words.search("purple", [GROUP]) != {}
    assert words.search("purple", [GROUP], without=Place(item.answer.id, 0)) == {}
    assert words.search("purple", [GROUP], without=Place(item.answer.id, 1)) != {}


def test_a_word_that_too_many_passages_hold_is_not_looked_up(
    words: LexicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical, "MOST_PASSAGES", 5)
    items = [memory([f"the lamp {number}"]) for number in range(6)]
    for item in items:
        words.replace(item)
    assert list(words.search("the lamp 3", [GROUP])) == [items[3].answer.id]


def test_the_very_words_of_a_question_are_known_until_they_are_removed(side: SideFile) -> None:
    index = VerbatimIndex(side)
    item = memory(["How long does it take?", "When?"])
    index.replace(item)
    assert index.search("how long does it take") == {item.answer.id: STORED}
    index.remove(item.answer.id)
    assert index.search("how long does it take") == {}
    assert DECIDED > STORED
