"""Spelling: which words are read otherwise than typed, and which are not."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weaver_core.errors import ModelError
from weaver_core.texts.spelling import Vocabulary

COMMON = [
    "the",
    "of",
    "and",
    "in",
    "to",
    "is",
    "my",
    "it",
    "a",
    "i",
    "how",
    "for",
    "you",
    "not",
    "do",
    "when",
    "where",
    "get",
    "can",
    "what",
    "please",
    "card",
    "arrive",
    "satisfied",
]
MEMORY = ("Where is my refund?", "My top-up with Mastercard failed", "my refund is late", "Where are my transfers?")


def vocabulary() -> Vocabulary:
    words = Vocabulary(COMMON)
    for text in MEMORY:
        words.add(text)
    return words


@pytest.mark.parametrize(
    ("typed", "read", "changes"),
    [
        ("wehre is my refnd?", "where is my refund?", (("wehre", "where"), ("refnd", "refund"))),
        ("can you get my (trnasfres)", "can you get my (transfers)", (("trnasfres", "transfers"),)),
        ("plleease get my crad's refund", "please get my card's refund", (("plleease", "please"), ("crad", "card"))),
        ("WHERE IS MY REFNUD", "WHERE IS MY refund", (("REFNUD", "refund"),)),
    ],
)
def test_a_misspelt_word_is_read_as_the_nearest_known_one(
    typed: str, read: str, changes: tuple[tuple[str, str], ...]
) -> None:
    found = vocabulary().corrected(typed)
    assert (found.text, found.changes) == (read, changes)


@pytest.mark.parametrize(
    "text",
    [
        "where is my refund",
        "where is my refnd-9087 and crad4",
        "it is for refnd@card.example and not www.crad.example",
        "where is ‹carde› in it",
        "is my Refnud in it, Carde",
        "can you get my iCard",
        "where is my zzzzzz",
        "i do not get refunds, i am unsatisfied",
        "wo ist meine karte gebliebn",
        "",
    ],
)
def test_known_words_codes_addresses_names_and_other_languages_stay(text: str) -> None:
    assert vocabulary().corrected(text).changes == ()
    assert vocabulary().corrected(text).text == text


def test_what_the_memory_says_often_is_nearer_than_what_it_says_once() -> None:
    words = Vocabulary(["the", "is", "my"])
    for text in ("my cart", "my card", "my card"):
        words.add(text)
    assert words.corrected("the carx is my").text == "the card is my"


def test_a_word_is_known_as_long_as_a_text_of_the_memory_holds_it() -> None:
    words = vocabulary()
    words.add("where is my parcel")
    words.add("my parcel")
    assert words.corrected("where is my parcle").text == "where is my parcel"
    words.remove("where is my parcel")
    assert words.corrected("where is my parcle").text == "where is my parcel"
    words.remove("my parcel")
    assert words.corrected("where is my parcle").changes == ()
    words.add("my pebble")
    assert words.corrected("where is my pebbel").text == "where is my pebble"
    with pytest.raises(ModelError, match="parcel"):
        words.remove("my parcel")


@given(st.lists(st.sampled_from(["refund", "parcel", "voucher", "the invoice", "a receipt"]), max_size=12), st.data())
def test_counting_in_and_out_leaves_what_was_there(texts: list[str], data: st.DataObject) -> None:
    changed, plain = vocabulary(), vocabulary()
    for text in texts:
        changed.add(text)
    for text in data.draw(st.permutations(texts)):
        changed.remove(text)
    for typed in ("where is my vouchr", "get my recepit", "get my refudn"):
        assert changed.corrected(typed) == plain.corrected(typed)


def test_many_words_are_held_and_each_is_found_again() -> None:
    words = Vocabulary(COMMON)
    names = [f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}{'qzj'[n % 3] * 3}" for n in range(3000)]
    for name in names:
        words.add(f"my {name}")
    assert all(words.corrected(f"where is my {name}").changes == () for name in names)
    assert words.corrected(f"where is my {names[2999]}xw").changes == ((f"{names[2999]}xw", names[2999]),)


ASKED = ("怎么申请退款", "退款多久到账", "申请退款要多久")


def chinese() -> Vocabulary:
    words = Vocabulary(COMMON, ["速度", "到期"])
    for text in ASKED:
        words.add(text)
    return words


@pytest.mark.parametrize(
    ("typed", "read", "changes"),
    [
        ("怎么申清退款", "怎么申请退款", (("申清退", "申请退"),)),
        ("退款多九到账 pleese", "退款多九到账 please", (("pleese", "please"),)),
        ("申请退款耍多久", "申请退款要多久", (("款耍多", "款要多"),)),
        ("申请退款不多久", "申请退款不多久", ()),
        ("退款多速度到账", "退款多速度到账", ()),
        ("申", "申", ()),
        ("怎么申请退款", "怎么申请退款", ()),
    ],
)
def test_a_miswritten_character_is_read_by_its_neighbours_and_none_that_turns_the_meaning(
    typed: str, read: str, changes: tuple[tuple[str, str], ...]
) -> None:
    found = chinese().corrected(typed)
    assert (found.text, found.changes) == (read, changes)


def test_characters_are_counted_out_again() -> None:
    words = chinese()
    words.add("怎么申请退款")
    for text in (*ASKED, "怎么申请退款"):
        words.remove(text)
    assert words.corrected("怎么申清退款").changes == ()


def test_it_is_asked_and_changed_by_many_threads_at_once() -> None:
    words = vocabulary()
    wrong: list[str] = []

    def change(name: str) -> None:
        for _ in range(50):
            words.add(f"my {name}")
            read = words.corrected("wehre is my refnd").text
            wrong.extend([read] if read != "where is my refund" else [])
            words.remove(f"my {name}")

    threads = [threading.Thread(target=change, args=(name,)) for name in ("parcel", "voucher", "invoice", "receipt")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert words.corrected("where is my vouchr").changes == ()
