"""Related answers: what helped those customers too whom the same answers helped.

Customers are histories of the answers that helped them, in their order. Two answers are as close as the cosine of their
columns in the matrix customers × answers, shrunk where few customers back it (Sarwar et al., Item-based collaborative
filtering recommendation algorithms, 2001):

    w(a, b) = n(a, b) / (√(n(a) n(b)) + λ)

with n(a, b) the customers whom both helped. A customer's own history counts the less the longer ago it was, by δ an
answer: score(b) = Σ δ^age w(a, b). λ and δ were chosen by cross-validation on development data (`benchmarks.related`).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from uuid import UUID

# λ and δ.
SHRINKAGE, DECAY = 20.0, 0.4
# A relation that fewer customers show is chance, and could tell who they were.
FEWEST_CUSTOMERS = 3
# So many relations of an answer are kept, the closest.
MOST_RELATIONS = 20
# A history longer than this is a machine's, not a customer's; its newest answers count.
LONGEST_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Related:
    """An answer that goes with what a customer was told, how well, and how many customers show it."""

    answer: UUID
    score: float
    customers: int


@dataclass(frozen=True, slots=True)
class Relations:
    """Each answer's closest ones."""

    of: Mapping[UUID, tuple[Related, ...]]

    def related(self, history: Sequence[UUID], leave_out: Collection[UUID] = ()) -> list[Related]:
        """What goes with a customer's answers, oldest first; best first, without them and without what is left out."""
        scores: dict[UUID, float] = {}
        customers: dict[UUID, int] = {}
        for age, answer in enumerate(reversed(history)):
            for near in self.of.get(answer, ()):
                scores[near.answer] = scores.get(near.answer, 0.0) + DECAY**age * near.score
                customers[near.answer] = max(customers.get(near.answer, 0), near.customers)
        known = {*history, *leave_out}
        found = [Related(answer, score, customers[answer]) for answer, score in scores.items() if answer not in known]
        return sorted(found, key=lambda one: (-one.score, one.answer))


NOTHING_RELATED = Relations({})


def relate(histories: Iterable[Sequence[UUID]], fewest: int = FEWEST_CUSTOMERS) -> Relations:
    """Relations from customers' histories, each the answers that helped one customer; repetitions count once."""
    helped: Counter[UUID] = Counter()
    together: Counter[tuple[UUID, UUID]] = Counter()
    for history in histories:
        distinct = sorted(set(history[-LONGEST_HISTORY:]))
        helped.update(distinct)
        together.update(combinations(distinct, 2))
    near: dict[UUID, list[Related]] = {}
    for (one, other), customers in together.items():
        if customers < fewest:
            continue
        score = customers / (sqrt(helped[one] * helped[other]) + SHRINKAGE)
        near.setdefault(one, []).append(Related(other, score, customers))
        near.setdefault(other, []).append(Related(one, score, customers))
    return Relations({answer: _closest(relations) for answer, relations in near.items()})


def _closest(relations: list[Related]) -> tuple[Related, ...]:
    return tuple(sorted(relations, key=lambda one: (-one.score, one.answer))[:MOST_RELATIONS])
