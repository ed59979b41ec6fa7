"""Questions as they are mistyped: what the read loses, without and with Weaver's reading of them.

`python -m benchmarks.robustness` prints accuracy@1 (with `bq` behind it, of that task alone). Without: memory and
questions go to the encoders as they are. With: both in their canonical form, and the questions' unknown words and
characters as the memory's vocabulary reads them. English is read in two views, .6 of all-MiniLM-L6-v2 and .4 of the
centred multilingual one, s fitted on the memory by leave-one-out; answers are opaque. BANKING77 asks every second test
question, CLINC150 every fourth; choices were made on others.

Chinese: of bq's positive pairs every second one; sentence1 is the memory, sentence2 asks (every second of those);
questions that a chain of positive pairs joins have one answer; the multilingual view alone.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from benchmarks import data, perturbations, reading
from benchmarks.banking77 import few_an_intent
from benchmarks.views import View
from weaver_core.batch_read import cosines
from weaver_core.texts.normalization import canonical
from weaver_core.texts.spelling import Vocabulary

SEED = 2
SHARE = {"english": 0.6, "multilingual": 0.4}
Perturbation = Callable[[str], str]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A memory, questions, and the number of each one's answer. `shares`: how much each view counts."""

    name: str
    memory: list[str]
    owners: NDArray[np.int64]
    questions: list[str]
    answers: NDArray[np.int64]
    shares: dict[str, float]
    perturbations: dict[str, Perturbation]


def english_perturbations() -> dict[str, Perturbation]:
    """What is done to English questions."""
    return {
        "clean": str,
        "typos 5 %": partial(perturbations.typos, rate=0.05, seed=SEED),
        "typos 10 %": partial(perturbations.typos, rate=0.10, seed=SEED),
        "full-width": perturbations.full_width,
        "homoglyphs 10 %": partial(perturbations.homoglyphs, rate=0.10, seed=SEED),
    }


def chinese_perturbations(memory: Sequence[str]) -> dict[str, Perturbation]:
    """What is done to Chinese questions; wrong characters are drawn as often as the memory has them."""
    counts = Counter(character for text in memory for character in text if "\u4e00" <= character <= "\u9fff")
    pool = "".join(sorted(counts.elements()))
    return {
        "clean": str,
        "typos 5 %": partial(perturbations.wrong_characters, rate=0.05, seed=SEED, pool=pool),
        "typos 10 %": partial(perturbations.wrong_characters, rate=0.10, seed=SEED, pool=pool),
        "full-width": perturbations.full_width,
        "traditional": perturbations.traditional,
    }


def intents(name: str, memory: Sequence[dict[str, str]], asked: Sequence[dict[str, str]]) -> Task:
    """Train questions as the memory of their intent, test questions that ask for it."""
    owners, numbers = reading.numbered([row["intent"] for row in memory])
    answers = np.array([numbers[row["intent"]] for row in asked])
    return Task(name, _texts(memory), owners, _texts(asked), answers, SHARE, english_perturbations())


def bank_questions() -> Task:
    """The positive pairs of bq."""
    pairs = data.rows("bq/dev.jsonl")
    group = {text: str(number) for number, texts in enumerate(data.components(pairs)) for text in texts}
    positive = [pair for pair in pairs if str(pair["label"]) == "1" and pair["sentence1"] != pair["sentence2"]][1::2]
    memory = list(dict.fromkeys(pair["sentence1"] for pair in positive))
    owners, numbers = reading.numbered([group[text] for text in memory])
    questions = [pair["sentence2"] for pair in positive[::2]]
    answers = np.array([numbers[group[text]] for text in questions])
    return Task("bq (zh)", memory, owners, questions, answers, {"multilingual": 1.0}, chinese_perturbations(memory))


def english_tasks(views: dict[str, View]) -> Iterator[Task]:
    """The intents' tasks."""
    train, test = data.rows("banking77/train.jsonl"), data.rows("banking77/test.jsonl")
    more, other = data.rows("clinc150/train.jsonl"), data.rows("clinc150/test.jsonl")
    for view in views.values():
        for rows in (train, test, more, other):
            view.remember(_texts(rows))
    yield intents("BANKING77, all", train, test[1::2])
    yield intents("BANKING77, 10 an intent", few_an_intent(train, 0), test[1::2])
    yield intents("CLINC150, all", more, other[::4])


def measured(task: Task, views: dict[str, View]) -> dict[str, tuple[float, float, float]]:
    """For each perturbation accuracy@1 without and with Weaver's reading, and the share of questions respelled."""
    memory = [canonical(text) for text in task.memory]
    vocabulary = Vocabulary(views["english"].encoder.whole_words(), views["multilingual"].encoder.whole_words())
    for text in memory:
        vocabulary.add(text)
    scales = {
        name: reading.fitted_scale(reading.memories_of(views[name].centred(task.memory, task.memory), task.owners))
        for name in task.shares
    }
    print(f"<!-- {task.name}: s = {scales} -->", flush=True)
    found: dict[str, tuple[float, float, float]] = {}
    for name, perturb in task.perturbations.items():
        typed = [perturb(text) for text in task.questions]
        corrections = [vocabulary.corrected(canonical(text)) for text in typed]
        plain = accuracy(task, task.memory, typed, views, scales)
        read = accuracy(task, memory, [correction.text for correction in corrections], views, scales)
        found[name] = (plain, read, float(np.mean([bool(correction.changes) for correction in corrections])))
    return found


def accuracy(
    task: Task, memory: Sequence[str], questions: Sequence[str], views: dict[str, View], scales: dict[str, float]
) -> float:
    """Accuracy@1 of the views' reads added, in per cent."""
    total = np.zeros((len(questions), int(task.owners.max()) + 1), np.float32)
    for name, share in task.shares.items():
        memories = reading.memories_of(views[name].centred(memory, memory), task.owners)
        total += share * cosines(views[name].centred(questions, memory), memories, scales[name])
    return 100 * float((total.argmax(axis=1) == task.answers).mean())


def _texts(rows: Sequence[dict[str, str]]) -> list[str]:
    return [row["text"] for row in rows]


def main() -> None:
    """Print the table."""
    views = {name: View(name) for name in SHARE}
    print("| memory | questions | without | with | lost without | lost with | respelled |")
    print("|---|---|---|---|---|---|---|")
    english = () if sys.argv[1:] == ["bq"] else english_tasks(views)
    for task in chain(english, [bank_questions()]):
        rows = measured(task, views)
        clean = rows["clean"][0]
        for name, (plain, read, respelled) in rows.items():
            print(
                f"| {task.name} | {name} | {plain:.1f} | {read:.1f} | {clean - plain:.1f} | {clean - read:.1f} "
                f"| {respelled:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
