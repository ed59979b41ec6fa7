"""What a new wording changed: word by word, character by character, and always both texts whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judgements.wordings import compare

TEXTS = st.text(st.sampled_from("ab 天气。\n<"), max_size=30)


def test_chinese_is_compared_by_its_characters() -> None:
    pieces = [(piece.kind, piece.text) for piece in compare("收货后30天内可以退货。", "收货后14天内可以免费退货。")]
    assert pieces == [
        ("same", "收货后"),
        ("gone", "30"),
        ("new", "14"),
        ("same", "天内可以"),
        ("new", "免费"),
        ("same", "退货。"),
    ]


@pytest.mark.parametrize(("old", "new", "kinds"), [("", "", []), ("", "a", ["new"]), ("a", "", ["gone"])])
def test_a_text_out_of_nothing_is_all_new(old: str, new: str, kinds: list[str]) -> None:
    assert [piece.kind for piece in compare(old, new)] == kinds


@given(TEXTS, TEXTS)
def test_the_pieces_spell_both_texts(old: str, new: str) -> None:
    pieces = compare(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == new
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == old
