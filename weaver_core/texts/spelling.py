"""Misspelt words read as the known words that they most resemble."""

import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from weaver_core.errors import ModelError
from weaver_core.texts.characters import Characters

# A stretch without white space; only one that is nothing but a word, with punctuation around it, may be misspelt:
# codes, numbers, addresses and masked slots (‹order›) are what they are.
_CHUNK = re.compile(r"\S+")
_WORD = re.compile(r"(?P<open>[(\[\"'¿¡]*)(?P<word>[A-Za-z]+(?:'(?!s\b)[A-Za-z]+)?)(?P<close>(?:'s)?[)\]\"'.,;:!?…]*)")
# Words that are made of known ones are known: unsatisfied, reordering.
_PREFIX = re.compile(r"^(?:un|re|in|dis|non|pre|mis|over)(?=.{4})")
_KNOWN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
SHORTEST, SHORTEST_TWO_SLIPS = 3, 6
# How much of a word's chance comes from the memory, against the language at large.
OF_MEMORY = 0.9
# So many misspelt words are looked up once only, as long as the memory does not change.
MOST_REMEMBERED = 10_000
# The length of an empty slot: near no word's.
_NO_WORD = -100
# A text of so many words of which a smaller share is known is in another language, or in none.
WORDS_THAT_TELL, FEWEST_KNOWN = 4, 0.34


@dataclass(frozen=True, slots=True)
class Correction:
    """A text as it is read, and which words were read otherwise than typed: (typed, read)."""

    text: str
    changes: tuple[tuple[str, str], ...]


class _Words:
    """Words in slots, with the set of each one's letters as bits: few are left to compare with a misspelt one."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}
        self._free: list[int] = []
        self._words: list[str] = []
        self._letters = np.zeros(1024, np.uint32)
        self._lengths = np.full(1024, _NO_WORD, np.int16)

    def put(self, word: str) -> None:
        """Hold a word that is not held yet."""
        if self._free:
            slot = self._free.pop()
            self._words[slot] = word
        else:
            slot = len(self._words)
            self._words.append(word)
            self._grow()
        self._slots[word] = slot
        self._letters[slot], self._lengths[slot] = _letters(word), len(word)

    def drop(self, word: str) -> None:
        """Hold a word no more."""
        slot = self._slots.pop(word)
        self._lengths[slot] = _NO_WORD
        self._free.append(slot)

    def within(self, word: str, slips: int) -> list[str]:
        """The words that so many slips at most make this one."""
        # A slip changes at most two of the letters that a word is made of.
        apart = np.bitwise_count(self._letters ^ _letters(word)) <= 2 * slips
        rows = np.flatnonzero(apart & (np.abs(self._lengths - len(word)) <= slips))
        near = [self._words[row] for row in rows]
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=slips, limit=None)
        return [candidate for candidate, _, _ in found]

    def _grow(self) -> None:
        size = len(self._lengths)
        if len(self._words) > size:
            self._letters = np.concatenate([self._letters, np.zeros(size, np.uint32)])
            self._lengths = np.concatenate([self._lengths, np.full(size, _NO_WORD, np.int16)])


class Vocabulary:
    """The words that a memory's texts hold, counted, and those that any text may hold; safe from any thread."""

    def __init__(self, common: Sequence[str] = (), chinese: Sequence[str] = ()) -> None:
        """Words of English and of Chinese at large, the most usual first, such as tokenizers' whole words."""
        self._lock = threading.Lock()
        usual = dict.fromkeys(word for word in map(str.lower, common) if _KNOWN_WORD.fullmatch(word))
        # Zipf's law: a word's frequency falls with its rank.
        total = float(np.log(len(usual) + 2))
        self._common = {word: 1.0 / ((rank + 10) * total) for rank, word in enumerate(usual)}
        self._characters = Characters(chinese)
        self._counts: Counter[str] = Counter()
        self._total = 0
        self._words = _Words()
        for word in self._common:
            self._words.put(word)
        self._read: dict[str, str | None] = {}

    def add(self, text: str) -> None:
        """Count a text's words in."""
        self._count(text, 1)

    def remove(self, text: str) -> None:
        """Count a text's words out again. Raises ModelError for a text that was not counted in."""
        self._count(text, -1)

    def counts(self) -> dict[str, dict[str, Any]]:
        """What was counted in, as JSON can say it."""
        with self._lock:
            return {"words": dict(self._counts), "characters": self._characters.counts()}

    def restore(self, counts: Mapping[str, Mapping[str, Any]]) -> None:
        """Count in what another vocabulary had counted in (`counts`); nothing may be counted in yet."""
        with self._lock:
            for word, count in counts["words"].items():
                if not self._knows_itself(word):
                    self._words.put(word)
                self._counts[word] = count
            self._total = self._counts.total()
            self._characters.restore(counts["characters"])

    def corrected(self, text: str) -> Correction:
        """The text with each unknown word as the known one that it most resembles, if any is near enough.

        Near is one slip (a letter more, less, another, or two swapped), in longer words two. A word that stands
        capitalised inside a sentence is a name and stays. Chinese characters are read as `Characters` reads them.
        The text should be canonical (`normalization.canonical`).
        """
        with self._lock:
            written, characters = self._characters.corrected(text)
            spelled = self._spelled(written)
        return Correction(spelled.text, (*characters, *spelled.changes))

    def _spelled(self, text: str) -> Correction:
        chunks = [(chunk, _WORD.fullmatch(chunk[0])) for chunk in _CHUNK.finditer(text)]
        words = [match["word"] for _, match in chunks if match]
        unknown = {word for word in words if not self._knows(word.lower())}
        known = sum(word not in unknown for word in words)
        if not unknown or (len(words) >= WORDS_THAT_TELL and known < FEWEST_KNOWN * len(words)):
            return Correction(text, ())
        shouted = text.upper() == text
        return self._replaced(text, [(c, m) for c, m in chunks if m and m["word"] in unknown], shouted=shouted)

    def _replaced(
        self, text: str, suspects: Sequence[tuple[re.Match[str], re.Match[str]]], *, shouted: bool
    ) -> Correction:
        parts: list[str] = []
        changes: list[tuple[str, str]] = []
        end = 0
        for chunk, match in suspects:
            word = match["word"]
            if len(word) < SHORTEST or (not shouted and _is_name(text, chunk.start(), word)):
                continue
            read = self._nearest(word.lower())
            if read is not None:
                changes.append((word, read))
                parts += [text[end : chunk.start() + match.start("word")], read]
                end = chunk.start() + match.end("word")
        return Correction("".join([*parts, text[end:]]), tuple(changes))

    def _knows(self, word: str) -> bool:
        if self._knows_itself(word) or all(part in self._common for part in word.split("'")):
            return True
        bare = _PREFIX.sub("", word)
        return any(self._knows_itself(base) for base in [bare, *_bases(word), *_bases(bare)])

    def _knows_itself(self, word: str) -> bool:
        return word in self._counts or word in self._common

    def _nearest(self, word: str) -> str | None:
        """The likeliest known word for an unknown one; None when none is near."""
        if len(self._read) > MOST_REMEMBERED:
            self._read.clear()
        if word not in self._read:
            within_one = self._words.within(word, 1)
            found = within_one or (self._words.within(word, 2) if len(word) >= SHORTEST_TWO_SLIPS else [])
            self._read[word] = max(sorted(found), key=self._chance, default=None)
        return self._read[word]

    def _chance(self, word: str) -> float:
        """How often people write a known word."""
        of_memory = self._counts[word] / self._total if self._total else 0.0
        return OF_MEMORY * of_memory + (1 - OF_MEMORY) * self._common.get(word, 0.0)

    def _count(self, text: str, step: int) -> None:
        with self._lock:
            for word in _words(text):
                known = self._knows_itself(word)
                if self._counts[word] + step < 0:
                    raise ModelError(f"The word {word} was not counted in as often as out.")
                self._counts[word] += step
                self._total += step
                if not self._counts[word]:
                    del self._counts[word]
                if self._knows_itself(word) != known:
                    (self._words.drop if known else self._words.put)(word)
            self._characters.count(text, step)
            self._read.clear()


def _words(text: str) -> list[str]:
    matches = (_WORD.fullmatch(chunk) for chunk in text.split())
    return [match["word"].lower() for match in matches if match]


def _bases(word: str) -> list[str]:
    """What a word may be made of by one ending: cancelling → cancell, cancelle, cancel."""
    bases: list[str] = []
    for ending in ("s", "es", "d", "ed", "ing", "ly", "er", "ers", "able", "ment", "ness"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= SHORTEST and (ending != "d" or stem[-1] == "e") and stem[-1] != "s":
            doubled = len(stem) > SHORTEST and stem[-1] == stem[-2]
            bases += [stem, stem + "e", *([stem[:-1]] if doubled else [])]
    return bases


def _letters(word: str) -> np.uint32:
    """The set of a word's letters as bits, one for each of a–z and one for the apostrophe."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return np.uint32(bits)


def _is_name(text: str, start: int, word: str) -> bool:
    """Whether a word has a capital that no beginning of a sentence gave it."""
    if not word[1:].islower():
        return True
    return word[0].isupper() and text[:start].rstrip()[-1:] not in {"", ".", "!", "?", "\n"}
