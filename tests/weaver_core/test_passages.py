"""Passages of long texts: nothing is lost, nothing is too long, neighbours overlap."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weaver_core.texts.passages import estimated_tokens, split_passages

TEXTS = st.text("ab cd. ,!?。，国文\n\u3000;；x0-", max_size=200) | st.text(max_size=200)


def words(text: str) -> int:
    return len(text.split())


def characters(text: str) -> int:
    return len("".join(text.split()))


def test_a_short_text_is_its_own_passage() -> None:
    assert split_passages("  Where is it? I ordered it\non Monday. ") == ["Where is it? I ordered it\non Monday."]
    assert split_passages(" \n ") == []


def test_passages_are_whole_sentences_and_the_next_begins_with_the_last() -> None:
    text = "One two. Three four. Five six.\nSeven eight. Nine."
    assert split_passages(text, words, most=4) == [
        "One two. Three four.",
        "Three four. Five six.",
        "Five six.\nSeven eight.",
        "Seven eight. Nine.",
    ]
    assert split_passages(text, words, most=4, overlap=0) == [
        "One two. Three four.",
        "Five six.\nSeven eight.",
        "Nine.",
    ]


def test_a_sentence_gives_way_when_nothing_new_fits_behind_it() -> None:
    assert split_passages("A b. C d e. F g h. I.", words, most=4) == ["A b.", "C d e.", "F g h. I."]


def test_a_sentence_without_end_is_cut_behind_a_clause_a_word_or_anywhere() -> None:
    assert split_passages("a b, c d e, f g h i j", words, most=3, overlap=0) == ["a b,", "c d e,", "f g h", "i j"]
    assert split_passages("我的订单还没有到，请问什么时候可以发货呢。好的", len, most=10, overlap=0) == [
        "我的订单还没有到，",
        "请问什么时候",
        "可以发货呢。好的",
    ]
    assert split_passages("x" * 25, len, most=10) == ["x" * 9, "x" * 9, "x" * 7]


@given(TEXTS, st.integers(1, 12), st.integers(0, 2))
def test_no_passage_is_too_long_and_none_is_empty(text: str, most: int, overlap: int) -> None:
    for passage in split_passages(text, characters, most, overlap):
        assert 0 < characters(passage) <= most
        assert passage in text


@given(TEXTS, st.integers(1, 12))
def test_without_overlap_no_character_but_white_space_is_lost_or_said_twice(text: str, most: int) -> None:
    assert "".join("".join(split_passages(text, estimated_tokens, most, overlap=0)).split()) == "".join(text.split())


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(2, 12))
def test_every_passage_says_something_that_the_one_before_did_not(lengths: list[int], most: int) -> None:
    numbered = iter(range(200))
    text = " ".join(" ".join(f"w{next(numbered)}" for _ in range(length)) + "." for length in lengths)
    found = [set(passage.split()) for passage in split_passages(text, words, most)]
    assert all(later - earlier for earlier, later in pairwise(found))
    assert set().union(*found) == set(text.split())


@pytest.mark.parametrize(
    ("text", "tokens"), [("Where is it?", 4), ("退款要几天？", 6), ("internationalisation 4711-0815", 8), ("", 0)]
)
def test_tokens_are_estimated(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens
