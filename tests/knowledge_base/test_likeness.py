"""Which two texts say the same, and which say another thing of the same matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.likeness import Likeness, compare

SAME = [
    ("Parcels take three days.", "Parcels take three days"),
    ("Please restart the app, then sign in again.", "Just restart the app, then please sign in again!"),
    ("You can't return opened filters.", "You cannot return opened filters."),
    ("Your refund arrives within five days.", "Your refund arives within five days."),
    ("收货后30天内可以退货。", "收货后30天内可以退货的哦～"),
    ("请重新启动路由器。", "重新启动路由器吧。"),
]
CONTRADICTING = [
    ("You can return it within 3 days.", "You can return it within 30 days."),
    ("You can return it within three days of delivery.", "You can return it within two days of delivery."),
    ("Opened filters can be returned.", "Opened filters can not be returned."),
    ("The kettle is covered by the warranty.", "The kettle isn't covered by the warranty."),
    ("收货后7天内可以退货。", "收货后30天内可以退货。"),
    ("拆封后可以退货退款。", "拆封后不可以退货退款。"),
    ("一般三天内可以送达。", "一般五天内可以送达。"),
]
DIFFERENT = [
    ("Open the app on your iPhone and sign in.", "Open the app on your tablet and sign in."),
    ("Visit our shop in London to collect it.", "Visit our shop in Paris to collect it."),
    ("We accept all returns in our shops.", "We except all returns in our shops."),
    ("Parcels take 3 days.", "A new battery costs 30 euros and holds for two years."),
    ("You pay for the return.", "We pay for the return."),
    ("可以用微信付款。", "可以用支付宝付款。"),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_texts_that_say_the_same_are_duplicates(first: str, second: str) -> None:
    assert compare(first, second) is compare(second, first) is Likeness.DUPLICATE


@pytest.mark.parametrize(("first", "second"), CONTRADICTING)
def test_another_figure_or_a_not_is_a_contradiction_and_never_a_duplicate(first: str, second: str) -> None:
    assert compare(first, second) is compare(second, first) is Likeness.CONTRADICTION


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_texts_about_other_things_are_neither(first: str, second: str) -> None:
    assert compare(first, second) is None
    assert compare(second, first) is None


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.sampled_from(["within {} days of delivery", "{}天之内可以退货退款"]),
)
def test_no_two_figures_are_ever_the_same(first: int, second: int, sentence: str) -> None:
    found = compare(f"You may return it {sentence.format(first)}", f"You may return it {sentence.format(second)}")
    assert (found is Likeness.DUPLICATE) == (first == second)
