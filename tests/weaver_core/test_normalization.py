"""The canonical form of texts: what is read as the same, and what must stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weaver_core.texts import homoglyphs, normalization, terms
from weaver_core.texts.normalization import canonical


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Ｗｈｅｒｅ　ｉｓ　ＰＰＲ－９０８７？", "Where is PPR-9087?"),  # noqa: RUF001 - the point
        ("p\u200bass\u00adword\ufe0f", "password"),
        ("c\u0336a\u0336r\u0336d", "card"),
        ("caf\u0065\u0301", "café"),
        ("I can’t “log in” – why", 'I can\'t "log in" - why'),
        ("pleeease, SOOOO slow", "pleease, SOO slow"),
        ("我的訂單還沒到，請問什麼時候發貨", "我的订单还没到,请问什么时候发货"),
    ],
)
def test_what_a_reader_takes_for_the_same_is_the_same(typed: str, read: str) -> None:
    assert canonical(typed) == read


@pytest.mark.parametrize(
    "text",
    [
        "AAA batteries, two AAAs",
        "www.shop.example XXL xxxl Louis XVIII viii",
        "これは注文の語です",
        "order 100000",
        "می‌خواهم",
    ],
)
def test_what_only_looks_odd_stays(text: str) -> None:
    assert canonical(text) == text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("how dо I tор uр my саrd", "how do I top up my card"),  # noqa: RUF001
        ("I lost my νisа", "I lost my visa"),  # noqa: RUF001
        ("Сколько cтоит оса", "Сколько стоит оса"),  # noqa: RUF001
        ("Где мой заказ, сор?", "Где мой заказ, сор?"),  # noqa: RUF001
        ("сор", "сор"),  # noqa: RUF001
        ("Πού είναι το δέμα", "Πού είναι το δέμα"),
        ("my ПЖ card", "my ПЖ card"),
        ("Жd", "Жd"),
    ],
)
def test_look_alikes_are_folded_and_russian_stays_russian(typed: str, read: str) -> None:
    assert homoglyphs.unmixed(typed) == read


@given(st.text(max_size=60) | st.text("абвсеорaceopxyαονжs 國么é\u0301\u200b", max_size=30))  # noqa: RUF001
def test_the_canonical_form_of_a_canonical_text_is_itself(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once


def test_words_are_compared_and_indexed_in_their_canonical_form() -> None:
    assert normalization.comparable("請問訂單在哪？") == normalization.comparable("订单在哪")
    assert terms.terms("ｒｅｆｕｎｄ 退貨") == terms.terms("Refund 退货")  # noqa: RUF001
