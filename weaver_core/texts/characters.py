"""Miswritten Chinese characters read as the ones that the memory has between the same neighbours."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_EDGE = " "
# Characters that turn a sentence into its contrary, or into another number: never read as others, nor others as them.
_TURNING = frozenset("不没无未非别勿莫否有是能可会你我他她一二三四五六七八九十百千万亿两几半零")
# A character is read in another's place when it is at least this share of all that stood there.
LEAST_SHARE = 0.5


class Characters:
    """Counts of each two neighbouring characters, and of what stood between each two. Not safe from threads."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        """`words`: words of the language at large; only those of two characters count."""
        self._words = frozenset(word for word in words if len(word) == 2 and _RUN.fullmatch(word))  # noqa: PLR2004
        self._pairs: Counter[str] = Counter()
        self._between: dict[str, Counter[str]] = {}

    def count(self, text: str, step: int) -> None:
        """Count a text's characters in (1) or out (−1)."""
        for before, character, after in _places(text):
            found = self._between.setdefault(before + after, Counter())
            # A pair is counted with its first character; what begins a run has nothing before it.
            for pair in [character + after, *([before + character] if before == _EDGE else [])]:
                self._pairs[pair] += step
                if not self._pairs[pair]:
                    del self._pairs[pair]
            found[character] += step
            if not found[character]:
                del found[character]
            if not found:
                del self._between[before + after]

    def counts(self) -> dict[str, dict[str, Any]]:
        """What was counted, as JSON can say it."""
        return {"pairs": dict(self._pairs), "between": {place: dict(found) for place, found in self._between.items()}}

    def restore(self, counts: Mapping[str, Mapping[str, Any]]) -> None:
        """Count what was counted elsewhere (`counts`), and nothing else."""
        self._pairs = Counter(counts["pairs"])
        self._between = {place: Counter(found) for place, found in counts["between"].items()}

    def corrected(self, text: str) -> tuple[str, list[tuple[str, str]]]:
        """The text with its miswritten characters as they are read, and (typed, read) with both neighbours.

        A character is miswritten when the memory never has it beside either neighbour and they make no word.
        """
        changes: list[tuple[str, str]] = []
        parts: list[str] = []
        end = 0
        for run in _RUN.finditer(text):
            read = self._read(run[0], changes)
            parts += [text[end : run.start()], read]
            end = run.end()
        return "".join([*parts, text[end:]]), changes

    def _read(self, run: str, changes: list[tuple[str, str]]) -> str:
        read = list(run)
        for place in range(len(run)):
            before = read[place - 1] if place else _EDGE
            after = run[place + 1] if place + 1 < len(run) else _EDGE
            likely = self._likely(before, run[place], after)
            if likely is not None:
                changes.append(((before + run[place] + after).strip(), (before + likely + after).strip()))
                read[place] = likely
        return "".join(read)

    def _likely(self, before: str, character: str, after: str) -> str | None:
        """What the memory has in a miswritten character's place; None for one that is well written, or past reading."""
        if character in _TURNING or any(self._knows(pair) for pair in (before + character, character + after)):
            return None
        found = self._between.get(before + after) if before + after != 2 * _EDGE else None
        if not found:
            return None
        likely, count = max(found.items(), key=lambda item: (item[1], item[0]))
        sure = likely not in _TURNING and count >= LEAST_SHARE * found.total()
        return likely if sure else None

    def _knows(self, pair: str) -> bool:
        return pair in self._pairs or pair in self._words


def _places(text: str) -> Iterator[tuple[str, str, str]]:
    """Each Chinese character of a text with its neighbours in its run."""
    for run in _RUN.findall(text):
        edged = f"{_EDGE}{run}{_EDGE}"
        yield from zip(edged, edged[1:], edged[2:], strict=False)
