"""Labelled turns of real customers and agents, as the benchmarks of the heads read them."""

import html
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import data
from knowledge_base.ingestion import mining
from knowledge_base.privacy import mask

AGENT_TURNS, SEED = 1500, 0
SENTIMENTS = ("negative", "neutral", "positive")
_HANDLE = re.compile(r"@\w+")


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """Texts with what people, or rules, said of each. Shape: labels (n,)."""

    texts: list[str]
    labels: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CustomerTurns:
    """All customers' turns of some dialogues.

    Shapes: whether a turn was marked as negative (n,); whether it is the dialogue's first (n,); its dialogue (n,);
    whether the customer of a dialogue showed gratitude (dialogues,).
    """

    texts: list[str]
    negative: NDArray[np.bool_]
    first: NDArray[np.bool_]
    dialogues: NDArray[np.int64]
    grateful: NDArray[np.bool_]


def without_handles(text: str) -> str:
    """A post without the accounts that it is addressed to; the whole post when nothing else is in it."""
    return " ".join(_HANDLE.sub(" ", html.unescape(text)).split()) or text


def airline_posts() -> Turns:
    """Posts to airlines, labelled with places in SENTIMENTS."""
    rows = data.rows("airline_tweets/dev.jsonl")
    labels = np.array([SENTIMENTS.index(row["sentiment"]) for row in rows])
    return Turns([without_handles(row["text"]) for row in rows], labels)


def delivery_reviews() -> Turns:
    """Chinese reviews of food deliveries: 0 negative, 1 positive."""
    rows = data.rows("waimai_10k/dev.jsonl")
    return Turns([row["text"] for row in rows], np.array([int(row["label"]) for row in rows]))


def customer_turns() -> CustomerTurns:
    """The customers' turns of the labelled dialogues on a social network."""
    texts: list[str] = []
    marks: list[tuple[bool, bool, int]] = []
    rows = _labelled_dialogues()
    for number, row in enumerate(rows):
        negative = set(row["labels_fork"]["negative_turns"])
        places = [place for place, turn in enumerate(row["turns"]) if turn["role"] == "customer"]
        texts += [without_handles(row["turns"][place]["text"]) for place in places]
        marks += [(place in negative, place == places[0], number) for place in places]
    marked, first, dialogues = (np.array(column) for column in zip(*marks, strict=True))
    grateful = np.array([bool(row["labels_fork"]["has_gratitude"]) for row in rows])
    return CustomerTurns(texts, marked, first, dialogues, grateful)


def agent_turns() -> Turns:
    """A sample of agents' turns, masked and trimmed as the miner does it: 1 where its rules find an answer."""
    all_turns = [turn["text"] for row in _labelled_dialogues() for turn in row["turns"] if turn["role"] == "agent"]
    chosen = np.random.default_rng(SEED).choice(len(all_turns), AGENT_TURNS, replace=False)
    trimmed = [mining.trim(mask(html.unescape(all_turns[place])).text) for place in chosen]
    texts = [text for text in trimmed if text]
    return Turns(texts, np.array([mining.why_no_answer(text) is None for text in texts], np.int64))


def _labelled_dialogues() -> list[dict[str, Any]]:
    return [*data.rows("tweetsumm/train.jsonl"), *data.rows("tweetsumm/valid.jsonl")]
