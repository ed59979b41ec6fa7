"""What was said before a turn, as the decoder attends to it: the last turns' token states, who spoke, how long ago."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weaver_core.dialogue import Role

SPEAKERS = 2
_CUSTOMER, _COMPANY = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class EarlierTurn:
    """One earlier turn: who spoke, and its token states (t, d), of which its vector is the mean."""

    role: Role
    states: NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """The earlier turns' tokens in one row.

    Shapes: states (h, d); speakers (h,), 0 the customer, 1 the company; recency (h,), 0 in the turn just before.
    """

    states: NDArray[np.float32]
    speakers: NDArray[np.int64]
    recency: NDArray[np.int64]


def in_one_row(turns: Sequence[EarlierTurn], dimension: int, most_turns: int, most_tokens: int) -> Earlier:
    """The last turns, oldest first, in at most so many tokens; what does not fit is cut from the oldest turn's end.

    What the system wrote ("Ada has joined") is no turn.
    """
    spoken = [turn for turn in turns if turn.role is not Role.SYSTEM][-most_turns:]
    states = [np.zeros((0, dimension), np.float32)]
    speakers = [np.zeros(0, np.int64)]
    recency = [np.zeros(0, np.int64)]
    left = most_tokens
    for ago, turn in enumerate(reversed(spoken)):
        kept = np.asarray(turn.states[:left], np.float32)
        left -= len(kept)
        speaker = _CUSTOMER if turn.role is Role.CUSTOMER else _COMPANY
        states.append(kept)
        speakers.append(np.full(len(kept), speaker, np.int64))
        recency.append(np.full(len(kept), ago, np.int64))
    return Earlier(np.concatenate(states[::-1]), np.concatenate(speakers[::-1]), np.concatenate(recency[::-1]))
