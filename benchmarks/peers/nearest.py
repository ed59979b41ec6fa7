"""sentence-transformers with faiss: the answer of the nearest text, searched exhaustively by inner product."""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from benchmarks.peers.protocol import Ask, Bank, Encode, Peer, Ranking, Texts, of_positions
from weaver_core.encoders import sources
from weaver_core.encoders.export import decoded

DEEPEST = 200


class SentenceEncoder:
    """One of the two packages' transformers as sentence-transformers loads it, at its first text."""

    def __init__(self, name: str) -> None:
        """`name` is `english` or `multilingual`."""
        self._source = sources.find(name)
        self._model: SentenceTransformer | None = None
        self.version = f"sentence-transformers/{self._source.name}"

    def encode(self, texts: Texts) -> NDArray[np.float32]:
        """The texts' unit vectors. Shape: n texts → (n, d)."""
        if self._model is None:
            self._model = SentenceTransformer(str(folder(self._source)), device="cpu")
        # The e5 models are trained with this before questions; between two questions both have it.
        found: Any = self._model.encode(
            [self._source.prefix + text for text in texts], normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(found, np.float32)


def folder(source: sources.Source) -> Path:
    """The source's transformer in Hugging Face's layout, decoded into a temporary folder if it is packed."""
    return decoded(source, Path(mkdtemp(prefix="weaver-encoder-")))


def nearest(encode: Encode) -> Peer:
    """The peer that searches with these vectors."""

    def remember(bank: Bank) -> Ask:
        vectors = encode(bank.texts)
        index: Any = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        depth = min(DEEPEST, len(vectors))

        def ask(questions: Texts) -> Ranking:
            scores, rows = index.search(encode(questions), depth)
            return of_positions(bank.owners, rows, scores)

        return ask

    return remember
