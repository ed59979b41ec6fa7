"""Measures extractive summaries of support dialogues against people's own, beside the first sentences and random ones.

`python -m benchmarks.summary` prints ROUGE F1 on the validation dialogues; `--tune` instead prints what other
parameters and other lengths reach on training dialogues, which is how the defaults were chosen.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rouge_score.rouge_scorer import RougeScorer

from benchmarks import data, vectors
from benchmarks.support_turns import without_handles
from weaver_core.dialogue import Role
from weaver_core.encoders.encoder import Encoder
from weaver_core.summary import Sentence, SummaryParameters, summarise

MEASURES = ("rouge1", "rouge2", "rougeL")
TUNED_ON, RANDOM_SEEDS, RESAMPLED = 240, 5, 2000
# What the training dialogues prefer among 2 to 6.
LEAD_SENTENCES = 6
ATTENTION_ALONE = SummaryParameters(scale=7.0, later=0.0, longer=0.0, company=0.0)
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True, eq=False)
class Summarised:
    """A dialogue's sentences, their vectors (n, d), and what people wrote or picked as its summaries."""

    spoken: list[Sentence]
    vectors: NDArray[np.float32]
    written: list[str]
    picked: list[str]


Method = Callable[[Summarised], Sequence[int]]


def plain(text: str) -> str:
    """A sentence without links and accounts."""
    return without_handles(_LINK.sub(" ", text)).strip()


def dialogues(name: str, encoder: Encoder) -> list[Summarised]:
    """The dialogues of one file that have summaries of both kinds."""
    found: list[tuple[list[Sentence], list[str], list[str]]] = []
    for row in data.rows(f"tweetsumm/{name}.jsonl"):
        said = [
            Sentence(plain(text), Role(turn["role"]), place)
            for place, turn in enumerate(row["turns"])
            for text in turn["sentences"]
            if re.search(r"\w", _LINK.sub(" ", text))
        ]
        picked = [_picked(row["turns"], places) for places in row["extractive_summaries"] if places]
        if row["abstractive_summaries"] and picked:
            found.append((said, row["abstractive_summaries"], picked))
    keys = vectors.of(encoder, [sentence.text for said, _, _ in found for sentence in said])
    if encoder.centred:
        keys = keys - keys.mean(axis=0)
        keys /= np.linalg.norm(keys, axis=1, keepdims=True)
    ends = np.cumsum([len(said) for said, _, _ in found])
    parts = np.split(keys, ends[:-1])
    return [Summarised(said, part, *people) for (said, *people), part in zip(found, parts, strict=True)]


def _picked(turns: Sequence[dict[str, Any]], places: Sequence[Sequence[int]]) -> str:
    return " ".join(plain(turns[turn]["sentences"][sentence]) for turn, sentence in places)


@cache
def _scorer() -> RougeScorer:
    return RougeScorer(MEASURES, use_stemmer=True)


def rouge(text: str, references: Sequence[str]) -> list[float]:
    """F1 of ROUGE-1, -2 and -L, each the mean over the references."""
    scores = [_scorer().score(reference, text) for reference in references]
    return [float(np.mean([score[measure].fmeasure for score in scores])) for measure in MEASURES]


def measured(dialogues_of: Sequence[Summarised], method: Method) -> NDArray[np.float64]:
    """Each dialogue's six figures: against written, then against picked summaries. Shape: (n, 6)."""
    rows = []
    for one in dialogues_of:
        text = " ".join(one.spoken[place].text for place in method(one))
        rows.append(rouge(text, one.written) + rouge(text, one.picked))
    return np.array(rows)


def attention(parameters: SummaryParameters, one: Summarised) -> list[int]:
    """What Weaver chooses."""
    return [chosen.place for chosen in summarise(one.spoken, one.vectors, parameters)]


def lead(count: int, one: Summarised) -> range:
    """The first sentences."""
    return range(min(count, len(one.spoken)))


def lead_of_both(count: int, one: Summarised) -> list[int]:
    """The customer's first sentences and the company's first, half and half."""
    customer = [place for place, sentence in enumerate(one.spoken) if sentence.role is Role.CUSTOMER]
    company = [place for place, sentence in enumerate(one.spoken) if sentence.role is not Role.CUSTOMER]
    return sorted(customer[: -(-count // 2)] + company[: count // 2])


def lead_as_long(parameters: SummaryParameters, one: Summarised) -> range:
    """The first sentences, with at least as many words as Weaver's summary has."""
    words = np.cumsum([len(sentence.text.split()) for sentence in one.spoken])
    wanted = sum(len(one.spoken[place].text.split()) for place in attention(parameters, one))
    return lead(int(np.searchsorted(words, wanted)) + 1, one)


def by_chance(count: int, seed: int, one: Summarised) -> list[int]:
    """Sentences at random, in their order."""
    random = np.random.default_rng([seed, len(one.spoken), len(one.spoken[0].text)])
    return sorted(random.choice(len(one.spoken), min(count, len(one.spoken)), replace=False).tolist())


def chance_figures(dialogues_of: Sequence[Summarised], count: int) -> NDArray[np.float64]:
    """The mean of random choices over the seeds. Shape: (n, 6)."""
    runs = [measured(dialogues_of, partial(by_chance, count, seed)) for seed in range(RANDOM_SEEDS)]
    return np.asarray(np.mean(runs, axis=0), np.float64)


def gain(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> str:
    """The mean gain over all six figures with its 95 % bootstrap interval over the dialogues."""
    differences = (ours - theirs).mean(axis=1)
    random = np.random.default_rng(0)
    means = differences[random.integers(0, len(differences), (RESAMPLED, len(differences)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return f"{differences.mean():+.3f} ({low:+.3f} to {high:+.3f})"


def report(encoder: Encoder, other: Encoder) -> Iterator[str]:
    """The table on the validation dialogues."""
    asked, parameters = dialogues("valid", encoder), SummaryParameters()
    count = parameters.sentences
    ours = measured(asked, partial(attention, parameters))
    lead_name = f"the first {LEAD_SENTENCES // 2} of customer and of company"
    others = {
        "first sentence of customer and of company": measured(asked, partial(lead_of_both, 2)),
        f"first {count} sentences": measured(asked, partial(lead, count)),
        "first sentences, as many words": measured(asked, partial(lead_as_long, parameters)),
        lead_name: measured(asked, partial(lead_of_both, LEAD_SENTENCES)),
        f"{count} random sentences, mean of {RANDOM_SEEDS} seeds": chance_figures(asked, count),
        "trust alone, without attention (s = 0)": measured(asked, partial(attention, replace(parameters, scale=0.0))),
        "attention alone, all sentences trusted alike": measured(asked, partial(attention, ATTENTION_ALONE)),
    }
    yield f"| {len(asked)} dialogues | written: R-1 | R-2 | R-L | picked: R-1 | R-2 | R-L | attention gains over it |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, figures in others.items():
        yield f"| {name} | {_cells(figures)} | {gain(ours, figures)} |"
    yield f"| **attention, {encoder.version.split('@')[0]}** | {_cells(ours)} | |"
    again = measured(dialogues("valid", other), partial(attention, parameters))
    yield f"| attention, {other.version.split('@')[0]}, the same parameters | {_cells(again)} | {gain(ours, again)} |"


def _cells(figures: NDArray[np.float64]) -> str:
    return " | ".join(f"{value:.3f}" for value in figures.mean(axis=0))


def tune(encoder: Encoder) -> Iterator[str]:
    """One parameter after the other, best first value kept, on a sample of the training dialogues."""
    every = dialogues("train", encoder)
    chosen = np.random.default_rng(0).choice(len(every), TUNED_ON, replace=False)
    asked = [every[place] for place in chosen]
    yield f"| {TUNED_ON} training dialogues | mean of the six figures |\n|---|---|"
    for count in range(2, 7):
        yield f"| first {count} | {measured(asked, partial(lead, count)).mean():.4f} |"
        yield f"| first {count} of both | {measured(asked, partial(lead_of_both, count)).mean():.4f} |"
    best, reached = SummaryParameters(), 0.0
    tried: set[SummaryParameters] = set()
    for name, values in GRID * 2:
        for value in values:
            parameters = replace(best, **{name: value})
            if parameters in tried:
                continue
            tried.add(parameters)
            found = float(measured(asked, partial(attention, parameters)).mean())
            yield f"| {parameters} | {found:.4f} |"
            if found > reached:
                best, reached = parameters, found
    yield f"\nBest: {best}, {reached:.4f}"


GRID: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("sentences", (3, 4, 5)),
    ("later", (0.0, 0.5, 1.0, 2.0)),
    ("longer", (0.0, 0.5, 1.0, 2.0, 4.0)),
    ("company", (-0.5, 0.0, 0.5)),
    ("scale", (3.0, 7.0, 14.0)),
    ("redundancy", (0.0, 0.25, 0.5, 1.0)),
)


def main() -> None:
    """Print the table of validation dialogues, or with `--tune` that of training dialogues."""
    rows = tune(vectors.english()) if "--tune" in sys.argv[1:] else report(vectors.english(), vectors.multilingual())
    for row in rows:
        print(row, flush=True)


if __name__ == "__main__":
    main()
