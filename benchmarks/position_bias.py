"""Clicks on suggestions: an update that takes them for truth learns the order that it showed; weighted, it does not.

`python -m benchmarks.position_bias` prints two tables. The memory is ten questions an intent of BANKING77, English
view, read as the product reads it; of the other train questions those whose first suggestions are near-equals are
asked, each by so many customers. A customer looks at the first suggestion always, at the second and third now and
then; what they look at seems right more often if it is; they pick the first that does. Orders and propensities are
those of `weaver_core.exploration`. An update writes each asked question as a position of the answer with the most
evidence: picks as they are, or weighted by the inverse of how likely that answer was to stand where it was picked. A
cell is the share of the asked questions that go to their right answer by that, and test accuracy@1 of the memory
afterwards.

The second table is what a later log, of other customers, says of two policies that order the near-equals: as the active
memory does, and as the memory with the weighted update does. Their value is how often the first suggestion is picked;
the true one is known, because the customers are made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import data, reading, vectors
from benchmarks.banking77 import SEEDS, few_an_intent
from weaver_core import off_policy
from weaver_core.batch_read import cosines
from weaver_core.decision import MOST_SUGGESTIONS, Decision
from weaver_core.exploration import Showing, near_equals, show
from weaver_core.leave_one_out import BETAS
from weaver_core.memory import Memories
from weaver_core.off_policy import Logged
from weaver_core.retrieval import retrieve

EXPLORATION = 0.1
CUSTOMERS = 60
# How often each place is looked at, and how often what is looked at seems right: when it is, and when it is not.
LOOKED_AT = np.array([1.0, 0.35, 0.15])
SEEMS_RIGHT, SEEMS_RIGHT_WRONGLY = 0.9, 0.45
NOTHING = -1
# The later log's customers are not those of the first one.
LATER = 1000


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """The memory, and the questions that are asked of it with what is suggested.

    Shapes: keys (P, d) and owners (P,) of the memory; questions (n, d), their right answers (n,), the suggestions
    (n, 3), best first; runs of near-equals, one tuple a question.
    """

    keys: NDArray[np.float32]
    owners: NDArray[np.int64]
    scale: float
    questions: NDArray[np.float32]
    right: NDArray[np.int64]
    suggestions: NDArray[np.int64]
    runs: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """T turns. Shapes: questions (T,) by row; showings, one a turn; places (T,), where was picked, NOTHING for none."""

    questions: NDArray[np.int64]
    showings: tuple[Showing, ...]
    places: NDArray[np.int64]


def world(
    keys: NDArray[np.float32], labels: NDArray[np.int64], few: NDArray[np.int64], others: NDArray[np.int64]
) -> World:
    """The memory of some rows, and those of the others whose first suggestions are near-equals."""
    memories = reading.memories_of(keys[few], labels[few])
    scale = reading.fitted_scale(memories)
    chances = retrieve(cosines(keys[others], memories, scale), fitted_beta(memories, scale))
    order = np.argsort(-chances, axis=1, kind="stable")[:, :MOST_SUGGESTIONS]
    best = np.take_along_axis(chances, order, axis=1).astype(np.float64)
    runs = [near_equals(row, Decision.CLARIFY, 0.0) for row in best]
    asked = np.flatnonzero([run[0] > 1 for run in runs])
    rows = others[asked]
    return World(
        keys[few], labels[few], scale, keys[rows], labels[rows], order[asked], tuple(runs[row] for row in asked)
    )


def fitted_beta(memories: Memories, scale: float) -> float:
    """Retrieval's β with the least leave-one-out loss."""
    rows, targets = reading.asking(memories)
    found = cosines(memories.vectors[rows], memories, scale, rows)
    return min(BETAS, key=lambda beta: reading.loss(found, targets, beta))


def log(asked: World, share: float, random: np.random.Generator) -> Log:
    """What so many customers a question were shown and picked."""
    questions = np.repeat(np.arange(len(asked.questions)), CUSTOMERS)
    showings = tuple(show(asked.runs[row], share, random) for row in questions)
    shown = np.stack([asked.suggestions[row][list(one.order)] for row, one in zip(questions, showings, strict=True)])
    seems = np.where(shown == asked.right[questions, None], SEEMS_RIGHT, SEEMS_RIGHT_WRONGLY)
    liked = (random.random(shown.shape) < LOOKED_AT) & (random.random(shown.shape) < seems)
    return Log(questions, showings, np.where(liked.any(axis=1), liked.argmax(axis=1), NOTHING))


def evidence(asked: World, logged: Log, *, weighted: bool) -> NDArray[np.float64]:
    """The picks of each suggestion, by its rank, as they are or by inverse propensity. Shape: (n, 3)."""
    picks = np.zeros(asked.suggestions.shape)
    turns = np.flatnonzero(logged.places != NOTHING)
    propensities = np.array([logged.showings[turn].propensities[logged.places[turn]] for turn in turns])
    ranks = [logged.showings[turn].order[logged.places[turn]] for turn in turns]
    ones = np.ones(len(turns))
    weights = off_policy.weights(propensities, ones) if weighted else ones
    np.add.at(picks, (logged.questions[turns], ranks), weights)
    return picks


def updated(asked: World, answers: NDArray[np.int64]) -> Memories:
    """The memory with each asked question as a position of the answer named for it. Shape: answers (n,)."""
    keys = np.concatenate([asked.keys, asked.questions])
    return reading.memories_of(keys, np.concatenate([asked.owners, answers]))


def chosen(asked: World, picks: NDArray[np.float64]) -> NDArray[np.int64]:
    """Each question's suggestion with the most evidence; without any, the first. Shape: (n, 3) → (n,)."""
    return np.take_along_axis(asked.suggestions, picks.argmax(axis=1)[:, None], axis=1)[:, 0]


def reordered(asked: World, memories: Memories) -> list[tuple[int, ...]]:
    """The order in which a memory shows the first run of near-equals; the rest stays."""
    scores = np.take_along_axis(cosines(asked.questions, memories, asked.scale), asked.suggestions, axis=1)
    orders = []
    for row, runs in zip(scores, asked.runs, strict=True):
        first = np.argsort(-row[: runs[0]], kind="stable")
        orders.append((*first.tolist(), *range(runs[0], len(row))))
    return orders


def values(asked: World, logged: Log, orders: list[tuple[int, ...]], seed: int) -> tuple[float, float, str]:
    """How often a policy's first suggestion is picked: truly, by the picks as they are, by inverse propensity."""
    firsts = np.array([order[0] for order in orders])
    first = np.take_along_axis(asked.suggestions, firsts[:, None], axis=1)[:, 0]
    true = float(np.where(first == asked.right, SEEMS_RIGHT, SEEMS_RIGHT_WRONGLY).mean()) * float(LOOKED_AT[0])
    picked = [
        showing.order[place] if place != NOTHING else NOTHING
        for showing, place in zip(logged.showings, logged.places, strict=True)
    ]
    naive = float((np.array(picked) == firsts[logged.questions]).mean())
    same = np.array([s.order == orders[row] for s, row in zip(logged.showings, logged.questions, strict=True)], float)
    propensities = np.array([showing.propensity for showing in logged.showings])
    found = off_policy.self_normalised(Logged(propensities, (logged.places == 0).astype(float)), same, seed)
    interval = found.interval
    return true, naive, f"{interval.mean:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def updates(asked: World, seed: int) -> list[NDArray[np.int64]]:
    """The answer that each asked question is written to, by the picks of three ways to learn. Shape: each (n,)."""
    greedy, explored = (log(asked, share, np.random.default_rng(seed)) for share in (0.0, EXPLORATION))
    ways = ((greedy, False), (explored, False), (explored, True))
    return [chosen(asked, evidence(asked, logged, weighted=weighted)) for logged, weighted in ways]


def policies(asked: World, memories: Sequence[Memories], seed: int) -> Iterator[str]:
    """What a later log says of the policies of the first memory and of the last, as rows of a table."""
    later = log(asked, EXPLORATION, np.random.default_rng(LATER + seed))
    for name, memory in (("as it was", memories[0]), ("with the weighted update", memories[-1])):
        true, naive, weighted = values(asked, later, reordered(asked, memory), seed)
        yield f"| {seed} | {name} | {true:.3f} | {naive:.3f} | {weighted} |"


def main() -> None:
    """Print the tables."""
    train, test = data.rows("banking77/train.jsonl"), data.rows("banking77/test.jsonl")
    encoder = vectors.english()
    keys, tested = (vectors.of(encoder, [row["text"] for row in rows]) for rows in (train, test))
    names = sorted({row["intent"] for row in train})
    labels, targets = (np.array([names.index(row["intent"]) for row in rows]) for rows in (train, test))
    place_of = {id(row): place for place, row in enumerate(train)}
    print("| seed | near-equals | before | picks | explored, picks | explored, weighted | right answers |")
    print("|---|---|---|---|---|---|---|")
    told = list[str]()
    for seed in SEEDS:
        few = np.array([place_of[id(row)] for row in few_an_intent(train, seed)])
        asked = world(keys, labels, few, np.setdiff1d(np.arange(len(train)), few))
        answers = updates(asked, seed)
        memories = [reading.memories_of(asked.keys, asked.owners), *(updated(asked, each) for each in answers)]
        shown = [asked.suggestions[:, 0], *answers, asked.right]
        first = [float((each == asked.right).mean()) for each in shown]
        found = [
            float((cosines(tested, memory, asked.scale).argmax(axis=1) == targets).mean())
            for memory in [*memories, updated(asked, asked.right)]
        ]
        cells = [f"{right:.3f}, {accuracy:.4f}" for right, accuracy in zip(first, found, strict=True)]
        print(f"| {seed} | {len(asked.right)} | {' | '.join(cells)} |", flush=True)
        told.extend(policies(asked, memories, seed))
    print("\n| seed | order of the memory | true value | picks | self-normalised, 95 % |\n|---|---|---|---|---|")
    print("\n".join(told))


if __name__ == "__main__":
    main()
