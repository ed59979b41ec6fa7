"""Topics on the rise: texts to which others like them come more often, or angrier, than before.

A topic is what lies near one recent text: whose cosine with it is NEAR or more. Nothing is known of topics beforehand,
so that one nobody has heard of yet is found as well. Were customers still asking as they did, it would be chance which
of the texts near it came in the last hours and which before; how unlikely it is that so many are new says how much it
rises (Fisher's exact test, stratified by where texts come from: a busy hour, or a source of which more is read lately,
raises nothing by itself). For anger the same is asked of the angry ones among the texts near it. The text itself is
not counted, since it was chosen; each person counts once.

Every look asks this of many texts: the chance that it gives any false alarm is kept below LEVEL by Bonferroni's
inequality, so that there is less than one in four weeks.

Sources: M. Kulldorff, Prospective time periodic geographical disease surveillance using a scan statistic, JRSS A 164,
2001; M. Kulldorff et al., A space-time permutation scan statistic, PLoS Medicine 2, 2005 (given the totals, no other
population is needed). What the constants do was measured: `python -m benchmarks.topics`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from weaver_core.tails import Urn, mean, tail

# Texts are of one topic from this cosine on, without what all texts share (`topic_space.centred`).
NEAR = 0.5
# What is new lately is looked for in these last hours, and compared with what came before, up to four weeks ago.
WINDOWS = (1.0, 6.0, 24.0)
PAST_HOURS = 28 * 24.0
# So many people must have been heard before, and be part of a rise, which is at least so many times the usual.
FEWEST_BEFORE, FEWEST, TIMES = 200, 5, 2.0
# One false alarm in four weeks at most. The looks of one hour see nearly the same texts, and count as one.
LEVEL = 1 / (28 * 24)
# The newest texts may be the middle of a topic; so many are compared at once.
MOST_CENTRES, AT_ONCE = 500, 100
# Two rises are one when they share this part of the smaller one's people.
SHARED = 1 / 3


Near = Callable[[NDArray[np.int64]], NDArray[np.bool_]]
"""Which texts are near these. Shapes: c numbers → (c, n)."""


class Kind(StrEnum):
    """What rises: how many there are, or how many of them are angry."""

    VOLUME = "volume"
    ANGER = "anger"


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Texts that were heard, in any order.

    Shapes: hours (n,), when, from any origin; people (n,) and streams (n,), numbers for who said it and where it comes
    from; angry (n,).
    """

    hours: NDArray[np.float64]
    people: NDArray[np.int64]
    streams: NDArray[np.int64]
    angry: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rise:
    """A topic that rises: the text in its middle, those of the last `window` hours near it, the middle among them.

    So many people said it (for anger: said it angrily) where `expected` would have, `before` in the time before;
    `chance` is how often that would be so by itself.
    """

    kind: Kind
    centre: int
    members: tuple[int, ...]
    window: float
    people: int
    expected: float
    before: int
    chance: float


def by_cosine(vectors: NDArray[np.float32]) -> Near:
    """Texts are near by the cosine of their vectors. Shape: (n, d) of unit length, zero for a text like no other."""
    return lambda rows: vectors[rows] @ vectors.T >= NEAR


def rising(heard: Heard, near: Near, now: float) -> list[Rise]:
    """The topics that rise at an hour, the least likely first; those that share people are one."""
    parted = [part for part in (_Parted.at(heard, now, window) for window in WINDOWS) if part.is_known]
    if not parted:
        return []
    found: list[Rise] = []
    newest = parted[-1].newest()
    for at in range(0, len(newest), AT_ONCE):
        centres = newest[at : at + AT_ONCE]
        for centre, row in zip(centres.tolist(), near(centres), strict=True):
            close = np.flatnonzero(row)
            found += [rise for part in parted if part.within[centre] for rise in part.tested(centre, close)]
    tests = len(Kind) * sum(int(part.within[newest].sum()) for part in parted)
    certain = [rise for rise in found if rise.chance * tests < LEVEL]
    return _apart(heard, sorted(certain, key=lambda rise: rise.chance))


def busiest(heard: Heard, near: Near, now: float, window: float, most: int) -> list[Rise]:
    """The topics of which most is heard in the last hours, each with what was to be expected; texts are in one each."""
    parted = _Parted.at(heard, now, window)
    newest = parted.newest()
    rows = [near(newest[at : at + AT_ONCE]) for at in range(0, len(newest), AT_ONCE)]
    close = np.concatenate(rows) if rows else np.zeros((0, len(heard.hours)), bool)
    free = parted.within.copy()
    found: list[Rise] = []
    while len(found) < most and len(newest):
        sizes = (close & free).sum(axis=1)
        best = int(sizes.argmax())
        if sizes[best] < 2:  # noqa: PLR2004 - one alone is no topic
            break
        found.append(
            parted.measured(Kind.VOLUME, int(newest[best]), np.flatnonzero(close[best] & (free | parted.past)))
        )
        free &= ~close[best]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Parted:
    """Texts parted at the beginning of a window, those within it from those before, and how many people said them.

    Shapes: within (n,), past (n,); the people of each stream (streams,), within and before.
    """

    heard: Heard
    window: float
    within: NDArray[np.bool_]
    past: NDArray[np.bool_]
    drawn: NDArray[np.int64]
    others: NDArray[np.int64]

    @classmethod
    def at(cls, heard: Heard, now: float, window: float) -> "_Parted":
        age = now - heard.hours
        within, past = (age >= 0) & (age < window), (age >= window) & (age < PAST_HOURS)
        streams = int(heard.streams.max(initial=-1)) + 1
        drawn, others = (_people(heard, np.flatnonzero(part), streams) for part in (within, past))
        return cls(heard, window, within, past, drawn, others)

    @property
    def is_known(self) -> bool:
        """Whether enough was heard before to tell what is usual."""
        return int(self.others.sum()) >= FEWEST_BEFORE

    def newest(self) -> NDArray[np.int64]:
        """The texts that may be the middle of a topic, the newest first."""
        rows = np.flatnonzero(self.within)
        return rows[np.argsort(-self.heard.hours[rows], kind="stable")][:MOST_CENTRES]

    def tested(self, centre: int, near: NDArray[np.int64]) -> list[Rise]:
        """What rises around a text, given those near it; most texts have too few of them lately."""
        if self.within[near].sum() < FEWEST:
            return []
        rises = (self.measured(kind, centre, near) for kind in Kind)
        return [rise for rise in rises if rise.people >= FEWEST and rise.people > TIMES * rise.expected]

    def measured(self, kind: Kind, centre: int, near: NDArray[np.int64]) -> Rise:
        """A topic as it is, whether it rises or not."""
        heard = self.heard
        lately, before = near[self.within[near]], near[self.past[near]]
        own = int(heard.people[centre])
        if kind is Kind.VOLUME:
            drawn, others = self.drawn.copy(), self.others
            drawn[heard.streams[centre]] -= 1
            marked = (lately, before)
        else:
            drawn, others = (_people(heard, part, len(self.drawn), own) for part in (lately, before))
            marked = (lately[heard.angry[lately]], before[heard.angry[before]])
        counts = [_people(heard, part, len(self.drawn), own) for part in marked]
        urns = [
            Urn(int(drawn[stream] + others[stream]), int(counts[0][stream] + counts[1][stream]), int(drawn[stream]))
            for stream in np.flatnonzero(counts[0])
        ]
        people, held = (len(np.unique(heard.people[part])) for part in marked)
        chance = tail(urns, int(counts[0].sum()))
        members = tuple(map(int, lately))
        return Rise(kind, centre, members, self.window, people, mean(urns), held, chance)


def _people(heard: Heard, texts: NDArray[np.int64], streams: int, left_out: int = -1) -> NDArray[np.int64]:
    """How many people of each stream said these texts, but for one of them. Shapes: (m,) → (streams,)."""
    kept = texts[heard.people[texts] != left_out]
    _, first = np.unique(heard.people[kept], return_index=True)
    return np.bincount(heard.streams[kept[first]], minlength=streams)


def _apart(heard: Heard, rises: Sequence[Rise]) -> list[Rise]:
    kept: list[Rise] = []
    for rise in rises:
        people = _who(heard, rise)
        others = [_who(heard, other) for other in kept if other.kind is rise.kind]
        if all(len(people & other) < SHARED * min(len(people), len(other)) for other in others):
            kept.append(rise)
    return kept


def _who(heard: Heard, rise: Rise) -> set[int]:
    return {int(heard.people[text]) for text in rise.members}
