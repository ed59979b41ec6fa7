"""An extractive summary: the dialogue's own vector attends to its sentences, and those that it speaks to are kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weaver_core.attention import attend
from weaver_core.dialogue import Dialogue, Role
from weaver_core.errors import WrongVectorsError
from weaver_core.texts import normalization, sentences, terms


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a dialogue: who said it, and in which turn, from 0."""

    text: str
    role: Role
    turn: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence of a summary: its place among all sentences, and its share A of the dialogue's attention."""

    place: int
    weight: float


@dataclass(frozen=True, slots=True)
class SummaryParameters:
    """How a summary is chosen: at most so many sentences, by attention of scale s and log trust b.

    `redundancy` takes s·redundancy·cosine to the nearest chosen sentence from a sentence's score; b falls by `later`
    times log(1 + turn) and rises by `longer` times log(number of terms), up to `enough_terms`; `company` is added to b
    of what the company's side says. Fitted on training dialogues by benchmarks/summary.py; on those of a social network
    trust alone chooses as well as attention with it (docs/experiments.md).
    """

    sentences: int = 4
    scale: float = 3.0
    redundancy: float = 0.5
    later: float = 0.5
    longer: float = 2.0
    company: float = 0.5
    enough_terms: int = 20


def sentences_of(dialogue: Dialogue) -> list[Sentence]:
    """The sentences of all turns, in order; what has no words, an emoji or a row of dots, is left out."""
    return [
        Sentence(text, turn.role, place)
        for place, turn in enumerate(dialogue.turns)
        for text in sentences.split(turn.text)
        if normalization.has_words(text)
    ]


def summarise(
    spoken: Sequence[Sentence],
    vectors: NDArray[np.float32],
    parameters: SummaryParameters | None = None,
    query: NDArray[np.float32] | None = None,
) -> tuple[Chosen, ...]:
    """The sentences that tell most of a dialogue, in the order in which they were said.

    A = softmax(s·û·Hᵢ + bᵢ), û the query, which is the dialogue's own vector unless another is given (a memory that was
    read, say). One sentence after the other is taken by that score less what the chosen ones already cover: maximal
    marginal relevance (Carbonell and Goldstein, 1998). Weights are A over all sentences, before anything is taken off.

    Shapes: unit vectors H of the sentences (n, d), û (d,). Raises WrongVectorsError when they do not fit together.
    """
    parameters = parameters or SummaryParameters()
    if vectors.ndim != 2 or len(vectors) != len(spoken):  # noqa: PLR2004 - n sentences, d numbers each
        raise WrongVectorsError(f"There are {len(spoken)} sentences, but the vectors have shape {vectors.shape}.")
    if not len(spoken):
        return ()
    trust = log_trust(spoken, parameters)
    direction = own_vector(vectors, trust) if query is None else query
    similarities = vectors @ direction
    weights = attend(similarities, np.array([0, len(spoken)]), parameters.scale, trust)
    places = _choose(parameters.scale * similarities + trust, vectors, parameters)
    return tuple(Chosen(place, float(weights[place])) for place in sorted(places))


def log_trust(spoken: Sequence[Sentence], parameters: SummaryParameters) -> NDArray[np.float32]:
    """How much each sentence is trusted to tell what the dialogue is about. Shape: (n,)."""
    turns = np.array([sentence.turn for sentence in spoken])
    company = np.array([sentence.role is not Role.CUSTOMER for sentence in spoken])
    lengths = np.array([len(terms.terms(sentence.text)) for sentence in spoken])
    lengths = np.clip(lengths, 1, parameters.enough_terms)
    trust = parameters.longer * np.log(lengths) - parameters.later * np.log1p(turns) + parameters.company * company
    return np.asarray(trust, np.float32)


def own_vector(vectors: NDArray[np.float32], trust: NDArray[np.float32]) -> NDArray[np.float32]:
    """A dialogue's own vector: the mean of its sentences' by trust, at unit length. Shapes: (n, d), (n,) → (d,)."""
    weights = np.exp(trust - trust.max())
    mean = weights @ vectors
    return np.asarray(mean / max(float(np.linalg.norm(mean)), np.finfo(np.float32).tiny), np.float32)


def _choose(scores: NDArray[np.float32], vectors: NDArray[np.float32], parameters: SummaryParameters) -> list[int]:
    chosen: list[int] = []
    covered = np.full(len(scores), -1.0, np.float32)
    left = scores.astype(np.float64)
    while len(chosen) < min(parameters.sentences, len(scores)):
        penalty = parameters.scale * parameters.redundancy * covered if chosen else 0.0
        place = int(np.argmax(left - penalty))
        chosen.append(place)
        left[place] = -np.inf
        covered = np.maximum(covered, vectors @ vectors[place])
    return chosen
