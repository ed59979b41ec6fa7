"""Ways to let the earlier turns into a turn's vector: as text, as vectors, by the decoder, or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from benchmarks import decoders, token_states, vectors
from benchmarks.decoders import Variant, unit
from benchmarks.dialogue_turns import Corpus, Question, follow_ups
from benchmarks.reply_retrieval import Rows, reciprocal_ranks, said_by_agents, task
from weaver_core.context.anaphora import leans_on_context
from weaver_core.context.decoder import TransformerDecoder
from weaver_core.context.weighting import RECENT, ContextWeights, EarlierVector, contextual
from weaver_core.dialogue import Role
from weaver_core.encoders.encoder import Encoder

BOTH, CUSTOMER = frozenset({Role.CUSTOMER, Role.AGENT}), frozenset({Role.CUSTOMER})
CONCATENATIONS = {"1 turn": (1, BOTH), "2 turns": (2, BOTH), "1 customer's turn": (1, CUSTOMER)}
WEIGHTS = [ContextWeights(*values) for values in product((0, 0.1, 0.2, 0.3, 0.5), (0, 0.1, 0.2, 0.3), (0.0, 0.5))]
NO_CONTEXT = ContextWeights(0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """Texts in an encoder's space. Shape: unit vectors (texts, d), less the mean (d,) if the encoder wants it."""

    encoder: Encoder
    texts: Sequence[str]
    states: token_states.TextStates
    mean: Rows
    vectors: Rows

    def centred(self, rows: Rows) -> Rows:
        """Vectors as the memory compares them."""
        return unit(rows - self.mean)


Way = Callable[[Space, Sequence[Question]], Rows]


def space(encoder: Encoder, texts: Sequence[str], memory: Sequence[int]) -> Space:
    """Encode texts, of which some are the memory that the mean is taken of."""
    states = token_states.of(encoder, texts)
    mean = states.vectors[memory].mean(axis=0) if encoder.centred else np.zeros(encoder.dimension, np.float32)
    return Space(encoder, texts, states, mean, unit(states.vectors - mean))


def of_corpus(encoder: Encoder, corpus: Corpus) -> Space:
    """Encode a corpus; its mean is that of the agents' texts that are not reported."""
    return space(encoder, corpus.texts, said_by_agents([*corpus.training, *corpus.choosing]).tolist())


def weighted(weights: ContextWeights, here: Space, questions: Sequence[Question]) -> Rows:
    """The turn's vector with earlier turns' added."""
    return np.stack(
        [
            contextual(
                here.vectors[question.turn.text],
                [EarlierVector(said.role, here.vectors[said.text]) for said in question.earlier],
                weights,
            )
            for question in questions
        ]
    )


def concatenated(turns: int, roles: frozenset[Role], here: Space, questions: Sequence[Question]) -> Rows:
    """The vector of the last turns of some speakers and the turn's own as one text, a line each."""
    said = [[said for said in question.earlier if said.role in roles][-turns:] for question in questions]
    texts = [
        "\n".join(here.texts[turn.text] for turn in (*before, question.turn))
        for before, question in zip(said, questions, strict=True)
    ]
    return here.centred(vectors.of(here.encoder, texts))


def only_when_leaning(way: Way, here: Space, questions: Sequence[Question]) -> Rows:
    """Context only where the turn is short or points back."""
    leaning = np.array([leans_on_context(here.texts[question.turn.text]) for question in questions])
    return np.where(leaning[:, None], way(here, questions), weighted(NO_CONTEXT, here, questions))


def decoded(net: TransformerDecoder, variant: Variant, here: Space, questions: Sequence[Question]) -> Rows:
    """The trained decoder's vectors."""
    return here.centred(decoders.read(net, here.states, questions, variant))


def best_weights(here: Space, corpus: Corpus) -> ContextWeights:
    """The weights with the best mean reciprocal rank on the half that is not reported."""
    half = [*corpus.training, *corpus.choosing]
    tuning = task(follow_ups(half), half)
    found = {
        weights: reciprocal_ranks(weighted(weights, here, tuning.questions), here.vectors, tuning).mean()
        for weights in WEIGHTS
    }
    return max(found, key=lambda weights: found[weights])


def best_concatenation(here: Space, corpus: Corpus) -> str:
    """What to concatenate, chosen on the choosing part."""
    tuning = task(follow_ups(corpus.choosing), corpus.choosing)
    found = {
        name: reciprocal_ranks(concatenated(*what, here, tuning.questions), here.vectors, tuning).mean()
        for name, what in CONCATENATIONS.items()
    }
    shown = ", ".join(f"{name} {value:.4f}" for name, value in found.items())
    print(f"as one text, on the choosing part: {shown}", flush=True)
    return max(found, key=lambda name: found[name])


def ways(here: Space, corpus: Corpus) -> dict[str, Way]:
    """The ways to compare; the first is the baseline. The decoders are trained here."""
    weights = best_weights(here, corpus)
    before = best_concatenation(here, corpus)
    shown = f"customer {weights.customer}, agent {weights.company}, decay {weights.decay}"
    concatenation = partial(concatenated, *CONCATENATIONS[before])
    variants = (decoders.WITH, decoders.WITHOUT, decoders.ONLY)
    nets = [decoders.trained(here.encoder, corpus, here.states, here.mean, variant) for variant in variants]
    return {
        "(a) the turn alone": partial(weighted, NO_CONTEXT),
        f"(b) as one text, {before} before": concatenation,
        f"(c) mean of vectors, chosen: {shown}": partial(weighted, weights),
        "(c) mean of vectors, .7, .2, .1": partial(weighted, RECENT),
        "(c) the same, only a turn that leans": partial(only_when_leaning, partial(weighted, RECENT)),
        "(d) as one text, only a turn that leans": partial(only_when_leaning, concatenation),
        **{variant.name: partial(decoded, net, variant) for variant, net in zip(variants, nets, strict=True)},
    }
