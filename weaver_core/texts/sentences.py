"""A text's sentences, in English and in Chinese."""

import re

# A Latin full stop ends a sentence only before white space; a Chinese one ends it anywhere.
_END = re.compile(r"[.!?…]+[\"'”’)\]]*\s+|[。！？；]+[”’」』）]*\s*|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|approx|Mr|Mrs|Ms|Dr|No|St|vs)|\b[A-Z])\.\s*$")


def split(text: str) -> list[str]:
    """The sentences of a text, in order, without empty ones."""
    return [text[start:end] for start, end in spans(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """Where each sentence of a text begins and ends, without the white space around it and without empty ones."""
    found: list[tuple[int, int]] = []
    start = 0
    for end in _END.finditer(text):
        if not _ABBREVIATION.search(text[start : end.end()]):
            found.append((start, end.end()))
            start = end.end()
    return [trimmed for span in [*found, (start, len(text))] if (trimmed := trim(text, span))]


def trim(text: str, span: tuple[int, int]) -> tuple[int, int] | None:
    """A span of a text without white space at its ends; None when nothing is left."""
    part = text[span[0] : span[1]]
    start = span[0] + len(part) - len(part.lstrip())
    end = span[0] + len(part.rstrip())
    return (start, end) if start < end else None
