"""How customers' messages sound: from -1 (angry) to 1 (pleased), by the head that ships for one of the encoders."""

from collections.abc import Sequence

import anyio.to_thread

from weaver_core.encoders.encoder import Encoder
from weaver_core.heads import fitted
from weaver_core.heads.fitted import Heads
from weaver_core.heads.labels import LABELS, Sentiment, Task
from weaver_core.texts.normalization import canonical

_NEGATIVE = LABELS[Task.SENTIMENT].index(Sentiment.NEGATIVE)
_POSITIVE = LABELS[Task.SENTIMENT].index(Sentiment.POSITIVE)


class Sentiments:
    """Judges messages by an encoder that is open anyway. Where none is the heads' own, nothing is said."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        """The encoders as they are installed: the heads know no trained ones. Raises HeadDamagedError."""
        self._encoders = {encoder.version: encoder for encoder in encoders}
        self._heads = fitted.known(self._encoders)

    async def of(self, text: str) -> float | None:
        """P(positive) − P(negative), in [-1, 1]; None where no encoder is the heads' own."""
        if self._heads is None:
            return None
        return await anyio.to_thread.run_sync(_judge, self._encoders[self._heads.encoder], self._heads, text)


def _judge(encoder: Encoder, heads: Heads, text: str) -> float:
    chances = heads.sentiment.judge(encoder.encode([canonical(text)]))[0]
    return float(chances[_POSITIVE] - chances[_NEGATIVE])
