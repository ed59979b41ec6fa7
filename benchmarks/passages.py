"""Long texts as positions: whole, as one mean, as sentences, as passages; and an answer's K positions instead of all.

`python -m benchmarks.passages` prints two tables. Each task is a memory of long texts and short questions that want one
of them (or, last, the reverse). Questions are halved: s, and the trust in an answer's own words, are chosen on the
even ones, the odd ones are reported.

- covid: the FAQ's answers, asked by their own questions, and by paraphrases of those; then with the question in the
  memory as well.
- tweets: of each of 200 support dialogues that are long enough the first customer turn asks, all other turns, handles
  and links removed, are one long text; wanted is the turn's own dialogue.
- insurance (Chinese): 160 best replies of 150 to 600 tokens, asked by their questions' titles; the multilingual view.
- tweets, long query: all customer turns of the dialogue as one long question, the agent's turns are the memory.

The second table: BANKING77, all, each intent with K of its positions; the questions are every second test question.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from benchmarks import data, reading
from benchmarks.views import View
from weaver_core.batch_read import cosines
from weaver_core.coverage import cover
from weaver_core.memory import Memories
from weaver_core.texts import sentences
from weaver_core.texts.passages import estimated_tokens, split_passages

SCALES = (0.0, 3.0, 5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 40.0)
TRUSTS = (0.0, -1.0, -2.0, -4.0)
_HANDLE_OR_LINK = re.compile(r"@\w+|https?://\S+")
Split = Callable[[str], list[str]]


def whole(text: str) -> list[str]:
    """The text itself, of which the encoder reads the beginning."""
    return [text]


def both(text: str) -> list[str]:
    """Sentences and passages."""
    return [*sentences.split(text), *split_passages(text)]


SPLITS: dict[str, Split] = {
    "whole, truncated": whole,
    "sentences": sentences.split,
    "passages ≤ 64, overlap 1": partial(split_passages, most=64),
    "passages ≤ 128, no overlap": partial(split_passages, overlap=0),
    "passages ≤ 128, overlap 1": split_passages,
    "sentences and passages ≤ 128": both,
}


@dataclass(frozen=True, slots=True)
class Task:
    """Long texts, one a memory, what else each memory holds, and questions with the number of the text they want."""

    name: str
    view: str
    texts: list[str]
    beside: list[str]
    questions: list[str]
    wanted: list[int]


@dataclass(frozen=True, slots=True)
class Score:
    """What a form of the texts reached, with the s and trust that the even questions chose."""

    positions: float
    scale: float
    trust: float
    accuracy: tuple[float, float]
    reciprocal_rank: float


def covid() -> Iterator[Task]:
    """The FAQ about covid."""
    rows = list({row["question"]: row for row in data.rows("covid_qa_deepset/faq_covidbert.jsonl")}.values())
    texts = list(dict.fromkeys(row["answer"] for row in rows))
    own = {row["question"]: texts.index(row["answer"]) for row in rows}
    yield Task("covid, own questions", "english", texts, [], list(own), list(own.values()))
    pairs = data.rows("covid_qa_deepset/eval_question_similarity_en.jsonl")
    asked = {pair["question_2"]: own[pair["question_1"]] for pair in pairs if pair["similar"] == "1"}
    yield Task("covid, paraphrases", "english", texts, [], list(asked), list(asked.values()))
    titles = [next(question for question, place in own.items() if place == number) for number in range(len(texts))]
    yield Task("covid, paraphrases, question known", "english", texts, titles, list(asked), list(asked.values()))


def _bare(turns: Sequence[dict[str, str]], role: str | None = None) -> list[str]:
    kept = [" ".join(_HANDLE_OR_LINK.sub("", turn["text"]).split()) for turn in turns if role in (None, turn["role"])]
    return [text for text in kept if text]


def dialogues(least: int) -> list[list[dict[str, str]]]:
    """The turns of 200 dialogues that a customer begins, in so many words, and that are long."""
    rows = data.rows("tweetsumm/dialogues.jsonl")
    found = [row["turns"] for row in rows if row["turns"][0]["role"] == "customer"]
    long = [turns for turns in found if estimated_tokens("\n".join(_bare(turns[1:]))) >= least]
    return [turns for turns in long if len(" ".join(_bare(turns[:1])).split()) > 5][:200]  # noqa: PLR2004


def tweets() -> Task:
    """Support dialogues as long texts."""
    turns = dialogues(200)
    texts = ["\n".join(_bare(dialogue[1:])) for dialogue in turns]
    return Task("tweets", "english", texts, [], [_bare(one[:1])[0] for one in turns], list(range(len(turns))))


def insurance() -> Task:
    """Chinese replies to questions about insurance."""
    rows = [row for row in data.rows("baoxianzhidao/dev.jsonl") if str(row["is_best"]) == "1"]
    long = [row for row in rows if 150 <= estimated_tokens(row["reply"]) <= 600]  # noqa: PLR2004
    first = list({row["title"]: row for row in long}.values())[:160]
    texts = [row["reply"] for row in first]
    return Task("insurance (zh)", "multilingual", texts, [], [row["title"] for row in first], list(range(len(texts))))


def measured(task: Task, split: Split, view: View) -> Score:
    """A task with its texts in one form."""
    parts = [split(text) for text in task.texts]
    texts = [text for own in parts for text in own]
    owners = np.repeat(np.arange(len(parts)), [len(own) for own in parts])
    return _chosen(task, view, [*texts, *task.beside], np.concatenate([owners, np.arange(len(task.beside))]))


def averaged(task: Task, view: View) -> Score:
    """A task with each text as the mean of its passages' vectors."""
    parts = [split_passages(text) for text in task.texts]
    texts = [text for own in parts for text in own]
    keys = view.centred(texts, texts)
    ends = np.cumsum([0, *(len(own) for own in parts)])
    means = np.stack([keys[a:b].mean(axis=0) for a, b in pairwise(ends)])
    means = np.concatenate([means / np.linalg.norm(means, axis=1, keepdims=True), *_beside(task, view)])
    owners = np.concatenate([np.arange(len(parts)), np.arange(len(task.beside))])
    return _best(task, view.centred(task.questions, texts), means.astype(np.float32), owners)


def _beside(task: Task, view: View) -> list[NDArray[np.float32]]:
    return [view.centred(task.beside, task.beside)] if task.beside else []


def _chosen(task: Task, view: View, texts: Sequence[str], owners: NDArray[np.int64]) -> Score:
    return _best(task, view.centred(task.questions, texts), view.centred(texts, texts), owners)


def _best(task: Task, asked: NDArray[np.float32], keys: NDArray[np.float32], owners: NDArray[np.int64]) -> Score:
    """The read with what the even questions choose."""
    trusts = np.zeros(len(keys), np.float32)
    trusts[: len(keys) - len(task.beside)] = 1
    order = np.argsort(owners, kind="stable")
    scores: list[Score] = []
    for scale, trust in product(SCALES, TRUSTS if task.beside else (0.0,)):
        plain = reading.memories_of(keys, owners)
        memories = Memories(plain.vectors, plain.offsets, (trust * trusts)[order].astype(np.float32))
        scores.append(_score(task, cosines(asked, memories, scale), scale, trust, len(keys)))
    return max(scores, key=lambda score: (score.accuracy[0], -score.scale))


def _score(task: Task, cosines: NDArray[np.float32], scale: float, trust: float, positions: int) -> Score:
    wanted = np.array(task.wanted)
    own = cosines[np.arange(len(wanted)), wanted]
    ranks = 1 + (cosines > own[:, None]).sum(axis=1)
    right = ranks == 1
    accuracy = (100 * float(right[::2].mean()), 100 * float(right[1::2].mean()))
    return Score(positions / len(task.texts), scale, trust, accuracy, float((1 / ranks[1::2]).mean()))


def long_queries(view: View) -> Iterator[tuple[str, Score]]:
    """A long question in several forms against the agents' turns."""
    turns = dialogues(200)
    queries = ["\n".join(_bare(dialogue, "customer")) for dialogue in turns]
    agents = [_bare(dialogue, "agent") for dialogue in turns]
    texts = [text for own in agents for text in own]
    memories = reading.memories_of(view.of(texts), np.repeat(np.arange(len(agents)), [len(own) for own in agents]))
    task = Task("tweets, long query", "english", [""] * len(turns), [], queries, list(range(len(turns))))
    for name, split in SPLITS.items():
        parts = [split(text) for text in queries]
        keys = view.of([text for own in parts for text in own])
        ends = np.cumsum([0, *(len(own) for own in parts)])
        groups = list(pairwise(ends))
        means = np.stack([keys[a:b].mean(axis=0) for a, b in groups])
        means = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
        yield f"{name}: mean vector", _over_scales(task, memories, means, None, len(keys))
        if name != "whole, truncated":
            yield f"{name}: mean of reads", _over_scales(task, memories, keys, groups, len(keys))


def _over_scales(
    task: Task,
    memories: Memories,
    keys: NDArray[np.float32],
    groups: Sequence[tuple[int, int]] | None,
    positions: int,
) -> Score:
    scores: list[Score] = []
    for scale in SCALES:
        found = cosines(keys, memories, scale)
        if groups is not None:
            found = np.stack([found[a:b].mean(axis=0) for a, b in groups])
        scores.append(_score(task, found, scale, 0.0, positions))
    return max(scores, key=lambda score: (score.accuracy[0], -score.scale))


def print_forms(views: dict[str, View]) -> None:
    """The first table."""
    print("| task | form | positions a text | s | trust | even, chosen on | odd: accuracy@1 | odd: MRR |")
    print("|---|---|---|---|---|---|---|---|")
    for task in [*covid(), tweets(), insurance()]:
        view = views[task.view]
        rows = {"one mean of passages": averaged(task, view)}
        rows |= {name: measured(task, split, view) for name, split in SPLITS.items()}
        for name, score in rows.items():
            _print(task.name, name, score)
    for name, score in long_queries(views["english"]):
        _print("tweets, long query", name, score)


def _print(task: str, form: str, score: Score) -> None:
    print(
        f"| {task} | {form} | {score.positions:.1f} | {score.scale:g} | {score.trust:g} | {score.accuracy[0]:.1f} "
        f"| {score.accuracy[1]:.1f} | {score.reciprocal_rank:.3f} |",
        flush=True,
    )


def covering(keys: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The positions that cover an intent."""
    return cover(keys, k)


def first(keys: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The oldest positions."""
    return np.arange(min(k, len(keys)))


def drawn(keys: NDArray[np.float32], k: int, seed: int = 0) -> NDArray[np.int64]:
    """Positions drawn at random."""
    return np.sort(np.random.default_rng(seed).choice(len(keys), min(k, len(keys)), replace=False))


def print_kept(view: View) -> None:
    """The second table."""
    train, test = data.rows("banking77/train.jsonl"), data.rows("banking77/test.jsonl")
    view.remember([row["text"] for row in train])
    view.remember([row["text"] for row in test])
    owners, numbers = reading.numbered([row["intent"] for row in train])
    asked = view.of([row["text"] for row in test[1::2]])
    wanted = np.array([numbers[row["intent"]] for row in test[1::2]])
    everything = reading.memories_of(view.of([row["text"] for row in train]), owners)
    fitted = reading.fitted_scale(everything)
    print(
        f"\n| BANKING77, all: K | kept | accuracy@1, s fitted on all ({fitted:g}) | s fitted on the kept | accuracy@1 |"
    )
    print("|---|---|---|---|---|")
    kinds = {"covering": covering, "first": first, "random": drawn}
    for k, (kind, choose) in [*product((4, 8, 16, 32, 64), kinds.items()), (10_000, ("all", first))]:
        rows = [
            start + choose(everything.vectors[start:end], k)
            for start, end in zip(everything.offsets[:-1], everything.offsets[1:], strict=True)
        ]
        place = np.concatenate(rows)
        kept = reading.memories_of(everything.vectors[place], everything.owners[place])
        own = reading.fitted_scale(kept)
        by_all, by_own = (
            100 * float((cosines(asked, kept, scale).argmax(axis=1) == wanted).mean()) for scale in (fitted, own)
        )
        print(f"| {k if k < len(train) else 'all'} | {kind} | {by_all:.2f} | {own:g} | {by_own:.2f} |", flush=True)


def main() -> None:
    """Print both tables."""
    views = {name: View(name) for name in ("english", "multilingual")}
    print_forms(views)
    print_kept(views["english"])


if __name__ == "__main__":
    main()
