"""The sample shop through `weaver import` and `weaver evaluate`, in English by vectors and in Chinese by words.

`python -m benchmarks.shop` prints the table that the README quotes: every second held-out question (the calibrator was
fitted with the others), beside the nearest stored question on the same vectors or words.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import data, vectors
from benchmarks.installation import measured
from weaver_core.texts import terms


def reported_half(name: str) -> list[dict[str, Any]]:
    """The held-out questions that nothing was fitted on."""
    return data.shop(name)[1::2]


def nearest_by_vectors(stored: Sequence[str], asked: Sequence[str]) -> list[int]:
    """The nearest stored question of each question by cosine, on the default encoder."""
    encoder = vectors.english()
    return [int(place) for place in (vectors.of(encoder, asked) @ vectors.of(encoder, stored).T).argmax(axis=1)]


def nearest_by_words(stored: Sequence[str], asked: Sequence[str]) -> list[int]:
    """The nearest stored question of each question by cosine over weighted terms."""
    passages = [terms.terms(text) for text in stored]
    counted = Counter(term for passage in passages for term in set(passage))
    weights = {term: terms.inverse_frequency(count, len(passages)) for term, count in counted.items()}
    queries = terms.vectors([terms.terms(text) for text in asked], weights)
    return [int(place) for place in (queries @ terms.vectors(passages, weights).T).argmax(axis=1)]


def main() -> None:
    """Print the table."""
    print("| sample shop | questions | nearest neighbour | hit@1 | hit@3 | coverage | precision | abstain AUROC |")
    print("|---|---|---|---|---|---|---|---|")
    for name, language, nearest in (
        ("English", "en", nearest_by_vectors),
        ("Chinese, by words", "zh", nearest_by_words),
    ):
        faq, asked = data.shop(f"faq.{language}.jsonl"), reported_half(f"questions.{language}.jsonl")
        answerable = [row for row in asked if row["answer_ids"]]
        places = nearest([line["question"] for line in faq], [row["question"] for row in answerable])
        right = [faq[place]["answer_id"] in row["answer_ids"] for place, row in zip(places, answerable, strict=True)]
        figures = measured(faq, asked)
        precision = figures["precision_when_answering"]
        shown = "–" if precision is None else f"{precision:.3f}"
        print(
            f"| {name} | {figures['questions']} | {np.mean(right):.3f} | {figures['hit@1']:.3f} "
            f"| {figures['hit@3']:.3f} | {figures['coverage']:.3f} | {shown} "
            f"| {figures['abstain_auroc']:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
