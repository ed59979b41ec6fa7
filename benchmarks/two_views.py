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
from weaver_core.batch_read import cosines
from weaver_core.leave_one_out import BETAS, FEWEST_QUESTIONS, SCALES
from weaver_core.memory import Memories

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
            known[view, scale] = cosines(views[view].vectors[rows], views[view], scale, rows)
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
            def seen(view: int, scale: float) -> NDArray[np.float32]:
                return cosines(encoders[view](questions), views[view], scale)

            found = of_answers(_mixed(fitted.weight, seen, fitted))
            return Ranking(np.where(found.answers >= 0, named[found.answers], found.answers), found.scores)

        return ask

    return remember
