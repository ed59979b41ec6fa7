"""Many rules, of which only those look at a text that could find something in it."""

import re
from collections.abc import Iterable
from functools import lru_cache

from knowledge_base.privacy.rule import Needs, Recogniser

_WORD = re.compile(r"[a-z]+")
WORDS_REMEMBERED, CHOICES_REMEMBERED = 1 << 15, 1 << 12


class RuleSet:
    """Rules in their order. What they need is looked for in a text once for all of them, by words seen before."""

    def __init__(self, rules: Iterable[Recogniser]) -> None:
        """Each different need gets a bit: a text is then a number, and the rules for that number are known."""
        self._rules = tuple(rules)
        needs = [need for rule in self._rules for need in (rule.needs, rule.also) if need is not None]
        self._needs: dict[Needs, int] = {need: 1 << place for place, need in enumerate(dict.fromkeys(needs))}
        self._patterns = [(need, bit) for need, bit in self._needs.items() if isinstance(need, re.Pattern)]
        self._all_parts = [
            (part, bit)
            for need, bit in self._needs.items()
            if isinstance(need, tuple)
            for part in need
            if not _WORD.fullmatch(part)
        ]
        self._parts = [(part, bit) for part, bit in self._all_parts if part.isascii()]
        self._bits_of_word = lru_cache(maxsize=WORDS_REMEMBERED)(self._look_at_word)
        self._rules_for = lru_cache(maxsize=CHOICES_REMEMBERED)(self._choose)

    def that_may_find(self, text: str) -> tuple[Recogniser, ...]:
        """The rules whose needs a text holds, in their order."""
        lowered, held = text.lower(), 0
        for word in set(_WORD.findall(lowered)):
            held |= self._bits_of_word(word)
        for part, bit in self._parts if lowered.isascii() else self._all_parts:
            if part in lowered:
                held |= bit
        for pattern, bit in self._patterns:
            if pattern.search(text):
                held |= bit
        return self._rules_for(held)

    def _look_at_word(self, word: str) -> int:
        held = 0
        for need, bit in self._needs.items():
            if isinstance(need, frozenset):
                held |= bit * (word in need)
            elif isinstance(need, tuple):
                held |= bit * any(part in word for part in need if _WORD.fullmatch(part))
        return held

    def _choose(self, held: int) -> tuple[Recogniser, ...]:
        return tuple(rule for rule in self._rules if self._may_find(rule, held))

    def _may_find(self, rule: Recogniser, held: int) -> bool:
        return all(need is None or held & self._needs[need] for need in (rule.needs, rule.also))
