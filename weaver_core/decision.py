"""Answer, clarify or hand off: from each answer's chance to be right."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

MOST_SUGGESTIONS = 3


class Decision(StrEnum):
    """Answer, offer the likeliest answers, or hand over to a person."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    HANDOFF = "handoff"


def decide(chances: NDArray[np.float64], threshold: float) -> Decision:
    """The decision for one turn. Shape: chances (N,), best first, summing to at most 1.

    An answer is sent when its chance reaches the threshold; the three likeliest are offered when one of them is right
    more often than not; else a person is asked.
    """
    if chances[0] >= threshold:
        return Decision.ANSWER
    return Decision.CLARIFY if chances[:MOST_SUGGESTIONS].sum() >= 0.5 else Decision.HANDOFF  # noqa: PLR2004
