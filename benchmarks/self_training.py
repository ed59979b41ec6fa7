"""What unjudged questions add to training: ten questions an intent of BANKING77, and the others without their intents.

`python -m benchmarks.self_training [SEED …]` trains both encoders on the memory, lets the read answer the unjudged
questions, and trains them anew on the memory with the surest of these answers taken for right: 70, 85 and 95 % of them
in three rounds. It prints test accuracy@1 of the read after each round; the sure questions are positions by then, as
likes would be. Deltas are kept in var/benchmarks. Shares and settings were chosen on splits of the train rows
(docs/experiments.md); no test question is among the unjudged ones. Twelve minutes of one core a seed.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks import data
from benchmarks.banking77 import SEEDS, few_an_intent
from benchmarks.training import FEW, TRAINED_WEIGHT, VIEWS, trained, trained_vectors, view
from weaver_core.batch_read import cosines
from weaver_core.encoders import sources
from weaver_core.training.evidence import Passage
from weaver_core.training.settings import EncoderSettings

SHARES = (0.70, 0.85, 0.95)
BETA = 20.0
# With some hundred questions an intent.
MANY = {name: replace(each, scale=10.0, beta=BETA, epochs=2) for name, each in FEW.items()}


@dataclass(frozen=True, slots=True)
class Taught:
    """Questions with the numbers of their answers, sorted by these."""

    texts: tuple[str, ...]
    answers: tuple[int, ...]

    def with_more(self, texts: Sequence[str], answers: Sequence[int]) -> "Taught":
        """These and others."""
        together = sorted(zip((*self.answers, *answers), (*self.texts, *texts), strict=True))
        return Taught(tuple(text for _, text in together), tuple(answer for answer, _ in together))


def scores(taught: Taught, asked: Sequence[str], settings: Mapping[str, EncoderSettings]) -> NDArray[np.float32]:
    """û·M̂ of questions in both views, trained on what is taught. Shape: n questions → (n, N)."""
    passages = [Passage(text, f"{answer:03}") for text, answer in zip(taught.texts, taught.answers, strict=True)]
    found: list[NDArray[np.float32]] = []
    for name in VIEWS:
        delta, encoder = trained(name, passages, settings[name], fresh=False)
        keys, queries = (trained_vectors(delta, encoder, texts) for texts in (taught.texts, asked))
        seen = view(keys, queries, np.array(taught.answers), centred=sources.find(name).centred)
        found.append(cosines(seen.questions, seen.memories, settings[name].scale))
    return np.asarray((1 - TRAINED_WEIGHT) * found[0] + TRAINED_WEIGHT * found[1], np.float32)


def rounds(seed: int) -> list[float]:
    """Test accuracy@1 after training on the memory, and after each round with unjudged questions."""
    train, test = data.rows("banking77/train.jsonl"), data.rows("banking77/test.jsonl")
    numbers = {intent: number for number, intent in enumerate(sorted({row["intent"] for row in train}))}
    memory = few_an_intent(train, seed)
    known = {row["text"] for row in memory}
    unjudged = [row for row in train if row["text"] not in known]
    texts = [row["text"] for row in unjudged]
    asked = [*texts, *(row["text"] for row in test)]
    targets, truth = (np.array([numbers[row["intent"]] for row in rows]) for rows in (test, unjudged))
    judged = Taught((), ()).with_more([row["text"] for row in memory], [numbers[row["intent"]] for row in memory])
    taught, settings, reached = judged, FEW, list[float]()
    for share in (*SHARES, None):
        found = scores(taught, asked, {name: replace(each, seed=seed) for name, each in settings.items()})
        reached.append(float((found[len(texts) :].argmax(axis=1) == targets).mean()))
        if share is None:
            break
        chances = torch.softmax(BETA * torch.from_numpy(found[: len(texts)]), dim=1).numpy()
        guessed, sureness = chances.argmax(axis=1), chances.max(axis=1)
        sure = np.flatnonzero(sureness >= np.quantile(sureness, 1 - share))
        print(
            f"<!-- seed {seed}: {len(sure)} taken, {(guessed == truth)[sure].mean():.4f} of them right -->", flush=True
        )
        taught, settings = judged.with_more([texts[place] for place in sure], guessed[sure].tolist()), MANY
    return reached


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seeds", nargs="*", type=int, default=list(SEEDS), metavar="SEED")
    heading = ["trained on the memory", *(f"and the surest {share:.0%} of unjudged questions" for share in SHARES)]
    print("| test accuracy@1 |", " | ".join(heading), "|")
    print("|---|" + "---|" * len(heading), flush=True)
    every: list[list[float]] = []
    for seed in parser.parse_args().seeds:
        every.append(rounds(seed))
        print(f"| seed {seed} |", " | ".join(f"{figure:.4f}" for figure in every[-1]), "|", flush=True)
    print("| mean |", " | ".join(f"{figure:.4f}" for figure in np.mean(every, axis=0)), "|")


if __name__ == "__main__":
    main()
