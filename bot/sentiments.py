"""How customers' messages sound: from -1 (angry) to 1 (pleased), by the head that ships for one of the encoders."""

from collections.abc import Sequence

import anyio.to_thread

from weaver_core.encoders.encoder import Encoder
from weaver_core.errors import OtherEncoderError
from weaver_core.heads import fitted
from weaver_core.heads.head import Head
from weaver_core.heads.labels import LABELS, Sentiment, Task
from weaver_core.texts.normalization import canonical

_NEGATIVE = LABELS[Task.SENTIMENT].index(Sentiment.NEGATIVE)
_POSITIVE = LABELS[Task.SENTIMENT].index(Sentiment.POSITIVE)


class Sentiments:
    """Judges messages by an encoder that is open anyway. Where none is the heads' own, nothing is said."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        """The encoders as they are installed: the heads know no trained ones. Raises HeadDamagedError."""
        self._known = [(encoder, head) for encoder in encoders if (head := _head_for(encoder)) is not None]

    async def of(self, text: str) -> float | None:
        """P(positive) − P(negative), in [-1, 1]; None where no encoder is the heads' own."""
        return await anyio.to_thread.run_sync(self._judge, text)

    def _judge(self, text: str) -> float | None:
        if not self._known:
            return None
        encoder, head = self._known[0]
        chances = head.judge(encoder.encode([canonical(text)]))[0]
        return float(chances[_POSITIVE] - chances[_NEGATIVE])


def _head_for(encoder: Encoder) -> Head | None:
    try:
        return fitted.load(encoder.version).sentiment
    except OtherEncoderError:
        return None
