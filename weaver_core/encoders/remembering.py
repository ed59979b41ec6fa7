"""An encoder that knows the vectors of the last few texts.

A message of a customer is read several times: how it sounds, which answer fits it, what it is about. Each of them asks
for its vector, within a second or so; a run of the transformer costs more than all the rest of a reading.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from weaver_core.encoders.encoder import Encoder, TokenStates

MOST_KEPT = 512
# More texts than a turn has are an import's or a fit's, and are not asked for again: they are not kept.
MOST_AT_ONCE = 8
_DIGEST_BYTES = 16


class RememberingEncoder:
    """Another encoder's vectors; those of the last texts that came few at a time are not made twice.

    Texts are kept as digests only. May be called from several threads.
    """

    def __init__(self, encoder: Encoder, most: int = MOST_KEPT) -> None:
        """Keep the vectors of so many texts: 4·d bytes each."""
        self._encoder = encoder
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()

    @property
    def version(self) -> str:
        """The name of the vector space."""
        return self._encoder.version

    @property
    def dimension(self) -> int:
        """The length d of a vector."""
        return self._encoder.dimension

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages whose texts this encoder understands; empty: any."""
        return self._encoder.languages

    @property
    def centred(self) -> bool:
        """Whether its vectors crowd around a mean."""
        return self._encoder.centred

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The texts' unit vectors, in their order. Shape: n texts → (n, d). Raises what the other encoder raises."""
        digests = [_digest(text) for text in texts]
        with self._lock:
            known = {digest: self._kept[digest] for digest in digests if digest in self._kept}
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
        if missing:
            known |= zip(missing, self._encoder.encode(list(missing.values())), strict=True)
        if len(texts) <= MOST_AT_ONCE:
            self._keep(known)
        return np.array([known[digest] for digest in digests], np.float32).reshape(len(texts), self.dimension)

    def _keep(self, vectors: Mapping[bytes, NDArray[np.float32]]) -> None:
        with self._lock:
            for digest, vector in vectors.items():
                self._kept[digest] = vector
                self._kept.move_to_end(digest)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def states(self, texts: Sequence[str]) -> list[TokenStates]:
        """The texts' token states, in their order, made anew."""
        return self._encoder.states(texts)

    def whole_words(self) -> list[str]:
        """The words that the tokenizer does not cut into pieces."""
        return self._encoder.whole_words()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
