"""BM25 by bm25s: words as they are, Chinese as characters and character bigrams, the nearest question's answer."""

import bm25s
import numpy as np

from benchmarks.peers.protocol import Ask, Bank, Ranking, Texts, of_positions
from weaver_core.texts.terms import terms

DEEPEST = 200


def remember(bank: Bank) -> Ask:
    """Index the texts by their terms (k₁ 1.5, b .75: the library's own)."""
    index = bm25s.BM25()
    # The library takes no text without a word; a term that no question has finds nothing.
    index.index([terms(text) or ["\0"] for text in bank.texts], show_progress=False)
    depth = min(DEEPEST, len(bank.texts))

    def ask(questions: Texts) -> Ranking:
        found = index.retrieve([terms(text) or ["\0"] for text in questions], k=depth, show_progress=False)
        rows = np.where(found.scores > 0, found.documents, -1)
        return of_positions(bank.owners, rows.astype(np.int64), found.scores)

    return ask
