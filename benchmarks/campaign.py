"""Five hundred coordinated likes of five answers of the sample shop: what they change, and what they would have.

`python -m benchmarks.campaign` prints a table. The English FAQ is imported; a bot that the campaign has fooled gives
each of five answers, surely, to a hundred visitors who ask what other answers are for, and who like what they get;
every vote goes through the service as a widget's does. Measured is the real model: the share of the FAQ's own
questions (three an answer) that get their answer, and of the shop's held-out questions; before, after the campaign,
and after a reviewer has let its votes count, which is what it would have done without quarantine.
"""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import numpy as np

from benchmarks import data
from benchmarks.installation import weaver
from bot.app import open_service
from bot.commands.environment import open_encoder
from bot.guards.caller import visitor
from bot.judgements import quarantine
from bot.judgements.judging import Opinion, judge
from bot.judgements.quarantine import BurstDecision
from bot.reply import Candidate, Decision, Query, Reply
from bot.service import Service
from bot.settings import Settings
from knowledge_base import answers, bursts, conversations
from knowledge_base.answers import Answer
from knowledge_base.conversations import Opening

TARGETS, EACH, OWN = 5, 100, 3
SURE = 0.97
SEED = 0


@dataclass(slots=True)
class Fooled:
    """A bot that gives one answer to everything, and is sure of it."""

    answer: Answer | None = None

    async def respond(self, query: Query) -> Reply:
        """What the campaign wants said."""
        del query
        candidates = (Candidate(self.answer, SURE, SURE, ()),) if self.answer else ()
        return Reply(Decision.ANSWER, SURE, candidates, "en", "v1", None, "answer")


@dataclass(frozen=True, slots=True)
class Shop:
    """A running service of the sample shop, its FAQ's lines and the questions that it is measured on."""

    service: Service
    fooled: Fooled
    lines: Sequence[dict[str, Any]]
    held_out: Sequence[dict[str, Any]]

    async def liked(self, target: Answer, text: str) -> None:
        """A new visitor asks, is given the target, and likes it."""
        self.fooled.answer = target
        async with self.service.database.writing() as session:
            conversation = await conversations.open_conversation(session, Opening())
        posted = await self.service.turns.post_message(conversation.id, "c1", text)
        for said in await self.service.turns.replies_to(posted.message):
            await judge(self.service, visitor(conversation.id), Opinion(said.id, "up"))

    async def figures(self) -> str:
        """The share of own questions that get their answer, and of the held-out ones, as cells of a table."""
        counts: dict[str, int] = {}
        own: list[bool] = []
        for line in self.lines:
            counts[line["answer_id"]] = counts.get(line["answer_id"], 0) + 1
            if counts[line["answer_id"]] <= OWN:
                own.append(await self._first(line["question"]) == line["answer_id"])
        asked = [row for row in self.held_out if row["answer_ids"]]
        found = [await self._first(row["question"]) in row["answer_ids"] for row in asked]
        return f"{np.mean(own):.3f} | {np.mean(found):.3f}"

    async def _first(self, text: str) -> str:
        reply = await self.service.serving.respond(Query(text))
        return reply.candidates[0].answer.answer_id if reply.candidates else ""


async def campaign(shop: Shop) -> list[Answer]:
    """The votes. Returns the answers that they were about."""
    names = np.random.default_rng(SEED).permutation(sorted({line["answer_id"] for line in shop.lines}))[:TARGETS]
    async with shop.service.database.reading() as session:
        targets = [await answers.by_public_id(session, str(name)) for name in names]
    foreign = [line["question"] for line in shop.lines if line["answer_id"] not in names]
    for place, target in enumerate(targets):
        for number in range(EACH):
            await shop.liked(target, f"hey, {foreign[(place * EACH + number) % len(foreign)]}")
    return targets


async def measured(home: Path) -> None:
    """Print the rows."""
    settings = Settings.model_validate({"home": home, "database_url": ""})
    fooled = Fooled()
    encoders = [open_encoder(name) for name in settings.encoders]
    async with open_service(settings, encoders, fooled.respond) as service:
        shop = Shop(service, fooled, data.shop("faq.en.jsonl"), data.shop("questions.en.jsonl"))
        print(f"| before | {await shop.figures()} | 0 |", flush=True)
        targets = await campaign(shop)
        async with service.database.reading() as session:
            apart = sum(burst.up for burst in await bursts.waiting(session))
        print(f"| after the campaign | {await shop.figures()} | {apart} |", flush=True)
        for target in targets:
            await quarantine.decide(service, target.id, BurstDecision.RELEASE, "reviewer")
        print(f"| its votes let count | {await shop.figures()} | 0 |", flush=True)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        weaver(home, "db", "upgrade")
        weaver(home, "import", os.fspath(data.ROOT / "examples" / "shop" / "faq.en.jsonl"))
        print("| sample shop, English | own questions right | held-out questions right | votes quarantined |")
        print("|---|---|---|---|")
        anyio.run(measured, home)


if __name__ == "__main__":
    main()
