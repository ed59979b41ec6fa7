"""Fits the read and its calibration on the memory alone: each question asks for its answer, left out itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from weaver_core import calibration
from weaver_core.attention import attend
from weaver_core.calibration import Sample
from weaver_core.memory import read_many
from weaver_core.model import Candidates, Reading, ReadParameters, ViewParameters
from weaver_core.readers import Reader
from weaver_core.retrieval import retrieve

SCALES = (0.0, 3.0, 5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 40.0)
BETAS = (7.0, 10.0, 14.0, 20.0, 28.0, 40.0, 56.0, 80.0)
SENTENCE_TRUSTS = (0.0, -1.0, -2.0, -4.0)
SHARES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
WORDS = (0.0, 0.05, 0.1, 0.2, 0.3)
# More questions than this make the fit slower and no better (docs/experiments.md).
MOST_QUESTIONS = 1000
# With fewer questions the shipped prior is the better guess.
FEWEST_QUESTIONS = 50
FEWEST_TO_CALIBRATE = 200

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One question with the answers that it is read against, without its own position.

    `target` is its own answer's place among them.
    """

    candidates: Candidates
    target: int


@dataclass(frozen=True, slots=True)
class Fit:
    """What was fitted, with what it reached left out: negative log-likelihood (nats), accuracy@1, mean confidence."""

    reader: Reader
    questions: int
    loss: float
    accuracy: float
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """What is kept of a case: a thousand with their vectors would be gigabytes.

    Shapes, for N candidates: grids by view (G, N) at the case's points, words (N,), positions (N,).
    """

    points: Sequence[tuple[float, float]]
    grids: Mapping[str, NDArray[np.float32]]
    words: NDArray[np.float32]
    positions: NDArray[np.int64]
    target: int


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """All cases side by side, padded to the largest with −inf.

    Shapes, for n cases and at most C candidates: cosines by view and (s, sentences' trust) (n, C), words (n, C),
    positions (n, C), targets (n,).
    """

    cosines: Mapping[str, Mapping[tuple[float, float], NDArray[np.float32]]]
    words: NDArray[np.float32]
    positions: NDArray[np.int64]
    targets: NDArray[np.int64]


def fit(cases: Iterable[Case], total: int, prior: Reader, progress: Progress | None = None) -> Fit | None:
    """The reader with the least loss; None when there are too few questions to say.

    One coordinate at a time: s and the sentences' trust of each view by itself, then the views' and the words' weights,
    then s and the trust once more; β goes with each. The calibration sees the same questions again, each with its whole
    answer left out as well, as turns that nothing fits.
    """
    return _fitted(cases, total, prior, progress, _search)


def fit_sureness(cases: Iterable[Case], total: int, prior: Reader, progress: Progress | None = None) -> Fit | None:
    """The same with s, trust and weights as they are given: β and the calibration are fitted alone.

    For encoders that were trained on these very questions, which say nothing of the rest any more.
    """
    return _fitted(cases, total, prior, progress, lambda table, given: _best(table, [given]))


def _fitted(
    cases: Iterable[Case],
    total: int,
    prior: Reader,
    progress: Progress | None,
    choose: Callable[[_Table, ReadParameters], ReadParameters],
) -> Fit | None:
    heard: list[_Heard] = []
    for number, case in enumerate(cases, start=1):
        heard.append(_hear(case))
        if progress is not None:
            progress(number, total)
    if len(heard) < FEWEST_QUESTIONS:
        return None
    table = _table(heard)
    parameters = choose(table, prior.parameters)
    scores = _scores(table, parameters)
    fitted = prior.calibration
    if len(heard) >= FEWEST_TO_CALIBRATE:
        fitted = _calibrate(table, scores, parameters)
    accuracy = float((scores.argmax(axis=1) == table.targets).mean())
    seen = np.stack([_features(table, scores, row, parameters) for row in range(len(heard))])
    confidence = float(fitted.confidences(seen).mean())
    loss = _loss(scores, table.targets, parameters.beta)
    return Fit(Reader(parameters, fitted), len(heard), loss, accuracy, confidence)


def _hear(case: Case) -> _Heard:
    candidates = case.candidates
    grids = {view: _grid(case, view) for view in candidates.spaces}
    return _Heard(_points(candidates), grids, candidates.words, np.diff(candidates.offsets), case.target)


def _points(candidates: Candidates) -> list[tuple[float, float]]:
    trusts = SENTENCE_TRUSTS if candidates.sentences.any() else SENTENCE_TRUSTS[:1]
    return [(scale, trust) for scale in SCALES for trust in trusts]


def _grid(case: Case, view: str) -> NDArray[np.float32]:
    """û·M̂ at every s and every trust in sentences. Shape: (G, N)."""
    candidates = case.candidates
    space = candidates.spaces[view]
    similarities = space.vectors @ space.query
    weights = np.stack(
        [
            attend(similarities, candidates.offsets, scale, candidates.memories(view, trust).trust)
            for scale, trust in _points(candidates)
        ]
    )
    return read_many(weights, candidates.memories(view, 0.0)) @ space.query


def _table(heard: Sequence[_Heard]) -> _Table:
    count, widest = len(heard), max(len(one.words) for one in heard)
    every = {(scale, trust) for scale in SCALES for trust in SENTENCE_TRUSTS}
    views = heard[0].grids
    cosines = {view: {point: np.full((count, widest), -np.inf, np.float32) for point in every} for view in views}
    words, positions = np.full((count, widest), -np.inf, np.float32), np.ones((count, widest), np.int64)
    for row, one in enumerate(heard):
        width = len(one.words)
        words[row, :width] = one.words
        positions[row, :width] = one.positions
        # A question in service does not come out of its own answer's memory.
        positions[row, one.target] += 1
        for view, grid in one.grids.items():
            at = dict(zip(one.points, grid, strict=True))
            for point in every:
                # Where no candidate has sentences, trust in them changes nothing.
                cosines[view][point][row, :width] = at.get(point, at[point[0], SENTENCE_TRUSTS[0]])
    return _Table(cosines, words, positions, np.array([one.target for one in heard]))


def _search(table: _Table, prior: ReadParameters) -> ReadParameters:
    views = dict(prior.views)
    for name, points in table.cosines.items():
        alone = {point: _best_beta(cosines, table.targets)[0] for point, cosines in points.items()}
        views[name] = _at(views[name], min(alone, key=lambda point: alone[point]))
    best = _weigh(table, replace(prior, views=views))
    for name, points in table.cosines.items():
        trials = [replace(best, views={**best.views, name: _at(best.views[name], point)}) for point in points]
        best = _best(table, trials)
    return best


def _at(view: ViewParameters, point: tuple[float, float]) -> ViewParameters:
    return replace(view, scale=point[0], sentence_trust=point[1])


def _weigh(table: _Table, parameters: ReadParameters) -> ReadParameters:
    """The views' and the words' weights: of two views the lighter one gets each share in turn."""
    read = [view for view in parameters.read_views if view in table.cosines]
    weighed = [parameters.views]
    if len(read) == 2:  # noqa: PLR2004 - more views keep their prior proportions
        heavy, light = read
        weighed = [
            {
                **parameters.views,
                heavy: replace(parameters.views[heavy], weight=1 - share),
                light: replace(parameters.views[light], weight=share),
            }
            for share in SHARES
        ]
    return _best(table, [replace(parameters, views=views, words=words) for views in weighed for words in WORDS])


def _best(table: _Table, trials: Sequence[ReadParameters]) -> ReadParameters:
    """The trial with the least loss, with the β that it reached it with."""
    reached = [_best_beta(_scores(table, trial), table.targets) for trial in trials]
    place = min(range(len(trials)), key=lambda index: reached[index][0])
    return replace(trials[place], beta=reached[place][1])


def _best_beta(scores: NDArray[np.float32], targets: NDArray[np.int64]) -> tuple[float, float]:
    return min((_loss(scores, targets, beta), beta) for beta in BETAS)


def _scores(table: _Table, parameters: ReadParameters) -> NDArray[np.float32]:
    total = sum(parameters.views[view].weight for view in table.cosines)
    summed = np.where(np.isneginf(table.words), table.words, np.float32(0))
    for view, cosines in table.cosines.items():
        fitted = parameters.views[view]
        if fitted.weight > 0:
            summed = summed + np.float32(fitted.weight / total) * cosines[fitted.scale, fitted.sentence_trust]
    words = np.where(np.isneginf(table.words), np.float32(0), table.words)
    return np.asarray(summed + np.float32(parameters.words if table.cosines else 1.0) * words, np.float32)


def _loss(scores: NDArray[np.float32], targets: NDArray[np.int64], beta: float) -> float:
    logits = beta * scores
    highest = logits.max(axis=1, keepdims=True)
    totals = highest[:, 0] + np.log(np.exp(logits - highest).sum(axis=1))
    return float((totals - logits[np.arange(len(targets)), targets]).mean())


def _calibrate(table: _Table, scores: NDArray[np.float32], parameters: ReadParameters) -> calibration.Calibration:
    count = len(table.targets)
    rows = np.arange(count)
    without = scores.copy()
    without[rows, table.targets] = -np.inf
    # A question whose answer was the only candidate finds nothing once that is gone.
    left = np.flatnonzero(np.isfinite(without).any(axis=1))
    asked = [(scores, row, scores[row].argmax() == table.targets[row]) for row in rows]
    asked += [(without, row, False) for row in left]
    values = np.stack([_features(table, seen, int(row), parameters) for seen, row, _ in asked])
    right = np.array([bool(known) for _, _, known in asked])
    fits = np.arange(len(asked)) < count
    return calibration.fit(Sample(values, right, fits, np.ones(len(asked))))


def _features(table: _Table, seen: NDArray[np.float32], row: int, parameters: ReadParameters) -> NDArray[np.float64]:
    present = np.flatnonzero(np.isfinite(seen[row]))
    scores = seen[row, present]
    agreement = np.zeros(len(present), np.float32)
    total = sum(parameters.views[view].weight for view in table.cosines) or 1.0
    for view, cosines in table.cosines.items():
        fitted = parameters.views[view]
        own = cosines[fitted.scale, fitted.sentence_trust][row, present]
        agreement[own.argmax()] += fitted.weight / total
    if not table.cosines:
        agreement[:] = 1.0
    reading = Reading(np.zeros(0, np.float32), scores, retrieve(scores, parameters.beta), agreement)
    order = np.argsort(-scores, kind="stable")
    return calibration.features(reading, order, int(table.positions[row, present[order[0]]]))
