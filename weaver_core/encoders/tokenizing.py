"""Text → tokens, as the encoders' tokenizers cut it: by the `tokenizers` library or by SentencePiece's own runtime."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import sentencepiece
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer

TOKENIZER, PIECES = "tokenizer.json", "sentencepiece.model"


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """A text's tokens.

    Shapes for t tokens: ids (t,); special (t,): which are marks of begin and end; spans (t, 2): where each begins and
    ends in the text, in characters.
    """

    ids: NDArray[np.int64]
    special: NDArray[np.bool_]
    spans: NDArray[np.int64]


class Tokenizer(Protocol):
    """What an encoder needs of its tokenizer."""

    def pieces(self) -> list[str]:
        """The text of each token, by its id."""
        ...

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """The texts' tokens, none longer than the encoder reads."""
        ...


def open_tokenizer(folder: Path, most_tokens: int) -> Tokenizer:
    """The tokenizer in a folder: SentencePiece's where its model lies there. Errors are the libraries' own."""
    if (folder / PIECES).is_file():
        return _SentencePieceTokenizer(folder / PIECES, most_tokens)
    return _LibraryTokenizer(folder / TOKENIZER, most_tokens)


class _LibraryTokenizer:
    """A `tokenizer.json`."""

    def __init__(self, path: Path, most_tokens: int) -> None:
        self._tokenizer = FastTokenizer.from_file(str(path))
        self._tokenizer.enable_truncation(most_tokens)
        self._tokenizer.no_padding()

    def pieces(self) -> list[str]:
        vocabulary = self._tokenizer.get_vocab()
        return sorted(vocabulary, key=lambda token: vocabulary[token])

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        return [
            Tokens(
                np.array(encoding.ids, np.int64),
                np.array(encoding.special_tokens_mask, np.bool_),
                np.array(encoding.offsets, np.int64).reshape(-1, 2),
            )
            for encoding in self._tokenizer.encode_batch(list(texts))
        ]


class _SentencePieceTokenizer:
    """A SentencePiece model with XLM-R's marks: its pieces take a tenth of the memory that `tokenizer.json` needs."""

    def __init__(self, path: Path, most_tokens: int) -> None:
        # The library's types do not cover what its wrapper adds.
        opened: Any = sentencepiece.SentencePieceProcessor()
        opened.load(str(path))
        self._processor = opened
        self._most = most_tokens - 2
        self._begin, self._end = int(opened.bos_id()), int(opened.eos_id())

    def pieces(self) -> list[str]:
        return [str(self._processor.id_to_piece(number)) for number in range(self._processor.get_piece_size())]

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        return [self._tokenize(text) for text in texts]

    def _tokenize(self, text: str) -> Tokens:
        found: list[Any] = list(self._processor.encode(text, return_type="proto").pieces)[: self._most]
        places = _characters(text)
        spans: list[tuple[int, int]] = [
            (places[piece.begin] + _leading_space(piece.surface), places[piece.end]) for piece in found
        ]
        ids = [self._begin, *(piece.id for piece in found), self._end]
        special = np.zeros(len(ids), np.bool_)
        special[[0, -1]] = True
        return Tokens(np.array(ids, np.int64), special, np.array([(0, 0), *spans, (0, 0)], np.int64))


def _characters(text: str) -> list[int]:
    """Which character each byte of a text in UTF-8 belongs to, and the text's length behind them."""
    places = [place for place, character in enumerate(text) for _ in character.encode()]
    return [*places, len(text)]


def _leading_space(surface: str) -> int:
    return len(surface) - len(surface.lstrip())
