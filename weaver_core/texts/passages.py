"""A long text's passages: whole sentences, as many as an encoder reads well at once, the next one overlapping."""

import re
from collections.abc import Callable, Iterator

from weaver_core.texts import sentences

MOST_TOKENS = 128
Count = Callable[[str], int]
_Span = tuple[int, int]
# Where a sentence that is too long is cut: behind a clause, else behind a word, else anywhere.
_CUTS = (re.compile(r"[,;:—–][\"'”’)\]]*\s+|[，；：、—]+[”’」』）]*\s*"), re.compile(r"\s+"), None)
_TOKEN = re.compile(r"[A-Za-z\u00c0-\u024f]+|\d+|[^\sA-Za-z\u00c0-\u024f\d]")
# Tokenizers cut long words into pieces of about so many letters, and numbers of about so many digits.
_LETTERS_A_PIECE, _DIGITS_A_PIECE = 7, 3


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, whatever the tokenizer; rather too many than too few.

    A memory that is split by this estimate stays the same memory when the encoder changes.
    """
    count = 0
    for token in _TOKEN.findall(text):
        piece = _DIGITS_A_PIECE if token[0].isdigit() else _LETTERS_A_PIECE
        count += -(-len(token) // piece)
    return count


def split_passages(text: str, count: Count = estimated_tokens, most: int = MOST_TOKENS, overlap: int = 1) -> list[str]:
    """The passages of a text, each of `most` tokens at most; a text that is no longer is its own and only passage.

    A passage is made of whole sentences and begins with the last `overlap` sentences of the one before it, as far as
    they leave room for a new one. A sentence that is too long is cut behind a clause, else behind a word.
    """
    units = [unit for span in sentences.spans(text) for unit in _cut(text, span, count, most)]
    costs = [count(text[start:end]) for start, end in units]
    passages: list[str] = []
    first = end = 0
    while end < len(units):
        fits = _reach(costs, first, most)
        # Sentences of the passage before give way when nothing new fits behind them.
        while fits <= end and first < end:
            first += 1
            fits = _reach(costs, first, most)
        end = max(fits, first + 1)
        passages.append(text[units[first][0] : units[end - 1][1]])
        first = max(first + 1, end - overlap)
    return passages


def _reach(costs: list[int], first: int, most: int) -> int:
    """The end of the longest run of units from `first` on that has room."""
    total, end = 0, first
    while end < len(costs) and total + costs[end] <= most:
        total += costs[end]
        end += 1
    return end


def _cut(text: str, span: _Span, count: Count, most: int, level: int = 0) -> Iterator[_Span]:
    """A span in parts of `most` tokens at most, each as long as its cuts allow."""
    if count(text[span[0] : span[1]]) <= most:
        yield span
        return
    cut = _CUTS[level]
    pieces = _pieces(text, span, cut) if cut else _slices(text, span, count, most)
    start = end = span[0]
    total = 0
    for piece in [*pieces, None]:
        cost = count(text[piece[0] : piece[1]]) if piece else 0
        if end > start and (piece is None or total + cost > most):
            trimmed = sentences.trim(text, (start, end))
            if trimmed:
                yield from _cut(text, trimmed, count, most, min(level + 1, len(_CUTS) - 1))
            start, total = end, 0
        if piece:
            end, total = piece[1], total + cost


def _pieces(text: str, span: _Span, cut: re.Pattern[str]) -> list[_Span]:
    ends = [match.end() for match in cut.finditer(text, *span)]
    return list(zip([span[0], *ends], [*ends, span[1]], strict=True))


def _slices(text: str, span: _Span, count: Count, most: int) -> list[_Span]:
    """A stretch without any white space in slices of about equal length, each of `most` tokens at most."""
    parts = -(-count(text[span[0] : span[1]]) // most)
    size = -(-(span[1] - span[0]) // parts)
    while size > 1 and any(count(text[at : at + size]) > most for at in range(*span, size)):
        size = max(1, size * 3 // 4)
    return [(at, min(at + size, span[1])) for at in range(*span, size)]
