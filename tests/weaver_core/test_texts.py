"""Texts: cleaning, languages, sentences, terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weaver_core.texts import language, normalization, sentences, terms


def test_control_characters_and_lone_surrogates_are_stripped_and_counted() -> None:
    cleaned = normalization.clean("  a\x00b\x1b[0m\ud83d c\td\r\ne  ")
    assert cleaned.text == "ab[0m c\td\ne"
    assert cleaned.stripped == 3


@given(st.text(st.characters(), max_size=200))
def test_cleaning_twice_changes_nothing_and_the_result_can_be_stored(text: str) -> None:
    once = normalization.clean(text).text
    assert normalization.clean(once).text == once
    once.encode("utf-8")


def test_emoji_and_punctuation_are_no_words() -> None:
    assert not normalization.has_words("😀😀 ?! …")
    assert normalization.has_words("😀 订单")


def test_full_width_forms_and_punctuation_do_not_make_another_question() -> None:
    assert normalization.comparable("Where is my ORDER?!") == normalization.comparable("  where is my order ")
    assert normalization.comparable("订单１２３在哪？") == normalization.comparable("订单123在哪")


def test_courtesies_do_not_make_another_question_and_are_one_when_they_are_all() -> None:
    assert normalization.comparable("您好，请问几天能到啊？") == normalization.comparable("几天能到")
    assert normalization.comparable("Hi, where is it please?") == normalization.comparable("where is it")
    assert normalization.comparable("Hello!") == "hello"
    assert normalization.comparable("你好") == "你好"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where is my parcel?", "en"),
        ("我的快递到哪了", "zh"),
        ("我的 order 还没到", "zh"),
        ("これは何ですか", "ja"),
        ("Где мой заказ?", "ru"),
        ("주문이 어디에 있나요", "ko"),
        ("😀 123", None),
    ],
)
def test_a_language_is_told_by_its_script(text: str, expected: str | None) -> None:
    assert language.detect(text) == expected


def test_sentences_end_where_a_reader_ends_them() -> None:
    assert sentences.split('We ship to e.g. France. It costs £3.50! "Really?" Yes.') == [
        "We ship to e.g. France.",
        "It costs £3.50!",
        '"Really?"',
        "Yes.",
    ]
    assert sentences.split("退款需要3天。请耐心等待！谢谢") == ["退款需要3天。", "请耐心等待！", "谢谢"]
    assert sentences.split("  \n ") == []


@given(st.text(max_size=300))
def test_no_character_but_white_space_is_lost_between_sentences(text: str) -> None:
    assert "".join("".join(sentences.split(text)).split()) == "".join(text.split())


def test_terms_are_words_codes_characters_and_bigrams() -> None:
    assert terms.terms("Lamp E-17 and PPR-9087!") == ["lamp", "e-17", "and", "ppr-9087"]
    assert terms.terms("退款吗") == ["退", "款", "吗", "退款", "款吗"]
