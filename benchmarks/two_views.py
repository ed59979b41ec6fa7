"""Weaver's read with two views, over whole memories: fitted by leave-one-out on the memory, asked with many questions.

The score is (1 − w)·cos(û_e, M̂_e) + w·cos(û_m, M̂_m) of an English and a centred multilingual view; a scale s for each
view, w and β are those with the least leave-one-out loss. What the product does beside this (candidates first, words,
languages) is in benchmarks/product.py; here each view can be seen by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks import reading
from benchmarks.peers.protocol import Ask, Bank, Encode, Peer, Ranking, Texts, of_answers
from weaver_core.attention import attend
from weaver_core.leave_one_out import BETAS, FEWEST_QUESTIONS, SCALES
from weaver_core.memory import Memories

BLOCK = 256
WEIGHTS = tuple(np.linspace(0.0, 1.0, 11).round(1).tolist())
ENGLISH_VIEW, MULTILINGUAL_VIEW = (0.0,), (1.0,)
ROUNDS = 2


@dataclass(frozen=True, slots=True)
class TwoViews:
    """What is fitted: a scale for each view, the multilingual view's weight, retrieval's β.

    The defaults are the prior of a memory that is too small to say.
    """

    english_scale: float = 7.0
    multilingual_scale: float = 7.0
    weight: float = 0.4
    beta: float = 28.0


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Questions, and the row of the memory that each leaves out (none: −1). Shapes: (q, d), (q,)."""

    vectors: NDArray[np.float32]
    left_out: NDArray[np.int64]


def cosines(memories: Memories, asked: Asked, scale: float) -> NDArray[np.float32]:
    """û·M̂ of each question and answer. Shape: q questions, N answers → (q, N)."""
    blocks = range(0, len(asked.vectors), BLOCK)
    grams = [
        memories.vectors[start:end] @ memories.vectors[start:end].T
        for start, end in zip(memories.offsets[:-1], memories.offsets[1:], strict=True)
    ]
    return np.concatenate(
        [
            _block(memories, grams, Asked(asked.vectors[at : at + BLOCK], asked.left_out[at : at + BLOCK]), scale)
            for at in blocks
        ]
    )


def _block(memories: Memories, grams: Sequence[NDArray[np.float32]], asked: Asked, scale: float) -> NDArray[np.float32]:
    similarities = asked.vectors @ memories.vectors.T
    trust = np.tile(memories.trust, (len(similarities), 1))
    leaving = np.flatnonzero(asked.left_out >= 0)
    trust[leaving, asked.left_out[leaving]] = -np.inf
    weights = attend(similarities, memories.offsets, scale, trust)
    along = np.add.reduceat(weights * similarities, memories.offsets[:-1], axis=1)
    squares = np.ones_like(along)
    for answer in np.flatnonzero(np.diff(memories.offsets) > 1).tolist():
        # |M|² = αᵀ(H Hᵀ)α; a single position's memory is that position.
        own = weights[:, memories.offsets[answer] : memories.offsets[answer + 1]]
        squares[:, answer] = ((own @ grams[answer]) * own).sum(axis=1)
    return np.asarray(along / np.sqrt(np.maximum(squares, np.finfo(np.float32).tiny)), np.float32)


def fit(views: Sequence[Memories], weights: Sequence[float], prior: TwoViews) -> TwoViews:
    """The parameters with the least leave-one-out loss, searched one coordinate after the other, twice over.

    `weights` are the weights of the second view that are tried. The prior where too few answers have several positions.
    """
    rows, targets = reading.asking(views[0])
    if len(rows) < FEWEST_QUESTIONS:
        return prior
    known: dict[tuple[int, float], NDArray[np.float32]] = {}

    def seen(view: int, scale: float) -> NDArray[np.float32]:
        if (view, scale) not in known:
            known[view, scale] = cosines(views[view], Asked(views[view].vectors[rows], rows), scale)
        return known[view, scale]

    def loss(trial: TwoViews) -> tuple[float, TwoViews]:
        mixed = _mixed(trial.weight, seen, trial)
        losses = {beta: reading.loss(mixed, targets, beta) for beta in BETAS}
        beta = min(losses, key=lambda candidate: losses[candidate])
        return losses[beta], replace(trial, beta=beta)

    best = loss(prior)
    for _ in range(ROUNDS):
        for name, values in (("english_scale", SCALES), ("multilingual_scale", SCALES), ("weight", weights)):
            trials = [loss(replace(best[1], **{name: value})) for value in values]
            best = min([best, *trials], key=lambda trial: trial[0])
    return best[1]


def _mixed(
    weight: float, seen: Callable[[int, float], NDArray[np.float32]], parameters: TwoViews
) -> NDArray[np.float32]:
    """The two views' cosines under their weight; a view of no weight is not asked for. Shape: (q, N)."""
    if weight == 0:
        return seen(0, parameters.english_scale)
    if weight == 1:
        return seen(1, parameters.multilingual_scale)
    english, multilingual = seen(0, parameters.english_scale), seen(1, parameters.multilingual_scale)
    return np.asarray((1 - weight) * english + weight * multilingual, np.float32)


def peer(
    english: Encode, multilingual: Encode, weights: Sequence[float], prior: TwoViews, *, answers_alone: bool
) -> Peer:
    """Weaver as a peer among peers, with the weights of the multilingual view that its fit may choose.

    `answers_alone`: the texts are answers' own words. One sentence asking for another says nothing about how questions
    ask, so that the prior is kept.
    """

    def remember(bank: Bank) -> Ask:
        order = np.argsort(bank.owners, kind="stable")
        named, counts = np.unique(bank.owners, return_counts=True)
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        texts = [bank.texts[row] for row in order]
        mean = multilingual(texts).mean(axis=0)
        encoders: list[Encode] = [english, lambda asked: reading.centred(multilingual(asked), mean)]
        views = [Memories(encode(texts), offsets, np.zeros(len(texts), np.float32)) for encode in encoders]
        kept = replace(prior, weight=min(weights, key=lambda weight: abs(weight - prior.weight)))
        fitted = kept if answers_alone else fit(views, weights, kept)

        def ask(questions: Texts) -> Ranking:
            nothing = np.full(len(questions), -1, np.int64)

            def seen(view: int, scale: float) -> NDArray[np.float32]:
                return cosines(views[view], Asked(encoders[view](questions), nothing), scale)

            found = of_answers(_mixed(fitted.weight, seen, fitted))
            return Ranking(np.where(found.answers >= 0, named[found.answers], found.answers), found.scores)

        return ask

    return remember
