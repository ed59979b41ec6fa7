"""A turn's vector with some of the earlier turns' vectors added: context without training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weaver_core.dialogue import Role


@dataclass(frozen=True, slots=True)
class ContextWeights:
    """How much the customer's and the company's last turn count beside the turn itself, which counts 1.

    The turn before a speaker's last one counts `decay` as much, and so on; `turns` of each speaker are looked at.
    """

    customer: float
    company: float
    decay: float
    turns: int = 2


# .7, .2 and .1 for the turn, the company's turn before it and the customer's before that.
RECENT = ContextWeights(0.14, 0.29, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class EarlierVector:
    """One earlier turn: who spoke, and its unit vector (d,), centred if the memory's vectors are."""

    role: Role
    vector: NDArray[np.float32]


def contextual(
    turn: NDArray[np.float32], earlier: Sequence[EarlierVector], weights: ContextWeights
) -> NDArray[np.float32]:
    """The turn's unit vector in its context; its own vector when nothing was said before. Shape: (d,), oldest first."""
    total = turn.astype(np.float32)
    customer = [said.vector for said in earlier if said.role is Role.CUSTOMER]
    company = [said.vector for said in earlier if said.role in {Role.AGENT, Role.BOT}]
    for weight, vectors in ((weights.customer, customer), (weights.company, company)):
        for ago, vector in enumerate(reversed(vectors[-weights.turns :])):
            total = total + weight * weights.decay**ago * vector
    return np.asarray(total / np.linalg.norm(total), np.float32)
