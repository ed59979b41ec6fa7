"""What the reading of misspelt words costs: `python -m benchmarks.spelling`, CPU time of one thread, cold each time.

The vocabulary is both default tokenizers' whole words, BANKING77's train questions and invented words up to 50,000.
"""

import time

import numpy as np

from benchmarks import data, perturbations
from bot.commands.environment import open_encoder
from weaver_core.encoders.encoder import OnnxEncoder
from weaver_core.texts.normalization import canonical
from weaver_core.texts.spelling import Vocabulary

SYLLABLES = ("ba", "co", "di", "fu", "ge", "lo", "ma", "ni", "po", "ra", "se", "ti")
WORDS = 50_000


def vocabulary() -> Vocabulary:
    """Some fifty thousand words."""
    english, multilingual = open_encoder("english"), open_encoder("multilingual")
    assert isinstance(english, OnnxEncoder)
    assert isinstance(multilingual, OnnxEncoder)
    common = english.whole_words()
    words = Vocabulary(common, multilingual.whole_words())
    for row in data.rows("banking77/train.jsonl"):
        words.add(canonical(row["text"]))
    random = np.random.default_rng(0)
    for _ in range(WORDS - len(common)):
        words.add("".join(random.choice(SYLLABLES, random.integers(4, 7))))
    return words


def main() -> None:
    """Print the table."""
    words = vocabulary()
    print("| questions | canonical form, ms | misspelt words, mean ms | p50 | p99 |")
    print("|---|---|---|---|---|")
    for rate in (0.0, 0.05, 0.10):
        asked = [perturbations.typos(row["text"], rate, 1) for row in data.rows("banking77/test.jsonl")[:1000]]
        start = time.process_time()
        texts = [canonical(text) for text in asked]
        folding = time.process_time() - start
        spent = []
        for text in texts:
            # What was looked up before is forgotten with the next change of the memory.
            words.add("a")
            start = time.process_time()
            words.corrected(text)
            spent.append(1000 * (time.process_time() - start))
        middle, high = np.percentile(spent, [50, 99])
        folded = 1000 * folding / len(asked)
        print(f"| typos {rate:.0%} | {folded:.3f} | {np.mean(spent):.3f} | {middle:.3f} | {high:.3f} |", flush=True)


if __name__ == "__main__":
    main()
