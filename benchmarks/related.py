"""Related answers: of what a customer goes on to need, how much stands in the five that are recommended (recall@5).

`python -m benchmarks.related` prints the table. There is no public log of support conversations with several resolved
questions each, so a co-resolution set is made from CrossWOZ (Apache 2.0): 500 Chinese dialogues of people who plan a
trip, with what each turn requests annotated. A thing that is requested (the phone number of a hotel, a restaurant near
a sight) is an answer; a dialogue is a customer, whose history is what they requested, in order, each once. After each
request but the last, five answers are recommended that were not asked for yet; recall@5 is the share of the later
requests among them (of five, where there are more). Half of the dialogues are what helped earlier customers, the others
measure; λ and δ are chosen by five-fold cross-validation within the first half.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import product
from unittest.mock import patch
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np

from benchmarks import data
from weaver_core import recommendation
from weaver_core.recommendation import relate

MOST, FOLDS, SEED = 5, 5, 0
SHRINKAGES, DECAYS = (0.0, 5.0, 20.0), (0.0, 0.2, 0.4, 0.6, 0.8)

History = list[UUID]
# What is recommended after a history, best first.
Recommend = Callable[[Sequence[UUID]], list[UUID]]


def histories() -> list[History]:
    """What each customer requested, in order."""
    found = []
    for row in data.rows("crosswoz/dev.jsonl"):
        asked = [act for turn in row["turns"] if turn["role"] == "usr" for act in turn["acts"] if act[0] == "Request"]
        # "Facilities: a bar" and "facilities: a pool" are questions of one kind.
        names = dict.fromkeys(json.dumps([act[1], act[2].split("-")[0]]) for act in asked)
        if len(names) > 1:
            found.append([uuid5(NAMESPACE_URL, name) for name in names])
    return found


def recall(recommend: Recommend, customers: Sequence[History]) -> float:
    """Recall@5 over all moments at which a customer still needed something."""
    shares = []
    for history in customers:
        for place in range(1, len(history)):
            told, later = history[:place], set(history[place:])
            top = [one for one in recommend(told) if one not in told][:MOST]
            shares.append(len(later.intersection(top)) / min(MOST, len(later)))
    return float(np.mean(shares))


def popularity(customers: Sequence[History]) -> Recommend:
    """What most customers needed, whatever was asked."""
    ranked = [one for one, _ in Counter(one for history in customers for one in history).most_common()]
    return lambda _told: ranked


def last_asked(customers: Sequence[History]) -> Recommend:
    """What most customers needed who needed what was asked last: P(b | a)."""
    together: dict[UUID, Counter[UUID]] = {}
    for history in customers:
        for one in history:
            together.setdefault(one, Counter()).update(other for other in history if other != one)
    return lambda told: [one for one, _ in together.get(told[-1], Counter[UUID]()).most_common()]


def ours(customers: Sequence[History]) -> Recommend:
    """The product's relations."""
    relations = relate(customers)
    return lambda told: [one.answer for one in relations.related(told)]


def chosen(customers: Sequence[History]) -> tuple[float, float]:
    """λ and δ by cross-validation."""

    def validated(shrinkage: float, decay: float) -> float:
        with patch.multiple(recommendation, SHRINKAGE=shrinkage, DECAY=decay):
            folds = [
                recall(ours([one for row, one in enumerate(customers) if row % FOLDS != fold]), customers[fold::FOLDS])
                for fold in range(FOLDS)
            ]
        return float(np.mean(folds))

    return max(product(SHRINKAGES, DECAYS), key=lambda values: validated(*values))


def main() -> None:
    """Print the table."""
    everyone = histories()
    order = np.random.default_rng(SEED).permutation(len(everyone))
    earlier = [everyone[row] for row in order[: len(everyone) // 2]]
    later = [everyone[row] for row in order[len(everyone) // 2 :]]
    shrinkage, decay = chosen(earlier)
    print(f"λ {shrinkage:g}, δ {decay:g} by cross-validation (the product's: {recommendation.SHRINKAGE:g}, ", end="")
    print(f"{recommendation.DECAY:g}); {len(earlier)} earlier customers, {len(later)} later ones\n")
    print("| recommended after each question | recall@5 |\n|---|---|")
    print(f"| what is asked most often | {recall(popularity(earlier), later):.3f} |")
    print(f"| what goes most often with the last question | {recall(last_asked(earlier), later):.3f} |")
    print(f"| **Weaver** | **{recall(ours(earlier), later):.3f}** |")


if __name__ == "__main__":
    main()
