"""How the watch reads texts: their vectors in the topics' space, and how outside texts sound."""

from collections.abc import Sequence

import anyio
import anyio.to_thread
import numpy as np
from numpy.typing import NDArray

from bot.serving.encoder_shelf import name_of
from bot.turns.sentiments import Sentiments
from weaver_core import topic_space
from weaver_core.encoders.encoder import Encoder
from weaver_core.readers import Readers
from weaver_core.texts.normalization import canonical, has_words

# Stars as a mood: three are neither pleased nor angry.
MIDDLE, HALF = 3.0, 2.0


class TopicReader:
    """Reads by the encoders as they are installed: what training changes every night would move all topics."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        """Raises HeadDamagedError."""
        self._readers = Readers(tuple(encoders))
        self._sentiments = Sentiments(encoders)
        # One thread, so that turns are answered beside it.
        self._limiter = anyio.CapacityLimiter(1)
        self.space = name_of(encoders)
        self.dimension = sum(encoder.dimension for encoder in encoders)

    async def vectors(self, texts: Sequence[str], languages: Sequence[str | None]) -> NDArray[np.float32]:
        """Unit vectors, zero for a text without words. Shape: n texts and their languages → (n, d)."""
        found = np.zeros((len(texts), self.dimension), np.float32)
        worded = [row for row, text in enumerate(texts) if has_words(text)]
        if worded:
            read, spoken = [canonical(texts[row]) for row in worded], [languages[row] for row in worded]
            found[worded] = await anyio.to_thread.run_sync(self._read, read, spoken, limiter=self._limiter)
        return found

    async def mood(self, text: str, rating: float | None) -> float | None:
        """How an outside text sounds, from -1 to 1: as its stars say, else as its words do."""
        return await self._sentiments.of(text) if rating is None else (rating - MIDDLE) / HALF

    def _read(self, texts: Sequence[str], languages: Sequence[str | None]) -> NDArray[np.float32]:
        by_encoder = {encoder.version: encoder.encode(texts) for encoder in self._readers.encoders}
        return topic_space.joined(by_encoder, self._readers, languages)
