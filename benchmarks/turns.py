"""Whole turns to time, from a question's text to ranked answers: Weaver's, its encoders alone, and its peers'."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpus import ANSWER_POSITIONS, Corpus
from benchmarks.peers.protocol import Bank, Texts
from bot.commands.environment import open_encoder
from weaver_core.memory import Memories
from weaver_core.model import Space, read_view

Turn = Callable[[str], object]
WEIGHT, SCALE = 0.4, 7.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What is timed: it opens on a memory; `floor` names the subject that is its encoders alone.

    `most` is the largest memory that it is opened on here.
    """

    open: Callable[[Corpus], Turn]
    floor: str | None = None
    most: int = 10_000_000


def english_encoder(corpus: Corpus) -> Turn:
    """The English encoder alone."""
    del corpus
    encoder = open_encoder("english")
    return lambda text: encoder.encode([text])


def both_encoders(corpus: Corpus) -> Turn:
    """Both encoders alone."""
    del corpus
    encoders = open_encoder("english"), open_encoder("multilingual")
    return lambda text: [encoder.encode([text]) for encoder in encoders]


def candidates(found: NDArray[np.int64], positions: int) -> NDArray[np.int64]:
    """All rows of the answers that own the rows found. Shape: (k,) → answers' rows, one answer's after the other's."""
    answers = np.unique(found // ANSWER_POSITIONS)
    rows = answers[:, None] * ANSWER_POSITIONS + np.arange(ANSWER_POSITIONS)
    return rows[rows[:, -1] < positions].ravel()


def read(query: NDArray[np.float32], stored: NDArray[np.int8], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosines of the candidates whose positions these are. Shapes: (d,), (n, d), (n,) → (n / 10,)."""
    vectors = stored.astype(np.float32) * scales[:, None]
    offsets = np.arange(0, len(vectors) + 1, ANSWER_POSITIONS)
    memories = Memories(vectors, offsets, np.zeros(len(vectors), np.float32))
    return read_view(Space(query, vectors), memories, SCALE)[1]


def weaver_english(corpus: Corpus) -> Turn:
    """One encoder, the product's index over its keys, the read of the answers found."""
    from benchmarks.engines import product  # noqa: PLC0415 - the peers do without

    encoder, search = open_encoder("english"), product(corpus)

    def turn(text: str) -> NDArray[np.float32]:
        query = encoder.encode([text])[0]
        rows = candidates(search(query), len(corpus.vectors))
        return np.sort(read(query, corpus.bytes[rows], corpus.scales[rows]))

    return turn


def weaver_both(corpus: Corpus) -> Turn:
    """Two encoders, the product's index over the first one's keys, the read of the answers found in both views."""
    from benchmarks.engines import product  # noqa: PLC0415 - the peers do without

    encoders, search = (open_encoder("english"), open_encoder("multilingual")), product(corpus)

    def turn(text: str) -> NDArray[np.float32]:
        first, second = (encoder.encode([text])[0] for encoder in encoders)
        rows = candidates(search(first), len(corpus.vectors))
        along = (1 - WEIGHT) * read(first, corpus.bytes[rows], corpus.scales[rows])
        return np.sort(along + WEIGHT * read(second, corpus.second_bytes[rows], corpus.second_scales[rows]))

    return turn


def sentence_encoder(corpus: Corpus) -> Turn:
    """The English encoder as sentence-transformers runs it, alone."""
    from benchmarks.peers.nearest import SentenceEncoder  # noqa: PLC0415 - torch is for its users alone

    del corpus
    _one_torch_thread()
    encoder = SentenceEncoder("english")
    return lambda text: encoder.encode([text])


def nearest(corpus: Corpus) -> Turn:
    """sentence-transformers and faiss's exact index."""
    from benchmarks.engines import faiss_index  # noqa: PLC0415 - the others do without
    from benchmarks.peers.nearest import SentenceEncoder  # noqa: PLC0415 - torch is for its users alone

    _one_torch_thread()
    encoder, search = SentenceEncoder("english"), faiss_index("Flat")(corpus)
    return lambda text: search(encoder.encode([text])[0])


def txtai_index(corpus: Corpus) -> Turn:
    """The index of txtai; questions are encoded by sentence-transformers, the positions' vectors are given to it."""
    import faiss  # noqa: PLC0415 - the others do without
    from txtai import Embeddings  # noqa: PLC0415 - the others do without

    from benchmarks.peers.nearest import SentenceEncoder  # noqa: PLC0415 - torch is for its users alone

    _one_torch_thread()
    faiss.omp_set_num_threads(1)
    encoder = SentenceEncoder("english")

    # Only a plain function is taken for what encodes; anything else txtai calls to make one.
    def encode(texts: Texts) -> NDArray[np.float32]:
        return encoder.encode(texts)

    index = Embeddings({"method": "external", "transform": encode})
    index.index([(row, np.array(vector), None) for row, vector in enumerate(corpus.vectors)])
    return lambda text: index.search(text, 10)


def bm25(corpus: Corpus) -> Turn:
    """BM25 over the texts that the positions come from."""
    from benchmarks.peers.bm25 import remember  # noqa: PLC0415 - the others do without

    texts = tuple(corpus.texts[row] for row in corpus.origins)
    ask = remember(Bank(texts, np.arange(len(texts)) // ANSWER_POSITIONS))
    return lambda text: ask([text])


def _one_torch_thread() -> None:
    import torch  # noqa: PLC0415 - for its users alone

    torch.set_num_threads(1)


ENGLISH_ENCODER, BOTH_ENCODERS, SENTENCES = (
    "English encoder alone",
    "both encoders alone",
    "sentence-transformers alone",
)
SUBJECTS = {
    ENGLISH_ENCODER: Subject(english_encoder),
    "**Weaver, English view**": Subject(weaver_english, ENGLISH_ENCODER),
    BOTH_ENCODERS: Subject(both_encoders),
    "**Weaver, both views**": Subject(weaver_both, BOTH_ENCODERS),
    SENTENCES: Subject(sentence_encoder),
    "sentence-transformers + faiss Flat": Subject(nearest, SENTENCES),
    "txtai": Subject(txtai_index, SENTENCES, most=100_000),
    "BM25 (bm25s)": Subject(bm25, most=100_000),
}
