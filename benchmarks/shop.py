"""The sample shop through `weaver import` and `weaver evaluate`, in English and in Chinese.

`python -m benchmarks.shop` prints the table that the README quotes: every second held-out question (the calibrator was
fitted with the others), beside the nearest stored question on one encoder.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import data, reading, vectors
from benchmarks.installation import measured
from bot.commands.environment import open_encoder


def reported_half(name: str) -> list[dict[str, Any]]:
    """The held-out questions that nothing was fitted on."""
    return data.shop(name)[1::2]


def nearest(name: str, stored: Sequence[str], asked: Sequence[str]) -> list[int]:
    """The nearest stored question of each question by cosine, on the encoder of a name."""
    encoder = open_encoder(name)
    keys, queries = vectors.of(encoder, stored), vectors.of(encoder, asked)
    if encoder.centred:
        keys, queries = (reading.centred(each, keys.mean(axis=0)) for each in (keys, queries))
    return [int(place) for place in (queries @ keys.T).argmax(axis=1)]


def main() -> None:
    """Print the table."""
    print("| sample shop | questions | nearest neighbour | hit@1 | hit@3 | coverage | precision | abstain AUROC |")
    print("|---|---|---|---|---|---|---|---|")
    for name, language, encoder in (("English", "en", "english"), ("Chinese", "zh", "multilingual")):
        faq, asked = data.shop(f"faq.{language}.jsonl"), reported_half(f"questions.{language}.jsonl")
        answerable = [row for row in asked if row["answer_ids"]]
        places = nearest(encoder, [line["question"] for line in faq], [row["question"] for row in answerable])
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
