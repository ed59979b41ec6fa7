"""Decoders trained for the context benchmark, kept in checkpoints between runs."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from benchmarks.dialogue_turns import Corpus, Question, follow_ups, openings
from benchmarks.reply_retrieval import Rows, reciprocal_ranks, said_by_agents, task
from benchmarks.token_states import TextStates
from benchmarks.vectors import CACHE
from weaver_core.context import checkpoint, decoder, fitting
from weaver_core.context.checkpoint import DecoderConfig
from weaver_core.context.decoder import TransformerDecoder, batched
from weaver_core.context.earlier import EarlierTurn
from weaver_core.context.fitting import Answers, Example, Schedule
from weaver_core.encoders.encoder import Encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 64


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to train a decoder: whether it sees the earlier turns, and how it is trained."""

    name: str
    sees_earlier: bool
    schedule: Schedule


SCHEDULE = Schedule(epochs=5)
WITH = Variant("(e) decoder with cross-attention", sees_earlier=True, schedule=SCHEDULE)
WITHOUT = Variant("(f) decoder without", sees_earlier=False, schedule=SCHEDULE)
ACROSS = replace(SCHEDULE, parts=fitting.ACROSS_ALONE)
ONLY = Variant("(g) cross-attention alone", sees_earlier=True, schedule=ACROSS)


def before(states: TextStates, question: Question, variant: Variant) -> tuple[EarlierTurn, ...]:
    """The earlier turns that a decoder sees: all, or none."""
    earlier = question.earlier if variant.sees_earlier else ()
    return tuple(EarlierTurn(said.role, states.tokens_of(said.text)) for said in earlier)


def read(net: TransformerDecoder, states: TextStates, questions: Sequence[Question], variant: Variant) -> Rows:
    """The decoder's unit vectors. Shape: n questions → (n, d)."""
    found: list[NDArray[np.float32]] = []
    with torch.inference_mode():
        for start in range(0, len(questions), BATCH):
            part = questions[start : start + BATCH]
            turns = [states.tokens_of(question.turn.text) for question in part]
            earlier = [before(states, question, variant) for question in part]
            found.append(net(batched(turns, earlier, net.config)).numpy())
    return np.concatenate(found)


def trained(encoder: Encoder, corpus: Corpus, states: TextStates, mean: Rows, variant: Variant) -> TransformerDecoder:
    """The decoder trained on the corpus's training part, its epoch chosen on the choosing part."""
    config = DecoderConfig(encoder.version, encoder.dimension)
    key = "\0".join(map(str, [config, variant, *corpus.texts]))
    folder = CACHE / f"decoder-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    if not (folder / checkpoint.CONFIG).exists():
        _train(config, corpus, states, mean, variant).save(folder)
    return decoder.opened(folder, encoder.version)


def _train(
    config: DecoderConfig, corpus: Corpus, states: TextStates, mean: Rows, variant: Variant
) -> TransformerDecoder:
    texts = said_by_agents(corpus.training)
    questions = [*follow_ups(corpus.training), *openings(corpus.training)]
    numbers = np.searchsorted(texts, [question.reply.text for question in questions])
    examples = [
        Example(states.tokens_of(question.turn.text), before(states, question, variant), int(number))
        for question, number in zip(questions, numbers, strict=True)
    ]
    choosing = task(follow_ups(corpus.choosing), corpus.choosing)
    centred = unit(states.vectors - mean)

    def score(net: TransformerDecoder) -> float:
        queries = unit(read(net, states, choosing.questions, variant) - mean)
        return float(reciprocal_ranks(queries, centred, choosing).mean())

    net, scores = fitting.fit(examples, Answers(states.vectors[texts], mean), config, variant.schedule, score)
    shown = ", ".join(f"{value:.4f}" for value in scores)
    print(f"{variant.name}, {len(examples)} examples, by epoch: {shown}", flush=True)
    return net


def unit(rows: Rows) -> Rows:
    """The rows, scaled to length 1."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
