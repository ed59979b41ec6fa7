"""What the bot makes of a turn before it reads the memory: courtesies, wishes for a person, two questions in one turn.

`python -m benchmarks.understanding` prints how many turns of real data the rules take for a courtesy or a wish, and
what 300 turns get that were joined from two questions of different intents of BANKING77 (train questions not in the
memory of ten an intent): read as a whole, and as the bot does it. The last rows take single questions in the
same way: two answers to one question are one too many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import anyio
import numpy as np

from benchmarks import data, in_process
from benchmarks.banking77 import faq_lines, few_an_intent
from bot.reply import Query, Reply
from bot.serving.retriever import Retriever
from bot.turns.dialogue_policy import DialoguePolicy
from knowledge_base.identifiers import new_id
from knowledge_base.messages import Message
from weaver_core.dialogue import Role
from weaver_core.texts.person_wish import wants_person
from weaver_core.texts.small_talk import small_talk

PAIRS = 300
SINGLE = 1000
SEED = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn and the intents that it asks about."""

    text: str
    intents: frozenset[str]


def customer_turns(path: str) -> list[str]:
    """What customers say in a file of dialogues."""
    return [turn["text"] for row in data.rows(path) for turn in row["turns"] if turn["role"] == "customer"]


def rules() -> None:
    """Print how often the rules speak on real turns."""
    sets = {
        "BANKING77, all questions": [
            row["text"] for part in ("train", "test") for row in data.rows(f"banking77/{part}.jsonl")
        ],
        "CLINC150, all questions": [
            row["text"] for part in ("train", "test") for row in data.rows(f"clinc150/{part}.jsonl")
        ],
        "TweetSumm, customers' turns": customer_turns("tweetsumm/dialogues.jsonl"),
        "CrossWOZ, customers' turns": customer_turns("crosswoz/dialogues.jsonl"),
    }
    print("| turns | | a courtesy | a wish for a person |\n|---|---|---|---|")
    for name, texts in sets.items():
        courtesies, wishes = sum(map(bool, map(small_talk, texts))), sum(map(wants_person, texts))
        print(f"| {name} | {len(texts):,} | {courtesies:,} | {wishes} |", flush=True)


def joined(rows: Sequence[dict[str, str]], random: np.random.Generator) -> list[Turn]:
    """Turns of two questions of different intents, as people join them."""
    found: list[Turn] = []
    while len(found) < PAIRS:
        first, second = (rows[place] for place in random.choice(len(rows), 2, replace=False))
        if first["intent"] == second["intent"]:
            continue
        one, two = first["text"].rstrip("?. "), second["text"].rstrip("?. ")
        text = f"{one} and {two[:1].lower()}{two[1:]}?" if len(found) % 3 == 0 else f"{one}? {two}?"
        found.append(Turn(text, frozenset({first["intent"], second["intent"]})))
    return found


async def answered(retriever: Retriever, turns: Iterable[Turn], *, whole: bool) -> list[list[str]]:
    """The answers that each turn gets."""

    async def respond(query: Query) -> Reply:
        return retriever.respond(query)

    async def sounds(_text: str) -> None:
        return None

    policy = DialoguePolicy(respond, sounds)
    found: list[list[str]] = []
    for turn in turns:
        if whole:
            replies = [retriever.respond(Query(turn.text))]
        else:
            message = Message(1, new_id(), new_id(), Role.CUSTOMER, turn.text, datetime.now(UTC))
            replies = [part.reply for part in (await policy.decide(message, (), "default")).parts]
        found.append([reply.answer.answer_id for reply in replies if reply.answer])
    return found


def row(name: str, turns: Sequence[Turn], given: Sequence[Sequence[str]], numbers: dict[str, int]) -> str:
    """A line of the table."""
    wanted = [{f"answer-{numbers[intent]}" for intent in turn.intents} for turn in turns]
    every = [set(got) == right for got, right in zip(given, wanted, strict=True)]
    some = [bool(got) and set(got) < right for got, right in zip(given, wanted, strict=True)]
    wrong = [bool(set(got) - right) for got, right in zip(given, wanted, strict=True)]
    several = [len(got) > 1 for got in given]
    return f"| {name} | " + " | ".join(f"{np.mean(part):.1%}" for part in (every, some, wrong, several)) + " |"


def main() -> None:
    """Print the tables."""
    rules()
    train, test = data.rows("banking77/train.jsonl"), data.rows("banking77/test.jsonl")
    numbers = {intent: number for number, intent in enumerate(sorted({row["intent"] for row in train}))}
    few = few_an_intent(train, SEED)
    known = {row["text"] for row in few}
    within = in_process.encoders()
    memory = in_process.memories(list(in_process.faq(faq_lines(few, numbers))), "en", within)
    retriever, _ = in_process.installed(memory, within)
    random = np.random.default_rng(SEED)
    pairs = joined([row for row in train if row["text"] not in known], random)
    single = [
        Turn(row["text"], frozenset({row["intent"]})) for row in random.permutation(np.array(test, object))[:SINGLE]
    ]
    print("\n| turns | all answers | some of them, nothing wrong | a wrong one | several |\n|---|---|---|---|---|")
    for name, turns in (("two questions", pairs), ("one question", single)):
        for way, whole in (("read as a whole", True), ("as the bot does it", False)):
            given = anyio.run(partial(answered, retriever, turns, whole=whole))
            print(row(f"{name}, {way}", turns, given, numbers), flush=True)


if __name__ == "__main__":
    main()
