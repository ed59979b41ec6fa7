"""txtai's embeddings index: dense vectors, alone or joined with its own BM25."""

from typing import Any

import numpy as np
from txtai import Embeddings

from benchmarks.peers.protocol import Ask, Bank, Encode, Peer, Ranking, Texts, of_positions

DEEPEST = 200


def txtai(encode: Encode, *, hybrid: bool = False) -> Peer:
    """The peer with the library's own settings (above 5,000 texts its vectors are searched by clusters).

    Vectors come from `encode`, so that a benchmark encodes each text once; `hybrid` adds its keyword index.
    """

    def remember(bank: Bank) -> Ask:
        settings: dict[str, Any] = {"method": "external", "transform": encode, "hybrid": hybrid}
        index: Any = Embeddings(settings)
        index.index([(row, text, None) for row, text in enumerate(bank.texts)])
        depth = min(DEEPEST, len(bank.texts))

        def ask(questions: Texts) -> Ranking:
            rows = np.full((len(questions), depth), -1, np.int64)
            scores = np.full((len(questions), depth), -np.inf, np.float32)
            for question, found in enumerate(index.batchsearch(list(questions), depth)):
                rows[question, : len(found)] = [row for row, _ in found]
                scores[question, : len(found)] = [score for _, score in found]
            return of_positions(bank.owners, rows, scores)

        return ask

    return remember
