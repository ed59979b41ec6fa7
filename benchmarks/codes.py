"""Codes that differ in a digit or two: what the words add to the read.

`python -m benchmarks.codes` prints the table. The memory is the sample shop's FAQ and, of 120 parts and error codes,
two questions each; asked is a third wording of every code. The words' weight is none, the shipped one, and the one that
leave-one-out fits on this memory; BM25 alone stands beside them.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks import data, in_process
from benchmarks.in_process import Line
from bot.serving.options import DecisionOptions
from bot.serving.retriever import ActiveVersion, Retriever
from bot.updates import learning
from knowledge_base.indexes.memory_index import MemoryIndex, Read
from knowledge_base.memories import Memory
from weaver_core.readers import Reader, Readers, shipped

CODES = 120
WORDINGS = {
    "en": ("Is {} in stock?", "How do I order {}?", "I need {} urgently, do you have one"),
    "zh": ("{}有货吗", "怎么订购{}", "我急着要{}，你们有吗"),
}


def codes(seed: int) -> list[str]:
    """Part numbers, order states and error codes that differ in a digit or two."""
    random = np.random.default_rng(seed)
    kinds = ("PPR-{:04}", "E-{:02}{}", "SKU{:05}")
    found: dict[str, None] = {}
    while len(found) < CODES:
        kind = kinds[int(random.integers(len(kinds)))]
        found[kind.format(int(random.integers(90)) + 10, "ABCD"[int(random.integers(4))])] = None
    return list(found)


def with_words(readers: Readers, language: str, words: float) -> Readers:
    """The same readers, the words' weight another."""
    reader = readers.of(language)
    return replace(readers, fitted={language: Reader(replace(reader.parameters, words=words), reader.calibration)})


def accuracy(loaded: Sequence[Memory], readers: Readers, asked: Sequence[tuple[str, str]]) -> float:
    """The share of questions whose own answer comes first."""
    retriever = Retriever(in_process.encoders(), ActiveVersion(readers, "v1"), DecisionOptions())
    retriever.replace(loaded)
    replies = in_process.ask(retriever, [text for text, _ in asked])
    retriever.close()
    right = [
        bool(reply.candidates) and reply.candidates[0].answer.answer_id == answer
        for reply, (_, answer) in zip(replies, asked, strict=True)
    ]
    return float(np.mean(right))


def by_words_alone(loaded: Sequence[Memory], language: str, asked: Sequence[tuple[str, str]]) -> float:
    """The same by BM25."""
    index = MemoryIndex({})
    names = {memory.answer.id: memory.answer.answer_id for memory in loaded}
    index.replace([Read(memory, memory) for memory in loaded])
    first = [next(iter(index.by_words(text, [("default", language)], 1)[0]), None) for text, _ in asked]
    index.close()
    right = [found is not None and names[found] == answer for found, (_, answer) in zip(first, asked, strict=True)]
    return float(np.mean(right))


def main() -> None:
    """Print the table."""
    print("| memory | asked | BM25 | read, no words | shipped weight | fitted weight | fitted |")
    print("|---|---|---|---|---|---|---|")
    encoders = in_process.encoders()
    for language, (one, two, three) in WORDINGS.items():
        known = codes(seed=1)
        lines = [*in_process.faq(data.shop(f"faq.{language}.jsonl"))]
        lines += [Line(code, wording.format(code)) for code in known for wording in (one, two)]
        loaded = in_process.memories(lines, language, encoders)
        readers, _ = learning.fit(loaded, encoders)
        asked = [(three.format(code), code) for code in known]
        fitted = readers.of(language).parameters.words
        given = shipped(language, encoders).parameters.words
        cells = [accuracy(loaded, with_words(readers, language, words), asked) for words in (0.0, given, fitted)]
        shown = " | ".join(f"{100 * cell:.1f}" for cell in (by_words_alone(loaded, language, asked), *cells))
        print(f"| shop and codes, {language} | {len(asked)} | {shown} | {fitted:g} |", flush=True)


if __name__ == "__main__":
    main()
