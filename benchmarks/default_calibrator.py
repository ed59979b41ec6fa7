"""Fits the calibrator that ships with Weaver on development sets, and reports it on held-out halves of them.

`python -m benchmarks.default_calibrator` prints the figures; `--write` also stores the coefficients in the package.
Test sets are never read: BANKING77 and CLINC150 give their train (and validation) questions only.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import weaver_core
from benchmarks import data, vectors
from weaver_core import calibration, leave_one_out
from weaver_core.calibration import VECTORS, WORDS
from weaver_core.evaluation import auroc, expected_calibration_error
from weaver_core.memory import Memories
from weaver_core.model import WORDS_PARAMETERS, ReadParameters, read_memories
from weaver_core.texts import sentences, terms

NEAREST = 64
ASKED = 300
SIZES = (1, 2, 5, 10, 30)
SEEDS = range(2)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What the read saw for some questions, and whether its top answer was right. Shapes: (n, 5), (n,), (n,)."""

    name: str
    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    in_scope: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """A memory to ask: positions with their owners (answers numbered from 0), and which are sentences of answers."""

    vectors: NDArray[np.float32]
    owners: NDArray[np.int64]
    sentences: NDArray[np.bool_]


def read_top(query: NDArray[np.float32], bank: Bank, parameters: ReadParameters) -> tuple[NDArray[np.float64], int]:
    """Both stages for one query, as serving does them. Returns the features and the top answer."""
    nearest = np.argsort(-(bank.vectors @ query))[:NEAREST]
    answers = np.unique(bank.owners[nearest])
    rows = np.concatenate([np.flatnonzero(bank.owners == answer) for answer in answers])
    counts = np.array([int((bank.owners == answer).sum()) for answer in answers])
    trust = np.where(bank.sentences[rows], parameters.sentence_trust, 0.0).astype(np.float32)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    reading = read_memories(query, Memories(bank.vectors[rows], offsets, trust), parameters)
    order = np.argsort(-reading.cosines, kind="stable")
    top = int(order[0])
    seen = calibration.features(reading.cosines[order], reading.probabilities[order], int(counts[top]))
    return seen, int(answers[top])


def fitted(bank: Bank) -> ReadParameters:
    """The parameters that an import would fit on this memory."""
    order = np.argsort(bank.owners, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(bank.owners))]).astype(np.int64)
    memories = Memories(bank.vectors[order], offsets, np.zeros(len(order), np.float32))
    fit = leave_one_out.fit(memories, bank.sentences[order], seed=0)
    return fit.parameters if fit else ReadParameters()


def ask(
    name: str,
    bank: Bank,
    queries: NDArray[np.float32],
    targets: Sequence[int],
    parameters: ReadParameters | None = None,
) -> Sample:
    """Ask all queries, with parameters fitted on the bank if none are given; a target of −1: no answer fits."""
    parameters = parameters or fitted(bank)
    seen = [read_top(query, bank, parameters) for query in queries]
    right = np.array([top == target for (_, top), target in zip(seen, targets, strict=True)])
    return Sample(name, np.stack([values for values, _ in seen]), right, np.array(targets) >= 0)


def intents(name: str, texts: Sequence[str], labels: Sequence[str], outside: Sequence[str]) -> Iterator[Sample]:
    """Memories of some questions an intent; asked: other questions, those of intents left out, and outside ones."""
    encoder = vectors.english()
    keys, strangers = vectors.of(encoder, texts), vectors.of(encoder, outside) if outside else np.zeros((0, 0))
    named = np.array(labels)
    for size in SIZES:
        for seed in SEEDS:
            random = np.random.default_rng(100 * size + seed)
            known = random.permutation(sorted(set(labels)))[: int(0.8 * len(set(labels)))]
            rows = [random.permutation(np.flatnonzero(named == intent)) for intent in known]
            held = np.concatenate([part[:size] for part in rows])
            owners = np.repeat(np.arange(len(known)), [min(size, len(part)) for part in rows])
            bank = Bank(keys[held], owners, np.zeros(len(held), np.bool_))
            others = np.concatenate([part[size:] for part in rows])
            number = {intent: index for index, intent in enumerate(known)}
            inside = random.choice(others, ASKED, replace=False)
            left_out = random.choice(np.flatnonzero(~np.isin(named, known)), ASKED // 4, replace=False)
            targets = [number[named[row]] for row in inside] + [-1] * (len(left_out) + len(strangers))
            parts = [keys[inside], keys[left_out], *([strangers] if len(strangers) else [])]
            yield ask(f"{name}, {size} an intent", bank, np.concatenate(parts), targets)


def left_out(name: str, bank: Bank, parameters: ReadParameters, outside: NDArray[np.float32]) -> Sample:
    """A FAQ that is asked its own questions, each left out of the memory while it asks, and outside ones."""
    counts = np.bincount(bank.owners)
    asking = np.flatnonzero(~bank.sentences & (counts[bank.owners] > 1))
    asking = np.random.default_rng(0).permutation(asking)[: 2 * ASKED]
    seen = []
    for row in asking:
        kept = np.arange(len(bank.owners)) != row
        without = Bank(bank.vectors[kept], bank.owners[kept], bank.sentences[kept])
        seen.append(read_top(bank.vectors[row], without, parameters))
    seen += [read_top(query, bank, parameters) for query in outside]
    targets = np.array([*bank.owners[asking], *[-1] * len(outside)])
    right = np.array([top for _, top in seen]) == targets
    return Sample(name, np.stack([values for values, _ in seen]), right, targets >= 0)


@dataclass(frozen=True, slots=True, eq=False)
class Frequent:
    """A FAQ: the texts of its positions, and the number of each answer."""

    texts: list[str]
    owners: NDArray[np.int64]
    sentences: NDArray[np.bool_]
    numbers: dict[str, int]


Encode = Callable[[Sequence[str]], NDArray[np.float32]]
View = Callable[[Frequent], tuple[Encode, ReadParameters | None]]


def frequently_asked(lines: Sequence[dict[str, str]]) -> Frequent:
    """The positions of a FAQ: its questions and its answers' sentences."""
    numbers = {answer_id: number for number, answer_id in enumerate(dict.fromkeys(line["answer_id"] for line in lines))}
    answers = {line["answer_id"]: line["answer"] for line in lines}
    positions = [(line["question"], numbers[line["answer_id"]], False) for line in lines]
    positions += [(text, numbers[name], True) for name, answer in answers.items() for text in sentences.split(answer)]
    texts, owners, marks = zip(*sorted(positions, key=lambda position: position[1]), strict=True)
    return Frequent(list(texts), np.array(owners), np.array(marks), numbers)


def development_half(name: str) -> list[dict[str, Any]]:
    """Every second held-out question of the sample shop; `weaver evaluate` reports on the others."""
    return data.shop(name)[::2]


def shop(
    name: str, faq: Frequent, asked: Sequence[dict[str, Any]], outside: Sequence[str], view: View
) -> Iterator[Sample]:
    """The sample shop's FAQ asked its own questions, each left out, and those of the development half."""
    inside = [(row["question"], faq.numbers[row["answer_ids"][0]]) for row in asked if row["answer_ids"]]
    strangers = [row["question"] for row in asked if not row["answer_ids"]]
    encode, parameters = view(faq)
    bank = Bank(encode(faq.texts), faq.owners, faq.sentences)
    yield left_out(f"{name}, left out", bank, parameters or fitted(bank), encode(outside))
    targets = [target for _, target in inside] + [-1] * len(strangers)
    yield ask(f"{name}, held out", bank, encode([text for text, _ in inside] + strangers), targets, parameters)


def by_vectors(faq: Frequent) -> tuple[Encode, None]:
    """The English view; its parameters are fitted on the memory."""
    del faq
    return partial(vectors.of, vectors.english()), None


def by_words(faq: Frequent) -> tuple[Encode, ReadParameters]:
    """The lexical view of this FAQ."""
    passages = [terms.terms(text) for text in faq.texts]
    counted = Counter(term for passage in passages for term in set(passage))
    weights = {term: terms.inverse_frequency(count, len(passages)) for term, count in counted.items()}
    return lambda texts: terms.vectors([terms.terms(text) for text in texts], weights), WORDS_PARAMETERS


def components(pairs: Sequence[dict[str, object]]) -> list[list[str]]:
    """Questions that a chain of positive pairs joins, as groups of two and more."""
    parent: dict[str, str] = {}

    def root(text: str) -> str:
        while parent.setdefault(text, text) != text:
            text = parent[text]
        return text

    for pair in pairs:
        if str(pair["label"]) == "1":
            parent[root(str(pair["sentence1"]))] = root(str(pair["sentence2"]))
    groups: dict[str, list[str]] = {}
    for text in list(parent):
        groups.setdefault(root(text), []).append(text)
    return [group for group in groups.values() if len(group) > 1]


def english_samples() -> Iterator[Sample]:
    """All English development samples."""
    banking, clinc = data.rows("banking77/train.jsonl"), data.rows("clinc150/train.jsonl")
    outside = [row["text"] for row in data.rows("clinc150/oos_val.jsonl")]
    yield from intents("BANKING77 train", [r["text"] for r in banking], [r["intent"] for r in banking], [])
    yield from intents("CLINC150 train", [r["text"] for r in clinc], [r["intent"] for r in clinc], outside)
    faq = frequently_asked(data.shop("faq.en.jsonl"))
    yield from shop("sample shop", faq, development_half("questions.en.jsonl"), outside, by_vectors)


def chinese_samples() -> Iterator[Sample]:
    """All Chinese development samples: the shop with all its questions and with half; bank customers ask it too."""
    lines, asked = data.shop("faq.zh.jsonl"), development_half("questions.zh.jsonl")
    strangers = [group[0] for group in components(data.rows("bq/dev.jsonl"))][:ASKED]
    yield from shop("Chinese shop", frequently_asked(lines), asked, strangers[: ASKED // 3], by_words)
    half = frequently_asked([line for place, line in enumerate(lines) if place % 2])
    yield from shop("half the Chinese shop", half, asked, strangers[-ASKED // 3 :], by_words)


def fit_view(view: str, samples: Sequence[Sample], show: Callable[[str], None]) -> dict[str, object]:
    """Fit one view on the even rows of all samples, report on the odd ones, and return what was fitted on all."""
    even = [Sample(s.name, s.features[::2], s.right[::2], s.in_scope[::2]) for s in samples]
    tried = calibration.Calibrator({view: fit_samples(even)})
    least = tried.threshold(view, wrong_per_hundred=10)
    for sample in samples:
        chances = tried.confidences(view, sample.features[1::2])
        right, inside = sample.right[1::2], sample.in_scope[1::2]
        sure = chances >= least
        precision = right[sure].mean() if sure.any() else float("nan")
        apart = auroc(1 - chances, ~inside)
        show(
            f"| {sample.name} | {right[inside].mean():.3f} | {expected_calibration_error(chances, right):.3f} "
            f"| {'–' if apart is None else f'{apart:.3f}'} | {sure.mean():.2f} | {precision:.3f} |"
        )
    fitted = fit_samples(samples)
    return {
        "features": list(calibration.FEATURES),
        "coefficients": [round(value, 4) for value in fitted.coefficients],
        "thresholds": [round(value, 4) for value in fitted.thresholds],
    }


def fit_samples(samples: Sequence[Sample]) -> calibration.ViewCalibration:
    """The calibration of all these samples together."""
    return calibration.fit_view(
        np.concatenate([sample.features for sample in samples]), np.concatenate([sample.right for sample in samples])
    )


def main() -> None:
    """Print the table; with `--write`, store the coefficients."""
    print("| development set, held-out half | accuracy@1 | ECE | scope AUROC | answered at 10 wrong in 100 | right |")
    print("|---|---|---|---|---|---|")
    stored = {VECTORS: fit_view(VECTORS, list(english_samples()), print)}
    stored[WORDS] = fit_view(WORDS, list(chinese_samples()), print)
    if "--write" in sys.argv[1:]:
        target = Path(weaver_core.__file__).parent / "default_calibrator.json"
        target.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
        print(f"\nwritten to {target.name}")


if __name__ == "__main__":
    main()
