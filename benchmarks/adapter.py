"""What the residual on queries gives on BANKING77: ten questions an intent, then corrected turns, English view.

`python -m benchmarks.adapter` prints test accuracy@1 of the read, mean of three seeds: with the memory as it was, with
an adapter trained on the corrected turns, with the turns written into the memory as positions, and with both. The turns
are other train questions, each with its right answer. s is fitted by leave-one-out on the memory that is read; the
adapter keeps it. With no turns the adapter is trained on the memory's own questions.
"""

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks import data, reading, vectors
from benchmarks.banking77 import SEEDS, few_an_intent
from weaver_core import intervals
from weaver_core.adapter import Adapter
from weaver_core.batch_read import cosines
from weaver_core.memory import Memories
from weaver_core.training import adapter_training
from weaver_core.training.adapter_training import JudgedTurns
from weaver_core.training.settings import AdapterSettings

TURNS = (0, 1000, 3000)
BETA = 28.0


def memories_of(keys: NDArray[np.float32], labels: NDArray[np.int64]) -> tuple[Memories, NDArray[np.int64]]:
    """Positions as memories, and where each of them went."""
    order = np.argsort(labels, kind="stable")
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    return reading.memories_of(keys, labels), places


def fitted_scale(memories: Memories) -> float:
    """The s that leave-one-out chooses."""
    return reading.fitted_scale(memories)


def corrected(queries: NDArray[np.float32], answers: NDArray[np.int64], own: NDArray[np.int64]) -> JudgedTurns:
    """Turns with their right answers, surely."""
    count = len(queries)
    zeros = np.zeros(count, np.float32)
    return JudgedTurns(queries, answers, np.ones(count, np.bool_), zeros + 1, zeros, own)


def adapted(turns: JudgedTurns, memories: Memories, scale: float, asked: NDArray[np.float32]) -> NDArray[np.float32]:
    """The questions as an adapter trained on the turns moves them."""
    asks = np.ones(len(memories.vectors), np.bool_)
    learnt_from = turns if len(turns.queries) else adapter_training.of_memory(memories, asks)
    settings = AdapterSettings(scale=scale, beta=BETA)
    residual = adapter_training.train(learnt_from, memories, asks, settings, lambda _: None)
    return Adapter(residual.astype(np.float32)).adapt(asked)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    train, test = data.rows("banking77/train.jsonl"), data.rows("banking77/test.jsonl")
    encoder = vectors.english()
    keys, asked = (vectors.of(encoder, [row["text"] for row in rows]) for rows in (train, test))
    names = sorted({row["intent"] for row in train})
    labels, targets = (np.array([names.index(row["intent"]) for row in rows]) for rows in (train, test))
    place_of = {id(row): place for place, row in enumerate(train)}
    print("| corrected turns | memory alone | adapter | gain of the adapter | written | written, adapter | s |")
    print("|---|---|---|---|---|---|---|")
    for count in TURNS:
        began, right, texts = time.process_time(), list[list[NDArray[np.bool_]]](), list[str]()
        for seed in SEEDS:
            few = np.array([place_of[id(row)] for row in few_an_intent(train, seed)])
            others = np.random.default_rng(seed).permutation(np.setdiff1d(np.arange(len(train)), few))[:count]
            rows = measured(keys, labels, asked, (few, others))
            right.append([scores.argmax(axis=1) == targets for scores in rows["scores"]])
            texts.append(f"{rows['scales'][0]:g}/{rows['scales'][1]:g}")
        plain, adapter, written, both = np.mean(right, axis=0)
        found = intervals.bootstrap(adapter - plain, seed=0)
        print(
            f"| {count} | {plain.mean():.4f} | {adapter.mean():.4f} | {found.mean:+.4f} ({found.low:+.4f} to "
            f"{found.high:+.4f}) | {written.mean():.4f} | {both.mean():.4f} | {', '.join(texts)} |"
            f"<!-- {time.process_time() - began:.0f} CPU s -->",
            flush=True,
        )


def measured(
    keys: NDArray[np.float32],
    labels: NDArray[np.int64],
    asked: NDArray[np.float32],
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> dict[str, Any]:
    """The scores (n, N) of the four readers, and s without and with the turns written."""
    few, others = rows
    memories, _ = memories_of(keys[few], labels[few])
    scale = fitted_scale(memories)
    turns = corrected(keys[others], labels[others], np.full(len(others), -1))
    together = np.concatenate([few, others])
    larger, places = memories_of(keys[together], labels[together])
    larger_scale = fitted_scale(larger)
    written = corrected(keys[others], labels[others], places[len(few) :])
    readers = [
        (memories, scale, asked),
        (memories, scale, adapted(turns, memories, scale, asked)),
        (larger, larger_scale, asked),
        (larger, larger_scale, adapted(written, larger, larger_scale, asked)),
    ]
    return {
        "scores": [cosines(asked, memories, scale) for memories, scale, asked in readers],
        "scales": (scale, larger_scale),
    }


if __name__ == "__main__":
    main()
