"""The Weaver read: attention over each answer's positions, the memory they sum to, retrieval over the answers."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from weaver_core.attention import attend
from weaver_core.memory import Memories, read
from weaver_core.retrieval import retrieve


@dataclass(frozen=True, slots=True)
class ReadParameters:
    """What is fitted on a memory: attention's scale s, retrieval's β, and the trust in an answer's own sentences.

    The defaults are the prior for a memory that is too small to fit them: what BANKING77 and CLINC150 want at
    five to ten questions an answer.
    """

    scale: float = 7.0
    beta: float = 28.0
    sentence_trust: float = -1.0

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """The parameters as a model version keeps them."""
        return cls(**{name: float(stored[name]) for name in cls.__slots__ if name in stored})

    def to_json(self) -> dict[str, float]:
        """The parameters as a model version keeps them."""
        return asdict(self)


# Over words the plain mean of a memory reads best (s = 0): two wordings of one question share few of them, and a
# sharp attention only finds the one that happens to (docs/experiments.md).
WORDS_PARAMETERS = ReadParameters(scale=0.0, beta=28.0, sentence_trust=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a query found in N memories with P positions.

    Shapes: weights α (P,), each memory's summing to 1; cosines û·M̂ (N,); probabilities I (N,), summing to 1.
    """

    weights: NDArray[np.float32]
    cosines: NDArray[np.float32]
    probabilities: NDArray[np.float32]


def read_memories(query: NDArray[np.float32], memories: Memories, parameters: ReadParameters) -> Reading:
    """Read all memories with one query. Shape: query û (d,), unit length."""
    weights = attend(memories.vectors @ query, memories.offsets, parameters.scale, memories.trust)
    cosines = read(weights, memories) @ query
    return Reading(weights, cosines, retrieve(cosines, parameters.beta))
