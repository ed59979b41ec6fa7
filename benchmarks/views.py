"""An encoder as a benchmark uses it: no text is encoded twice, and what crowds around a mean is centred."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks import reading, vectors
from bot.commands.environment import open_encoder
from weaver_core.encoders.encoder import OnnxEncoder


class View:
    """The encoder of a name, and the vectors that it has made in this run or, of the same list, in another."""

    def __init__(self, name: str) -> None:
        encoder = open_encoder(name)
        assert isinstance(encoder, OnnxEncoder)
        self.encoder = encoder
        self._known: dict[str, NDArray[np.float32]] = {}

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' unit vectors. Shape: n texts → (n, d)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self.remember(new)
        return np.stack([self._known[text] for text in texts])

    def remember(self, texts: Sequence[str]) -> None:
        """Take over vectors that another benchmark has made of these very texts."""
        self._known.update(zip(texts, vectors.of(self.encoder, texts), strict=True))

    def centred(self, texts: Sequence[str], memory: Sequence[str]) -> NDArray[np.float32]:
        """The texts' vectors, without the memory's mean when this encoder's vectors crowd around one."""
        keys = self.of(texts)
        return reading.centred(keys, self.of(memory).mean(axis=0)) if self.encoder.centred else keys
