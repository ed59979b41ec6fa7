"""Related answers: from what customers needed together, never from what one customer did."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weaver_core.recommendation import DECAY, FEWEST_CUSTOMERS, SHRINKAGE, relate

REFUND, SHIPPING, SIZE, LAMP = (UUID(int=number) for number in range(1, 5))


def test_answers_that_helped_the_same_customers_are_related_by_the_shrunk_cosine() -> None:
    relations = relate([[REFUND, SHIPPING]] * 4 + [[REFUND]] * 5)
    (found,) = relations.related([REFUND])
    assert (found.answer, found.customers) == (SHIPPING, 4)
    assert found.score == pytest.approx(4 / ((9 * 4) ** 0.5 + SHRINKAGE))


def test_what_was_asked_last_counts_most() -> None:
    relations = relate([[REFUND, SHIPPING]] * 3 + [[SIZE, LAMP]] * 3)
    assert [one.answer for one in relations.related([REFUND, SIZE])] == [LAMP, SHIPPING]
    assert [one.answer for one in relations.related([SIZE, REFUND])] == [SHIPPING, LAMP]
    lamp, shipping = relations.related([REFUND, SIZE])
    assert shipping.score == pytest.approx(DECAY * lamp.score)


def test_what_fewer_than_three_customers_needed_together_is_told_to_nobody() -> None:
    assert relate([[REFUND, SHIPPING]] * (FEWEST_CUSTOMERS - 1)).related([REFUND]) == []


def test_a_customer_who_asks_again_and_again_counts_once() -> None:
    assert relate([[REFUND, SHIPPING, REFUND, SHIPPING, SHIPPING, REFUND]] * 2).related([REFUND]) == []


def test_nothing_that_the_customer_was_told_or_that_is_left_out_comes_back() -> None:
    relations = relate([[REFUND, SHIPPING, SIZE]] * 3)
    assert relations.related([REFUND, SHIPPING], leave_out=[SIZE]) == []


@given(st.lists(st.lists(st.sampled_from([REFUND, SHIPPING, SIZE, LAMP]), max_size=6), max_size=12))
def test_relations_go_both_ways_and_hold_what_counting_says(histories: list[list[UUID]]) -> None:
    relations = relate(histories, fewest=1)
    for answer, near in relations.of.items():
        for one in near:
            both = sum({answer, one.answer} <= set(history) for history in histories)
            assert one.customers == both
            assert answer in {back.answer for back in relations.of[one.answer]}
