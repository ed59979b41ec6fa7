"""Topics on the rise: how soon something new is noticed in BANKING77's questions, and how often nothing new is.

`python -m benchmarks.topics [--weeks 1]` makes four weeks of traffic, by night less than by day, of all questions but
those of one intent, and looks each ten minutes as the service does. Then customers begin to ask for that intent too
(a topic that nobody has heard of), or ask for a known one more often, or about as often as ever but angrily. Printed:
in how many of the runs an alarm is raised within the hour and within six, after how many minutes (median), and how many
of the texts that it shows are of that intent. Then weeks in which nothing new comes, with a look each twenty minutes,
and the alarms of these.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import data
from benchmarks.in_process import encoders
from weaver_core import topic_space, topics
from weaver_core.readers import Readers
from weaver_core.texts.normalization import canonical
from weaver_core.topics import Heard, Near, Rise

HOURS_A_WEEK, PAST_WEEKS = 168, 3
# The watch holds so many of the newest turns (`knowledge_base.watching.heard`).
HELD = 6000
LOOK_HOURS, LASTS_HOURS = 1 / 6, 6.0
NIGHT = 0.15
ANGRY, ANGRY_THEN = 0.08, 0.7
RATES, NEW_RATES = (5, 20, 60), (6, 12, 24)
INTENTS = ("card_swallowed", "compromised_card", "declined_transfer", "getting_virtual_card", "top_up_failed")


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """All questions: which are near which, and their intents. Shapes: (n, n), (n,)."""

    near: NDArray[np.bool_]
    intents: NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class Traffic:
    """Turns in the order of their hours: which question each is. Shapes: (m,)."""

    hours: NDArray[np.float64]
    questions: NDArray[np.int64]
    angry: NDArray[np.bool_]

    def with_more(self, other: "Traffic") -> "Traffic":
        """Both together."""
        hours = np.concatenate([self.hours, other.hours])
        order = np.argsort(hours, kind="stable")
        questions = np.concatenate([self.questions, other.questions])
        return Traffic(hours[order], questions[order], np.concatenate([self.angry, other.angry])[order])


def load() -> Questions:
    """BANKING77's questions in the space of topics."""
    parts = [[row["text"] for row in data.rows(f"banking77/{part}.jsonl")] for part in ("train", "test")]
    intents = [row["intent"] for part in ("train", "test") for row in data.rows(f"banking77/{part}.jsonl")]
    within = encoders()
    for encoder in within:
        for part in parts:
            encoder.learn(part)
    texts = [canonical(text) for part in parts for text in part]
    by_encoder = {encoder.version: encoder.encode(texts) for encoder in within}
    languages = ["en"] * len(texts)
    vectors = topic_space.centred(topic_space.joined(by_encoder, Readers(tuple(within)), languages), languages)
    near = topics.by_cosine(vectors)
    return Questions(
        np.concatenate([near(part) for part in np.array_split(np.arange(len(texts)), 20)]), np.array(intents)
    )


def ordinary(asked: NDArray[np.int64], an_hour: float, weeks: float, random: np.random.Generator) -> Traffic:
    """What is asked as ever: these questions, by night less than by day."""
    busiest = an_hour / ((1 + NIGHT) / 2)
    hours = np.sort(random.uniform(0, HOURS_A_WEEK * weeks, random.poisson(busiest * HOURS_A_WEEK * weeks)))
    by_day = NIGHT + (1 - NIGHT) * (1 - np.cos(hours / 24 * 2 * np.pi)) / 2
    hours = hours[random.random(len(hours)) < by_day]
    return Traffic(hours, random.choice(asked, len(hours)), random.random(len(hours)) < ANGRY)


def look(questions: Questions, traffic: Traffic, now: float) -> list[Rise]:
    """What rises now, by the turns that the watch holds; their questions' numbers are the rises' members."""
    upto = int(np.searchsorted(traffic.hours, now, side="right"))
    held = np.arange(max(0, upto - HELD), upto)
    heard = Heard(traffic.hours[held], held, np.zeros(len(held), np.int64), traffic.angry[held])
    return topics.rising(heard, near_of(questions, traffic.questions[held]), now)


def near_of(questions: Questions, asked: NDArray[np.int64]) -> Near:
    """Which turns are near which, by their questions."""
    return lambda rows: questions.near[asked[rows]][:, asked]


@dataclass(frozen=True, slots=True)
class Noticed:
    """When an alarm was raised after the change, in minutes, and the share of its texts that are of the intent."""

    minutes: float
    purity: float


def noticed(questions: Questions, intent: str, usual: float, change: str, more: float, seed: int) -> Noticed | None:
    """Whether a change is noticed while it lasts, within six hours in the middle of a day."""
    random = np.random.default_rng((seed, INTENTS.index(intent)))
    own, others = (np.flatnonzero((questions.intents == intent) == is_own) for is_own in (True, False))
    asked = others if change == "new" else np.arange(len(questions.intents))
    traffic = ordinary(asked, usual, PAST_WEEKS + 1, random)
    begun = HOURS_A_WEEK * (PAST_WEEKS + 1) - 16.0
    count = random.poisson(more * LASTS_HOURS)
    hours = np.sort(random.uniform(begun, begun + LASTS_HOURS, count))
    angry = random.random(count) < (ANGRY_THEN if change == "angry" else ANGRY)
    traffic = traffic.with_more(Traffic(hours, random.choice(own, count), angry))
    for step in range(1, int(LASTS_HOURS / LOOK_HOURS) + 1):
        for rise in look(questions, traffic, begun + step * LOOK_HOURS):
            held = max(0, int(np.searchsorted(traffic.hours, begun + step * LOOK_HOURS, side="right")) - HELD)
            members = traffic.questions[[held + row for row in rise.members]]
            purity = float((questions.intents[members] == intent).mean())
            if purity >= 1 / 2:
                return Noticed(60 * step * LOOK_HOURS, purity)
    return None


def false_alarms(questions: Questions, usual: float, weeks: int, seed: int) -> int:
    """How many alarms are raised in weeks in which nothing new comes; one that goes on for some looks is one."""
    random = np.random.default_rng((seed, 99))
    traffic = ordinary(np.arange(len(questions.intents)), usual, PAST_WEEKS + weeks, random)
    raised, rose = 0, False
    for step in range(int(weeks * HOURS_A_WEEK / LOOK_HOURS / 2)):
        rises = bool(look(questions, traffic, PAST_WEEKS * HOURS_A_WEEK + 2 * step * LOOK_HOURS))
        raised += rises and not rose
        rose = rises
    return raised


def tell(name: str, usual: int, more: int, found: Sequence[Noticed | None]) -> None:
    """One row of the table."""
    minutes = [one.minutes if one else np.inf for one in found]
    pure = [one.purity for one in found if one]
    within = [sum(minute <= most for minute in minutes) for most in (60, 360)]
    middle = float(np.median(minutes))
    row = (name, usual, more, f"{within[0]} of {len(found)}", f"{within[1]} of {len(found)}")
    late = "–" if np.isinf(middle) else f"{middle:.0f}"
    print("|", " | ".join(map(str, row)), "|", late, "|", f"{np.mean(pure):.2f}" if pure else "–", "|", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weeks", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    questions = load()
    print("| what changes | usual turns an hour | more an hour | within the hour | within six | minutes | purity |")
    print("|---|---|---|---|---|---|---|")
    for change, rates in (("new", NEW_RATES), ("known", NEW_RATES[1:]), ("angry", NEW_RATES[:2])):
        for usual in RATES:
            for more in rates:
                found = [noticed(questions, intent, usual, change, more, given.seed) for intent in INTENTS]
                tell(change, usual, more, found)
    print("\n| usual turns an hour | weeks | false alarms |\n|---|---|---|")
    for usual in RATES:
        print(
            "|", usual, "|", given.weeks, "|", false_alarms(questions, usual, given.weeks, given.seed), "|", flush=True
        )


if __name__ == "__main__":
    main()
