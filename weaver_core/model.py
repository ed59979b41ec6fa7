"""The Weaver read: in each view attention over an answer's positions and the memory they sum to, then retrieval."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from weaver_core.attention import attend
from weaver_core.memory import Memories, read
from weaver_core.retrieval import retrieve


@dataclass(frozen=True, slots=True)
class ViewParameters:
    """How one view is read: its weight in the sum of views, attention's scale s, and the trust in answers' sentences.

    The defaults of s and of the trust are the prior for a memory that is too small to fit them: what BANKING77 and
    CLINC150 want at five to ten questions an answer.
    """

    weight: float = 1.0
    scale: float = 7.0
    sentence_trust: float = -1.0


@dataclass(frozen=True, slots=True)
class ReadParameters:
    """How a turn is read: the encoders' views by their version, the weight of words beside them, and retrieval's β.

    A view of weight zero is not read at all.
    """

    views: Mapping[str, ViewParameters]
    words: float = 0.1
    beta: float = 28.0

    @property
    def read_views(self) -> list[str]:
        """The views that are read, heaviest first."""
        weighty = [name for name, view in self.views.items() if view.weight > 0]
        return sorted(weighty, key=lambda name: -self.views[name].weight)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The parameters as a model version keeps them."""
        views = {name: ViewParameters(**view) for name, view in stored["views"].items()}
        return cls(views, float(stored["words"]), float(stored["beta"]))

    def to_json(self) -> dict[str, Any]:
        """The parameters as a model version keeps them."""
        views = {
            name: {"weight": view.weight, "scale": view.scale, "sentence_trust": view.sentence_trust}
            for name, view in self.views.items()
        }
        return {"views": views, "words": self.words, "beta": self.beta}


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """One encoder's view of a turn and of the candidates' positions.

    Shapes: query û (d,), vectors H (P, d), all of unit length.
    """

    query: NDArray[np.float32]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The answers that a turn is read against, with all their positions.

    Shapes, for N answers with P positions: spaces by view; offsets (N + 1,): answer n owns the positions offsets[n] to
    offsets[n + 1]; trust b = log trust (P,); sentences (P,): which positions are an answer's own words; words (N,): how
    well the turn's words fit, in [0, 1].
    """

    spaces: Mapping[str, Space]
    offsets: NDArray[np.int64]
    trust: NDArray[np.float32]
    sentences: NDArray[np.bool_]
    words: NDArray[np.float32]

    def memories(self, view: str, sentence_trust: float) -> Memories:
        """The candidates' memories in one view."""
        trust = self.trust + np.where(self.sentences, np.float32(sentence_trust), np.float32(0))
        return Memories(self.spaces[view].vectors, self.offsets, trust)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a turn found in N answers with P positions.

    Shapes: weights α (P,), each answer's summing to 1; scores (N,): the weighted sum of the views' cosines û·M̂ and of
    words; probabilities I (N,), summing to 1; agreement (N,): the share of the views' weight whose own best answer this
    is, in [0, 1].
    """

    weights: NDArray[np.float32]
    scores: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    agreement: NDArray[np.float32]


def read_view(space: Space, memories: Memories, scale: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """One view's attention α (P,) and cosines û·M̂ (N,)."""
    weights = attend(memories.vectors @ space.query, memories.offsets, scale, memories.trust)
    return weights, read(weights, memories) @ space.query


def read_candidates(candidates: Candidates, parameters: ReadParameters) -> Reading:
    """Read all candidates in every view that has a weight; without any, words alone decide."""
    count, positions = len(candidates.offsets) - 1, len(candidates.trust)
    total = sum(parameters.views[view].weight for view in candidates.spaces)
    weights, scores, agreement = (np.zeros(size, np.float32) for size in (positions, count, count))
    for view, space in candidates.spaces.items():
        fitted = parameters.views[view]
        memories = candidates.memories(view, fitted.sentence_trust)
        attention, cosines = read_view(space, memories, fitted.scale)
        share = np.float32(fitted.weight / total)
        weights += share * attention
        scores += share * cosines
        agreement[cosines.argmax()] += share
    if not candidates.spaces:
        lengths = np.diff(candidates.offsets)
        weights, agreement = np.repeat(1 / lengths, lengths).astype(np.float32), np.ones(count, np.float32)
    scores += np.float32(parameters.words if candidates.spaces else 1.0) * candidates.words
    return Reading(weights, scores, retrieve(scores, parameters.beta), agreement)
