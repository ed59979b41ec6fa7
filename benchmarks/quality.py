"""Weaver's read beside what a user would take instead, on public English and Chinese data.

`python -m benchmarks.quality [NAME …]` prints the table: accuracy@1 in percent, of tasks whose name begins with NAME.
`benchmarks/tasks.py` says what each task asks. Weaver is fitted on each memory alone, by leave-one-out; no peer has
anything to fit but Rasa, which is trained on the memory. All but BM25 and Rasa compare vectors of the same two
encoders; a whole run also compares these with sentence-transformers' own. The columns `Weaver, …` are the read over
whole memories, of one view and of both (`benchmarks/two_views.py`); **Weaver** is the product, asked by
`benchmarks/product.py`.

WEAVER_RASA names the folder of an environment with Rasa 3.6.21 (Python 3.10; 2.7 GB). It trains for minutes on 770
questions and for hours on 10,003, so that it is asked one task only.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from benchmarks import tasks, two_views, vectors
from benchmarks.peers import bm25, nearest, rasa
from benchmarks.peers.protocol import NOBODY, Encode, Peer, Ranking
from benchmarks.peers.txtai_index import txtai
from benchmarks.product import product
from benchmarks.tasks import CHINESE, Task
from weaver_core.evaluation import auroc

RASA_TASK = "BANKING77, 10 an intent, seed 0"
CHECKED = 64
AGREED = 1e-4
PRIORS = {tasks.ENGLISH: two_views.TwoViews(), CHINESE: replace(two_views.TwoViews(), weight=1.0)}


@dataclass(frozen=True, slots=True)
class Column:
    """One peer's name and the peer; None where it does not run on this task."""

    name: str
    peer: Peer | None


def columns(task: Task, english: Encode, multilingual: Encode) -> list[Column]:
    """All peers for one task. txtai takes the encoder that knows the task's language."""
    own = multilingual if task.language == CHINESE else english
    read = partial(two_views.peer, english, multilingual, prior=PRIORS[task.language], answers_alone=task.answers_alone)
    return [
        Column("BM25", bm25.remember),
        Column("nearest, MiniLM", nearest.nearest(english)),
        Column("nearest, e5", nearest.nearest(multilingual)),
        Column("txtai", txtai(own)),
        Column("txtai hybrid", txtai(own, hybrid=True)),
        Column("Rasa DIET", rasa.remember if task.name == RASA_TASK and rasa.environment() else None),
        Column("Weaver, MiniLM", read(weights=two_views.ENGLISH_VIEW)),
        Column("Weaver, e5", read(weights=two_views.MULTILINGUAL_VIEW)),
        Column("Weaver, both", read(weights=two_views.WEIGHTS)),
        Column("**Weaver**", product(task.language, task.corpus, answers_alone=task.answers_alone)),
    ]


def accuracy(task: Task, ranking: Ranking) -> float:
    """Accuracy@1 over the questions that some answer fits."""
    inside = task.targets != NOBODY
    return float((ranking.answers[inside, 0] == task.targets[inside]).mean())


def scope(task: Task, ranking: Ranking) -> float | None:
    """How well the top score tells questions that no answer fits from the others (AUROC); None without such ones."""
    return auroc(-ranking.scores[:, 0], task.targets == NOBODY)


def check_encoders(english: Encode, multilingual: Encode, texts: Sequence[str]) -> float:
    """The largest difference between these vectors and sentence-transformers' own, which must be small."""
    gaps = [
        np.abs(encode(texts) - nearest.SentenceEncoder(name).encode(texts)).max()
        for name, encode in (("english", english), ("multilingual", multilingual))
    ]
    assert max(gaps) < AGREED, f"the encoders differ from sentence-transformers by {max(gaps)}"
    return float(max(gaps))


def main() -> None:
    """Print the table."""
    wanted = tuple(sys.argv[1:])
    chosen = [task for task in tasks.reported() if not wanted or task.name.startswith(wanted)]
    english, multilingual = vectors.shelf(vectors.english()), vectors.shelf(vectors.multilingual())
    header = True
    for task in chosen:
        views = english(task.corpus), multilingual(task.corpus)
        row = columns(task, *views)
        if header:
            print("| accuracy@1, % | texts | answers | asked |", " | ".join(column.name for column in row), "|")
            print("|---|---|---|---|" + "---|" * len(row))
            header = False
        rankings = [column.peer(task.bank)(task.questions) if column.peer else None for column in row]
        inside = int((task.targets != NOBODY).sum())
        cells = ["–" if ranking is None else f"{100 * accuracy(task, ranking):.1f}" for ranking in rankings]
        sizes = f"{len(task.bank.texts):,} | {len(np.unique(task.bank.owners)):,} | {inside:,}"
        print(f"| {task.name} | {sizes} |", " | ".join(cells), "|", flush=True)
        if inside < len(task.targets):
            apart = ["–" if ranking is None else f"{scope(task, ranking):.3f}" for ranking in rankings]
            print(f"| the same, out-of-scope AUROC | | | {len(task.targets):,} |", " | ".join(apart), "|", flush=True)
    if not wanted:
        gap = check_encoders(*views, task.questions[:CHECKED])
        print(f"\nThe encoders' vectors and sentence-transformers' own differ by at most {gap:.0e}.")
    if rasa.environment() is None:
        print("\nRasa was not measured: WEAVER_RASA names no environment with it.")


if __name__ == "__main__":
    main()
