"""BANKING77 through `weaver import` and `weaver evaluate`: every train question a memory, the intent as its answer.

`python -m benchmarks.banking77` prints the table that the README quotes. The answers are opaque (`Answer 17.`): an
intent's name would leak the label. Nothing is fitted on the test questions; s is fitted by the import, on the memory
alone. Cosine nearest neighbour on the same vectors stands beside it, as what people do without Weaver.
"""

from typing import Any

import numpy as np

from benchmarks import data, vectors
from benchmarks.installation import measured

SEEDS = (0, 1, 2)
FEW = 10


def faq_lines(rows: list[dict[str, Any]], numbers: dict[str, int]) -> list[dict[str, str]]:
    """Train questions as FAQ lines whose answers say nothing about their intent."""
    return [
        {
            "question": row["text"],
            "answer": f"Answer {numbers[row['intent']]}.",
            "answer_id": f"answer-{numbers[row['intent']]}",
            "language": "en",
        }
        for row in rows
    ]


def few_an_intent(rows: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """Ten questions of each intent, drawn without replacement."""
    random = np.random.default_rng(seed)
    labels = np.array([row["intent"] for row in rows])
    drawn = [random.choice(np.flatnonzero(labels == intent), FEW, replace=False) for intent in np.unique(labels)]
    return [rows[index] for index in np.concatenate(drawn)]


def through_weaver(train: list[dict[str, Any]], test: list[dict[str, Any]], numbers: dict[str, int]) -> dict[str, Any]:
    """Import the train questions, evaluate the test questions."""
    asked = [{"question": row["text"], "answer_ids": [f"answer-{numbers[row['intent']]}"]} for row in test]
    return measured(faq_lines(train, numbers), asked)


def nearest_neighbour(train: list[dict[str, Any]], test: list[dict[str, Any]]) -> float:
    """Accuracy@1 of the nearest train question by cosine, on the same encoder."""
    encoder = vectors.english()
    keys = vectors.of(encoder, [row["text"] for row in train])
    asked = vectors.of(encoder, [row["text"] for row in test])
    nearest = (asked @ keys.T).argmax(axis=1)
    return float(np.mean([train[place]["intent"] == row["intent"] for place, row in zip(nearest, test, strict=True)]))


def main() -> None:
    """Print the table."""
    train, test = data.rows("banking77/train.jsonl"), data.rows("banking77/test.jsonl")
    numbers = {intent: number for number, intent in enumerate(sorted({row["intent"] for row in train}))}
    print("| BANKING77 test | nearest neighbour | Weaver hit@1 | hit@3 | coverage | precision | ECE | views, β |")
    print("|---|---|---|---|---|---|---|---|")
    settings = [
        ("all 10,003", train),
        *((f"{FEW} an intent, seed {seed}", few_an_intent(train, seed)) for seed in SEEDS),
    ]
    hits: list[float] = []
    for name, memory in settings:
        figures = through_weaver(memory, test, numbers)
        fitted = figures["model"]["parameters"]["readers"]["en"]["parameters"]
        views = ", ".join(f"{view['weight']:g} (s {view['scale']:g})" for view in fitted["views"].values())
        hits.append(figures["hit@1"])
        print(
            f"| {name} | {nearest_neighbour(memory, test):.4f} | {figures['hit@1']:.4f} | {figures['hit@3']:.4f} "
            f"| {figures['coverage']:.3f} | {figures['precision_when_answering']:.4f} | {figures['ece']:.3f} "
            f"| {views}, β {fitted['beta']:g} |",
            flush=True,
        )
    print(f"\nmean of {len(SEEDS)} seeds, {FEW} an intent: {np.mean(hits[1:]):.4f}")


if __name__ == "__main__":
    main()
