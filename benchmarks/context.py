"""Does what was said before help to find the reply? Ways to use it, on real dialogues in English and Chinese.

`python -m benchmarks.context [english] [multilingual]` prints the tables that docs/experiments.md quotes.

Protocol. Dialogues are split by dialogue: half is reported; of the other half four fifths train the decoder, and one
fifth chooses its epoch and how many turns are concatenated; the weights of the mean are chosen on the whole other half.
Each customer's turn after the first that the agent answered (at most 1,000) looks for the agent's next turn among all
texts that agents said in the reported half, but for those said before in its own dialogue. TweetSumm's turns come
without handles, links and signatures: they give away the dialogue, not its subject (names in the running text remain,
which can only flatter the ways that read the agent's turns). Gains are paired, intervals resample whole dialogues.

Second protocol, CrossWOZ alone, whose turns are labelled with acts: the questions of the other half, encoded the same
way or without context, are the memory; a hit is a nearest one whose reply does the same (act, domain, slot). TweetSumm
has no such labels, and cosines between replies would only say what the encoder says already.

What must not be hurt: first turns, alone and with the last two turns of another dialogue before them (a change of
subject); and BANKING77 test (every sixth question) against ten memories an intent (seed 0), read with a fitted scale,
alone and after two questions of two other intents, both the customer's (a way that reads only the agent's turns is not
tried by it).

ECD's sample has 77 contexts with two candidates each, where one answer moves accuracy by 1.3 points: it can tell
nothing of these ways and is left out.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from benchmarks import context_ways, data, dialogue_turns, reading
from benchmarks.banking77 import few_an_intent
from benchmarks.context_ways import NO_CONTEXT, Space, Way, weighted
from benchmarks.decoders import WITH, WITHOUT
from benchmarks.dialogue_turns import Corpus, Question, Said, follow_ups, openings
from benchmarks.reply_retrieval import Task, gain, reciprocal_ranks, same_acts, task
from bot.commands.environment import open_encoder
from weaver_core.batch_read import cosines
from weaver_core.context.checkpoint import DecoderConfig
from weaver_core.context.decoder import TransformerDecoder
from weaver_core.context.earlier import EarlierTurn
from weaver_core.context.reading import ContextDecoder
from weaver_core.dialogue import Role
from weaver_core.encoders.encoder import Encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_QUESTIONS = 1000
EVERY = 6
CALLS = 200


def with_foreign(questions: Sequence[Question], dialogues: Sequence[list[Said]]) -> list[Question]:
    """The questions with the last two turns before some other dialogue's follow-up in front of them."""
    random = np.random.default_rng(0)
    others = follow_ups(dialogues)
    found = []
    for question in questions:
        drawn = (others[place] for place in random.permutation(len(others)))
        stranger = next(other for other in drawn if other.dialogue != question.dialogue)
        found.append(Question(question.dialogue, question.turn, stranger.earlier[-2:], question.reply))
    return found


def report(here: Space, corpus: Corpus, found: dict[str, Way]) -> None:
    """Print one corpus's table for one encoder."""
    main = task(follow_ups(corpus.reported)[:MOST_QUESTIONS], corpus.reported)
    first = task(openings(corpus.reported), corpus.reported)
    switched = task(with_foreign(first.questions, corpus.reported), corpus.reported)
    print(
        f"\n{corpus.name}, {here.encoder.version}: {len(main.questions)} turns, {len(first.questions)} first turns, "
        f"{len(main.candidates)} candidates\n\n"
        "| way | MRR | gain, points (95 %) | recall@1 | recall@10 | first turns | the same after another subject |\n"
        "|---|---|---|---|---|---|---|"
    )
    baseline: list[NDArray[np.float64]] = []
    measured: dict[str, NDArray[np.float64]] = {}
    for name, way in found.items():
        ranks, firsts, changed = (
            reciprocal_ranks(way(here, part.questions), here.vectors, part) for part in (main, first, switched)
        )
        measured[name] = ranks
        baseline = baseline or [ranks, firsts]
        print(
            f"| {name} | {ranks.mean():.4f} | {gain(ranks, baseline[0], main.dialogues)} | {(ranks >= 1).mean():.3f} "
            f"| {(ranks >= 1 / 10).mean():.3f} | {gain(firsts, baseline[1], first.dialogues)} "
            f"| {gain(changed, baseline[1], first.dialogues)} |",
            flush=True,
        )
    print(f"\n(e) over (f): {gain(measured[WITH.name], measured[WITHOUT.name], main.dialogues)}", flush=True)
    if corpus.language == "zh":
        report_acts(here, corpus, found, main)


def report_acts(here: Space, corpus: Corpus, found: dict[str, Way], main: Task) -> None:
    """Print how often the nearest remembered question's reply does the same."""
    memory = follow_ups([*corpus.training, *corpus.choosing])
    plain = weighted(NO_CONTEXT, here, memory)
    labelled = np.array([bool(question.reply.acts) for question in main.questions])
    print(f"\nThe same acts: {labelled.sum()} turns, {len(memory)} remembered questions\n")
    print("| way | memory in context | gain (95 %) | memory without | gain (95 %) |\n|---|---|---|---|---|")
    baseline: list[NDArray[np.float64]] = []
    measured: dict[str, NDArray[np.float64]] = {}
    for name, way in found.items():
        queries = way(here, main.questions)
        hits = [same_acts(queries, main, kept, memory)[labelled] for kept in (way(here, memory), plain)]
        measured[name] = hits[0]
        baseline = baseline or hits
        cells = [
            f"{100 * hit.mean():.1f} | {gain(hit, base, main.dialogues[labelled])}"
            for hit, base in zip(hits, baseline, strict=True)
        ]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    over = gain(measured[WITH.name], measured[WITHOUT.name], main.dialogues[labelled])
    print(f"\n(e) over (f), memory in context: {over}", flush=True)


def report_banking(encoder: Encoder, found: dict[str, Way]) -> None:
    """Print BANKING77's accuracy@1 with nothing said before, and after two questions of other intents."""
    train, test = data.rows("banking77/train.jsonl"), data.rows("banking77/test.jsonl")[::EVERY]
    memory = few_an_intent(train, 0)
    strangers = train[:: len(train) // 400]
    rows = [*memory, *test, *strangers]
    here = context_ways.space(encoder, [row["text"] for row in rows], range(len(memory)))
    intents = {intent: number for number, intent in enumerate(sorted({row["intent"] for row in memory}))}
    owners = np.array([intents[row["intent"]] for row in memory])
    memories = reading.memories_of(here.vectors[: len(memory)], owners)
    scale = reading.fitted_scale(memories)
    random = np.random.default_rng(0)
    alone, switched = [], []
    for place, row in enumerate(test, start=len(memory)):
        others = [
            other for other in range(len(memory) + len(test), len(rows)) if rows[other]["intent"] != row["intent"]
        ]
        one = int(random.choice(others))
        two = int(random.choice([other for other in others if rows[other]["intent"] != rows[one]["intent"]]))
        said = Said(Role.CUSTOMER, place)
        earlier = (Said(Role.CUSTOMER, one), Said(Role.CUSTOMER, two))
        alone.append(Question(place, said, (), said))
        switched.append(Question(place, said, earlier, said))
    print(f"\nBANKING77, {len(test)} questions, s = {scale:g}\n")
    print("| way | alone | gain (95 %) | after two of other intents | gain (95 %) |\n|---|---|---|---|---|")
    wanted = np.array([intents[row["intent"]] for row in test])
    baseline: NDArray[np.float64] | None = None
    for name, way in found.items():
        cells = []
        for questions in (alone, switched):
            found_answers = cosines(way(here, questions), memories, scale).argmax(axis=1)
            hits = np.asarray(found_answers == wanted, np.float64)
            baseline = hits if baseline is None else baseline
            cells.append(f"{100 * hits.mean():.1f} | {gain(hits, baseline, np.arange(len(hits)))}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def report_speed(here: Space) -> None:
    """Print what one turn of 12 tokens costs after 128 earlier tokens, in NumPy on one thread."""
    with tempfile.TemporaryDirectory() as folder:
        TransformerDecoder(DecoderConfig(here.encoder.version, here.encoder.dimension)).save(Path(folder))
        serving = ContextDecoder(Path(folder), here.encoder.version)
    turn = np.asarray(here.states.tokens[:12], np.float32)
    earlier = [EarlierTurn(Role.AGENT, np.asarray(here.states.tokens[12:140], np.float32))]
    start = time.process_time()
    for _ in range(CALLS):
        serving.vector(turn, earlier)
    print(f"\none turn of the decoder in NumPy: {1000 * (time.process_time() - start) / CALLS:.1f} ms of CPU")


def main() -> None:
    """Print the tables."""
    torch.set_num_threads(1)
    corpora = {
        "english": [dialogue_turns.tweetsumm],
        "multilingual": [dialogue_turns.crosswoz, dialogue_turns.tweetsumm],
    }
    for name in sys.argv[1:] or list(corpora):
        encoder = open_encoder(name)
        for told in corpora[name]:
            corpus = told()
            here = context_ways.of_corpus(encoder, corpus)
            found = context_ways.ways(here, corpus)
            report(here, corpus, found)
            report_banking(encoder, found)
            report_speed(here)


if __name__ == "__main__":
    main()
