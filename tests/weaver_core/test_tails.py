"""Exact tails: beside sums over all draws, and far out."""

from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weaver_core.tails import Urn, mean, tail


@given(st.integers(1, 9), st.data())
def test_a_tail_is_the_share_of_all_draws_with_so_many_marked(size: int, data: st.DataObject) -> None:
    marked, drawn = data.draw(st.integers(0, size)), data.draw(st.integers(0, size))
    count = data.draw(st.integers(0, size))
    draws = list(combinations(range(size), drawn))
    share = sum(sum(thing < marked for thing in draw) >= count for draw in draws) / len(draws)
    assert tail([Urn(size, marked, drawn)], count) == pytest.approx(share, abs=1e-12)
    assert mean([Urn(size, marked, drawn)]) == pytest.approx(marked * drawn / size)


def test_two_urns_are_the_sum_over_both() -> None:
    one, other = Urn(10, 4, 3), Urn(6, 2, 5)
    both = sum(
        comb(4, a) * comb(6, 3 - a) * comb(2, b) * comb(4, 5 - b) for a in range(4) for b in range(1, 3) if a + b >= 3
    )
    assert tail([one, other], 3) == pytest.approx(both / (comb(10, 3) * comb(6, 5)))


def test_a_tail_far_out_is_right_too() -> None:
    assert tail([Urn(10_000, 12, 100)], 12) == pytest.approx(comb(9988, 88) / comb(10_000, 100), rel=1e-6)
    assert tail([Urn(10_000, 12, 100)], 13) == 0
    assert tail([], 0) == 1
