"""A text's sentences, in English and in Chinese."""

import re

# A Latin full stop ends a sentence only before white space; a Chinese one ends it anywhere.
_END = re.compile(r"[.!?…]+[\"'”’)\]]*\s+|[。！？；]+[”’」』）]*\s*|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|approx|Mr|Mrs|Ms|Dr|No|St|vs)|\b[A-Z])\.\s*$")


def split(text: str) -> list[str]:
    """The sentences of a text, in order, without empty ones."""
    sentences: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if _ABBREVIATION.search(text[start : end.end()]):
            continue
        sentences.append(text[start : end.end()].strip())
        start = end.end()
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if sentence]
