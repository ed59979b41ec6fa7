"""Retrieval tasks made of the public data: a memory, questions, and the answer that each should find.

- BANKING77, CLINC150: train questions are the memory, the intent is the answer; asked are all test questions, and
  CLINC150's out-of-scope ones, which no answer fits.
- bq, afqmc (pairs of real Chinese questions, paraphrases marked): questions that a chain of marked pairs joins have one
  answer. Memory: all that stand first in a marked pair; asked: those that only stand second. Answers are divided by
  parity: the even ones' questions are for development, the odd ones' are reported. Of afqmc every third answer.
- COVID-QA question pairs: likewise, all reported. COVID-QA FAQ and baoxianzhidao: the memory is the answers alone, as
  whole texts or by sentences, and each answer's own question is asked; of baoxianzhidao the first 1,000 questions with
  a reply marked best, of which every second is reported.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import data
from benchmarks.banking77 import FEW, SEEDS, few_an_intent
from benchmarks.peers.protocol import NOBODY, Bank
from weaver_core.texts import sentences

ENGLISH, CHINESE = "en", "zh"
AFQMC_EVERY = 3
MOST_REPLIES = 1000
DEVELOPMENT, REPORTED = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What is remembered and asked. Targets (n,): the answer to find, NOBODY where none fits.

    `corpus` are the lists of texts that these come from, so that tasks with the same texts share their vectors;
    `answers_alone` says that the memory holds answers' own words and no questions.
    """

    name: str
    language: str
    bank: Bank
    questions: tuple[str, ...]
    targets: NDArray[np.int64]
    corpus: tuple[tuple[str, ...], ...]
    answers_alone: bool = False


def _texts(rows: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(row["text"] for row in rows)


def _intents(name: str, train: Sequence[dict[str, Any]], asked: Sequence[dict[str, Any]]) -> Iterator[Task]:
    """All train questions, then ten an intent for each seed."""
    numbers = {intent: number for number, intent in enumerate(sorted({row["intent"] for row in train}))}
    targets = np.array([numbers.get(row["intent"], NOBODY) for row in asked])
    memories = [
        ("all", train),
        *((f"{FEW} an intent, seed {seed}", few_an_intent(list(train), seed)) for seed in SEEDS),
    ]
    outside = tuple(row["text"] for row in asked if row["intent"] not in numbers)
    inside = tuple(row["text"] for row in asked if row["intent"] in numbers)
    for size, rows in memories:
        bank = Bank(_texts(rows), np.array([numbers[row["intent"]] for row in rows]))
        corpus = (_texts(train), inside, outside) if outside else (_texts(train), inside)
        yield Task(f"{name}, {size}", ENGLISH, bank, _texts(asked), targets, corpus)


def banking77() -> Iterator[Task]:
    yield from _intents("BANKING77", data.rows("banking77/train.jsonl"), data.rows("banking77/test.jsonl"))


def clinc150() -> Iterator[Task]:
    asked = data.rows("clinc150/test.jsonl") + data.rows("clinc150/oos_test.jsonl")
    yield from _intents("CLINC150", data.rows("clinc150/train.jsonl"), asked)


def _groups(pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Each text's group: texts that a chain of pairs joins have one number (union-find)."""
    parent: dict[str, str] = {}

    def root(text: str) -> str:
        while parent.setdefault(text, text) != text:
            parent[text] = parent[parent[text]]
            text = parent[text]
        return text

    for first, second in pairs:
        parent[root(second)] = root(first)
    numbers: dict[str, int] = {}
    return {text: numbers.setdefault(root(text), len(numbers)) for text in parent}


def paraphrases(name: str, language: str, pairs: Sequence[tuple[str, str]]) -> tuple[Task, Task]:
    """The development task and the reported one: the same memory, the questions of even and of odd answers."""
    groups = _groups(pairs)
    first = tuple(dict.fromkeys(text for text, _ in pairs))
    second = tuple(text for text in dict.fromkeys(text for _, text in pairs) if text not in set(first))
    bank = Bank(first, np.array([groups[text] for text in first]))
    halves = [tuple(text for text in second if groups[text] % 2 == parity) for parity in (DEVELOPMENT, REPORTED)]
    development, reported = (
        Task(name, language, bank, half, np.array([groups[text] for text in half]), (first, second)) for half in halves
    )
    return development, reported


def _marked(name: str) -> list[tuple[str, str]]:
    rows = data.rows(f"{name}/dev.jsonl")
    return [(row["sentence1"], row["sentence2"]) for row in rows if str(row["label"]) == "1"]


def bq() -> tuple[Task, Task]:
    return paraphrases("bq", CHINESE, _marked("bq"))


def afqmc() -> tuple[Task, Task]:
    pairs = _marked("afqmc")
    groups = _groups(pairs)
    return paraphrases("afqmc", CHINESE, [pair for pair in pairs if groups[pair[0]] % AFQMC_EVERY == 0])


def covid_pairs() -> Task:
    rows = data.rows("covid_qa_deepset/eval_question_similarity_en.jsonl")
    pairs = [(row["question_1"], row["question_2"]) for row in rows if row["similar"] == "1"]
    even, odd = paraphrases("COVID-QA question pairs", ENGLISH, pairs)
    return Task(
        even.name,
        ENGLISH,
        even.bank,
        even.questions + odd.questions,
        np.concatenate([even.targets, odd.targets]),
        even.corpus,
    )


def _replies(name: str, language: str, pairs: Sequence[tuple[str, str]]) -> Iterator[Task]:
    """Questions that look for their own reply: replies as whole texts, then by sentences."""
    replies = {reply: number for number, reply in enumerate(dict.fromkeys(reply for _, reply in pairs))}
    questions = tuple(question for question, _ in pairs)
    targets = np.array([replies[reply] for _, reply in pairs])
    whole = Bank(tuple(replies), np.arange(len(replies)))
    split = [(text, number) for reply, number in replies.items() for text in sentences.split(reply) or [reply]]
    parts = Bank(tuple(text for text, _ in split), np.array([number for _, number in split]))
    for form, bank in (("whole", whole), ("by sentences", parts)):
        corpus = (bank.texts, questions)
        yield Task(f"{name}, answers {form}", language, bank, questions, targets, corpus, answers_alone=True)


def covid_faq() -> Iterator[Task]:
    rows = data.rows("covid_qa_deepset/faq_covidbert.jsonl")
    pairs = {row["question"]: row["answer"] for row in rows}
    yield from _replies("COVID-QA FAQ", ENGLISH, list(pairs.items()))


def baoxianzhidao(half: int) -> Iterator[Task]:
    best = [row for row in data.rows("baoxianzhidao/dev.jsonl") if str(row["is_best"]) == "1"]
    pairs = list({row["title"]: row["reply"] for row in best}.items())[:MOST_REPLIES]
    for task in _replies("baoxianzhidao", CHINESE, pairs):
        yield replace(task, questions=task.questions[half::2], targets=task.targets[half::2])


def reported() -> list[Task]:
    """All tasks that the tables report."""
    return [
        *banking77(),
        *clinc150(),
        covid_pairs(),
        *covid_faq(),
        bq()[REPORTED],
        afqmc()[REPORTED],
        *baoxianzhidao(REPORTED),
    ]
