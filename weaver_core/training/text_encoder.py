"""Texts through the torch module of an encoder, with its gradient, in groups of one length."""

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from weaver_core.encoders import pooled_transformer
from weaver_core.encoders.tokenizing import TOKENIZER
from weaver_core.errors import EncoderDamagedError

# Texts of one length share a group, so that little of it is padding.
GROUP = 16


class TextEncoder:
    """An encoder's torch module with its tokenizer."""

    def __init__(self, folder: Path, prefix: str, most_tokens: int, *, half: bool) -> None:
        """Open a folder in Hugging Face's layout. Raises EncoderDamagedError."""
        self.module = pooled_transformer.load(folder)
        self._prefix, self._half = prefix, half
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # tokenizers raises plain Exception
            raise EncoderDamagedError(f"The tokenizer in {folder} cannot be opened: {error}") from error
        self._tokenizer.enable_truncation(most_tokens)
        self._tokenizer.no_padding()

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """The texts' token ids."""
        return [
            list(encoding.ids) for encoding in self._tokenizer.encode_batch([self._prefix + text for text in texts])
        ]

    def vectors(self, tokens: Sequence[Sequence[int]]) -> Tensor:
        """The texts' unit vectors with their gradient. Shape: n lists of token ids → (n, d)."""
        order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
        groups = [order[start : start + GROUP] for start in range(0, len(order), GROUP)]
        vectors = torch.cat([self._group([tokens[place] for place in group]) for group in groups])
        places = torch.empty(len(order), dtype=torch.long)
        places[torch.tensor(order)] = torch.arange(len(order))
        return vectors[places]

    def _group(self, tokens: Sequence[Sequence[int]]) -> Tensor:
        ids = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in tokens], batch_first=True)
        mask = nn.utils.rnn.pad_sequence([torch.ones(len(row), dtype=torch.long) for row in tokens], batch_first=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=self._half):
            vectors: Tensor = self.module(ids, mask)
        return nn.functional.normalize(vectors.float(), dim=-1)

    def frozen_vectors(self, tokens: Sequence[Sequence[int]]) -> Tensor:
        """The texts' unit vectors without a gradient or dropout. Shape: n lists of token ids → (n, d)."""
        training = self.module.training
        self.module.eval()
        with torch.no_grad():
            vectors = self.vectors(tokens)
        self.module.train(training)
        return vectors
