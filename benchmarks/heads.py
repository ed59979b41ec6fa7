"""Fits the heads that ship with Weaver on its own turns, and measures them on real ones.

`python -m benchmarks.heads` prints the figures; `--fit` first fits the heads and stores them in the package. Real turns
are measured on only: no head is fitted or tuned on them.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import weaver_core
from benchmarks import support_turns, vectors
from weaver_core.encoders.encoder import Encoder
from weaver_core.evaluation import auroc, expected_calibration_error
from weaver_core.heads import examples, fitted, fitting
from weaver_core.heads.fitted import Heads
from weaver_core.heads.labels import Answer, Resolution, Sentiment, Task

SEED = 0


def fit(encoder: Encoder) -> Heads:
    """All heads, fitted on the shipped turns; prints what they reach on those left out."""
    print("| head | turns | accuracy, left out | loss, nats | temperature |\n|---|---|---|---|---|")
    heads = []
    for task in Task:
        turns = examples.shipped(task)
        found = fitting.fit(task, turns, vectors.of(encoder, [turn.text for turn in turns]), SEED)
        print(
            f"| {task} | {len(turns)} | {found.accuracy:.3f} | {found.loss:.3f} | {found.head.temperature:.2f} |",
            flush=True,
        )
        heads.append(found.head)
    print()
    return Heads(encoder.version, *heads)


def store(heads: Heads) -> None:
    """Write the heads into the package."""
    target = Path(weaver_core.__file__).parent / "heads" / fitted.STORED
    target.write_text(json.dumps(heads.to_json()) + "\n", encoding="utf-8")


def macro_f1(predicted: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    """The mean over the classes of the harmonic mean of precision and recall. Shapes: (n,), (n,)."""
    found = []
    for label in np.unique(labels):
        both = ((predicted == label) & (labels == label)).sum()
        found.append(2 * both / ((predicted == label).sum() + (labels == label).sum()))
    return float(np.mean(found))


def accuracy_rows(heads: Heads, encoder: Encoder) -> Iterator[str]:
    """Sentiment of posts to airlines and of reviews of deliveries."""
    posts = support_turns.airline_posts()
    chances = heads.sentiment.judge(vectors.of(encoder, posts.texts))
    yield accuracy_row("sentiment: posts to airlines, 3 classes, English", chances, posts.labels)
    reviews = support_turns.delivery_reviews()
    negative, positive = (heads.sentiment.labels.index(label) for label in (Sentiment.NEGATIVE, Sentiment.POSITIVE))
    chances = heads.sentiment.judge(vectors.of(encoder, reviews.texts))[:, [negative, positive]]
    chances /= chances.sum(axis=1, keepdims=True)
    yield accuracy_row("sentiment: delivery reviews, 2 classes, Chinese", chances, reviews.labels)


def accuracy_row(name: str, chances: NDArray[np.float64], labels: NDArray[np.int64]) -> str:
    """A row of the first table, the majority class beside the head. Shapes: (n, k), (n,)."""
    predicted = chances.argmax(axis=1)
    majority = np.full_like(labels, np.bincount(labels).argmax())
    error = expected_calibration_error(chances.max(axis=1), predicted == labels)
    return (
        f"| {name} | {len(labels)} | {(majority == labels).mean():.3f} | {macro_f1(majority, labels):.3f} "
        f"| {(predicted == labels).mean():.3f} | {macro_f1(predicted, labels):.3f} | {error:.3f} |"
    )


def ranking_rows(heads: Heads, encoder: Encoder) -> Iterator[str]:
    """Negative turns and gratitude in dialogues on a social network; the baseline of an AUROC is one half."""
    turns = support_turns.customer_turns()
    keys = vectors.of(encoder, turns.texts)
    negative = heads.sentiment.judge(keys)[:, heads.sentiment.labels.index(Sentiment.NEGATIVE)]
    yield ranking_row("sentiment: customers' turns marked as negative", negative, turns.negative)
    resolved = heads.resolution.judge(keys)[:, heads.resolution.labels.index(Resolution.RESOLVED)]
    best = np.full(len(turns.grateful), -1.0)
    np.maximum.at(best, turns.dialogues[~turns.first], resolved[~turns.first])
    kept = best >= 0
    yield ranking_row("resolution: dialogues with gratitude", best[kept], turns.grateful[kept])


def ranking_row(name: str, scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> str:
    """A row of the second table. Shapes: (n,), (n,)."""
    return f"| {name} | {len(scores)} | {positive.mean():.3f} | 0.500 | {auroc(scores, positive):.3f} |"


def agreement(heads: Heads, encoder: Encoder) -> Iterator[str]:
    """How the head and the miner's rules judge the same turns of agents."""
    turns = support_turns.agent_turns()
    chances = heads.answer.judge(vectors.of(encoder, turns.texts))
    head = chances[:, heads.answer.labels.index(Answer.ANSWER)] >= 0.5  # noqa: PLR2004 - more likely than not
    rules = turns.labels == 1
    majority = max(rules.mean(), 1 - rules.mean())
    yield f"| agents' turns ({len(rules)}) | rules: an answer | rules: none |"
    yield "|---|---|---|"
    yield f"| head: an answer | {(head & rules).sum()} | {(head & ~rules).sum()} |"
    yield f"| head: none | {(~head & rules).sum()} | {(~head & ~rules).sum()} |"
    yield f"\nThey agree on {(head == rules).mean():.3f} of the turns; always saying the commoner one: {majority:.3f}."


def main() -> None:
    """Print the tables; with `--fit`, fit and store the heads first."""
    encoder = vectors.multilingual()
    if "--fit" in sys.argv[1:]:
        store(fit(encoder))
    heads = fitted.load(encoder.version)
    print("| real turns | n | majority: accuracy | macro-F1 | head: accuracy | macro-F1 | ECE |")
    print("|---|---|---|---|---|---|---|")
    for row in accuracy_rows(heads, encoder):
        print(row, flush=True)
    print("\n| real turns | n | share | no skill | AUROC |\n|---|---|---|---|---|")
    for row in ranking_rows(heads, encoder):
        print(row, flush=True)
    print()
    for row in agreement(heads, encoder):
        print(row)


if __name__ == "__main__":
    main()
