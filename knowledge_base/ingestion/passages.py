"""The passages of a text: what becomes a position."""

import re

from weaver_core.texts import sentences
from weaver_core.texts.normalization import has_words

LENGTH = 1000
# Where a sentence that is too long is cut, if it can be: before it grows past LENGTH.
_BREAK = re.compile(r".*[\s,;:，；：、]", re.DOTALL)


def of_question(text: str) -> list[str]:
    """A question as one passage; a very long one as several, each of whole sentences."""
    if len(text) <= LENGTH:
        return [text]
    packed: list[str] = []
    for sentence in of_answer(text):
        if packed and len(packed[-1]) + len(sentence) < LENGTH:
            packed[-1] = f"{packed[-1]} {sentence}"
        else:
            packed.append(sentence)
    return packed


def of_answer(text: str) -> list[str]:
    """An answer's sentences, without those that hold no words; an endless one is cut."""
    return [part for sentence in sentences.split(text) for part in _cut(sentence) if has_words(part)]


def _cut(sentence: str) -> list[str]:
    parts: list[str] = []
    while len(sentence) > LENGTH:
        match = _BREAK.match(sentence[:LENGTH])
        end = match.end() if match else LENGTH
        parts.append(sentence[:end].strip())
        sentence = sentence[end:]
    return [*parts, sentence.strip()]
