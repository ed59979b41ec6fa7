"""How unlikely so many are: exact tails of counts that were drawn without putting back, over several urns."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Urn:
    """So many things, of which so many are `marked`, and so many are drawn."""

    size: int
    marked: int
    drawn: int


def tail(urns: Sequence[Urn], count: int) -> float:
    """P(X ≥ count), X the marked ones drawn from all urns together (Fisher's exact test, over strata).

    It is summed from its own terms, so that a tail of 1e-12 is right as well.
    """
    chances = np.ones(1)
    for urn in urns:
        chances = np.convolve(chances, _chances(urn))
    return float(min(chances[max(count, 0) :].sum(), 1.0))


def mean(urns: Sequence[Urn]) -> float:
    """How many marked ones are drawn on average."""
    return sum(urn.marked * urn.drawn / urn.size for urn in urns if urn.size)


def _chances(urn: Urn) -> NDArray[np.float64]:
    """P(X = 0), P(X = 1), … of the hypergeometric distribution. Shape: (min(marked, drawn) + 1,)."""
    most = min(urn.marked, urn.drawn)
    found = np.zeros(most + 1)
    counts = np.arange(max(0, urn.marked + urn.drawn - urn.size), most + 1)
    ways = _log_choose(urn.marked, counts) + _log_choose(urn.size - urn.marked, urn.drawn - counts)
    found[counts] = np.exp(ways - _log_choose(urn.size, np.array([urn.drawn])))
    return found


def _log_choose(total: int, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """The logarithm of how many ways there are to choose so many of all. Shape: (k,) → (k,)."""
    known = _log_factorials(1 << total.bit_length())
    found: NDArray[np.float64] = known[total] - known[chosen] - known[total - chosen]
    return found


@cache
def _log_factorials(most: int) -> NDArray[np.float64]:
    """The logarithms of 0!, 1!, … Shape: (most + 1,)."""
    return np.concatenate([np.zeros(1), np.cumsum(np.log(np.arange(1, most + 1)))])
