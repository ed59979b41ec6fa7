"""What indexes are made with beside the memories: encoders, their centres, how texts are read."""

import hashlib
from collections.abc import Sequence

import numpy as np

from bot.serving.candidates import MOST_POSITIONS
from knowledge_base.quantization import quantize
from weaver_core.encoders.encoder import Encoder
from weaver_core.readers import Readers
from weaver_core.texts.normalization import canonical, comparable
from weaver_core.texts.terms import terms

# Texts whose form, words and codes tell one way of reading texts from another.
_PROBE = (
    "\uff30lease\u2014RESTART my \u201cPPR-9087\u201d, it's pleeease; "
    "\u8acb\u554f\u53f0\u706f E-17 \u58de\u4e86 na\u00efve \ufb01ne"
)


def space_of(encoders: Sequence[Encoder], readers: Readers) -> str:
    """A name for all of it: equal names, equal indexes."""
    read = [canonical(_PROBE), comparable(_PROBE), *terms(_PROBE)]
    vectors = np.cos(np.arange(48, dtype=np.float32)).reshape(2, 24)
    parts = [
        *(f"{encoder.version} {encoder.dimension}" for encoder in encoders),
        readers.centring,
        str(MOST_POSITIONS),
        *read,
        quantize(vectors).tobytes().hex(),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
