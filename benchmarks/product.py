"""Weaver itself as a peer among peers: an installation in this process, fitted and asked as the service does it."""

import numpy as np

from benchmarks import in_process
from benchmarks.peers.protocol import NOBODY, RANKED, Ask, Bank, Peer, Ranking, Texts


def product(language: str, corpus: tuple[tuple[str, ...], ...], *, answers_alone: bool) -> Peer:
    """The peer for memories in one language; `answers_alone`: the texts are the answers' own words, not questions.

    A ranking scores by confidence. `corpus` are lists of texts whose vectors are kept together.
    """

    def remember(bank: Bank) -> Ask:
        encoders = in_process.encoders()
        for encoder in encoders:
            for texts in corpus:
                encoder.learn(texts)
        lines = [
            in_process.Line(str(owner), text, sentence=answers_alone)
            for text, owner in zip(bank.texts, bank.owners.tolist(), strict=True)
        ]
        retriever, _ = in_process.installed(in_process.memories(lines, language, encoders), encoders)

        def ask(questions: Texts) -> Ranking:
            answers = np.full((len(questions), RANKED), NOBODY, np.int64)
            scores = np.full((len(questions), RANKED), -np.inf)
            for question, reply in enumerate(in_process.ask(retriever, questions)):
                found = reply.candidates[:RANKED]
                answers[question, : len(found)] = [int(candidate.answer.answer_id) for candidate in found]
                scores[question, : len(found)] = [candidate.probability for candidate in found]
            return Ranking(answers, scores)

        return ask

    return remember
