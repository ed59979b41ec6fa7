"""Drift: half of BANKING77's intents are unknown and unasked, then come in: when it is noticed, and what is learned.

`python -m benchmarks.drift [--seed 0] [--turns 4000] [--ordinary] [--replay]` imports ten questions an intent of one
half of the intents and lets visitors ask other train questions through the use case of the product
(`benchmarks.learning`): 1,200 turns of the known half, then turns of both halves as they come. One vote in ten is
wrong; a fifth of the thumbs-down is corrected, and where there is no answer yet the reviewer writes it. An update
(without training) runs after every thousand turns. Printed: when the alarm was raised and when it ended, what it
showed, test accuracy@1 on either half on the way, and how many false alarms many orders of the known half's questions
raise. `--ordinary` knows all intents from the start; `--replay` tells the alarms of a finished run again, or those that
another simulation's installation would have raised.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from uuid import UUID

import anyio
import numpy as np
from numpy.typing import NDArray

from benchmarks import data, vectors
from benchmarks.in_process import ENCODERS, KeptEncoder, encoders
from benchmarks.learning import installation
from benchmarks.learning.clock import simulated
from benchmarks.learning.updates import Updates
from benchmarks.learning.world import TURNS, Asked, Voters, World, world
from bot.app import open_service
from bot.guards.caller import Caller, visitor
from bot.judgements.correction import CorrectionError, RightAnswer
from bot.judgements.judging import Opinion, judge
from bot.reply import Query, Respond
from bot.service import Service
from bot.updates import drifting
from knowledge_base import conversations, drifts
from knowledge_base.accounts import AccountRole
from knowledge_base.conversations import Opening
from knowledge_base.database import Database
from knowledge_base.feedback import DOWN, UP
from knowledge_base.messages import Message
from weaver_core import drift
from weaver_core.drift import Watch

FOLDER = vectors.CACHE / "drift"
NOISE = 0.1
# Turns before the change; between two looks; between two measurements; between two updates.
BEFORE, LOOKED, MEASURED, UPDATED = 1200, 50, 500, 1000
# Every third test question measures.
TEST_EVERY = 3
# A month of two hundred turns a day, in so many orders.
MONTH, ORDERS = 6000, 500
REVIEWER = Caller("reviewer", AccountRole.REVIEWER)


@dataclass(slots=True)
class Course:
    """What happened: the turns in their order by the bot's messages, and what was measured after so many."""

    turns: dict[UUID, int] = field(default_factory=dict[UUID, int])
    right: list[bool] = field(default_factory=list[bool])
    confidences: list[float] = field(default_factory=list[float])
    alarms: dict[UUID, str] = field(default_factory=dict[UUID, str])


def halves(chosen: World) -> frozenset[str]:
    """The answers of the half that is known from the start."""
    every = sorted({asked.answer_id for asked in chosen.memory})
    return frozenset(np.random.default_rng((chosen.seed, 77)).permutation(every)[: len(every) // 2].tolist())


def changing(chosen: World, known: frozenset[str], turns: int) -> World:
    """The world whose memory is the known half, which alone is asked for at first."""
    first = [asked for asked in chosen.turns if asked.answer_id in known][:BEFORE]
    taken = set(first)
    later = [asked for asked in chosen.turns if asked not in taken]
    memory = tuple(asked for asked in chosen.memory if asked.answer_id in known)
    return replace(chosen, memory=memory, turns=(*first, *later)[:turns])


async def run(chosen: World, known: frozenset[str], within: Sequence[KeptEncoder], folder: Path) -> None:
    """All turns of a world, told as they go."""
    course = Course()
    settings = installation.settings_of(folder)
    update = Updates(within, ENCODERS).run
    with simulated(0) as move_to:
        await installation.install(folder, chosen, within)
        async with open_service(settings, within) as service:
            await _measure(service, chosen, known, course)
            for number in range(len(chosen.turns)):
                move_to(number)
                await _turn(service, chosen, number, course)
                if (number + 1) % LOOKED == 0:
                    await _look(service, course)
                if (number + 1) % UPDATED == 0:
                    say(await update(service, number + 1))
                    await service.serving.settle()
                if (number + 1) % MEASURED == 0:
                    await _measure(service, chosen, known, course)


async def _turn(service: Service, chosen: World, number: int, course: Course) -> None:
    """A new visitor asks and votes, and a reviewer corrects."""
    asked, drawn = chosen.turns[number], Voters(NOISE).chances(chosen.seed, number)
    async with service.database.writing() as session:
        opened = await conversations.open_conversation(session, Opening(external_id=f"visitor-{number}"))
    posted = await service.turns.post_message(opened.id, "1", asked.text)
    reply = (await service.turns.replies_to(posted.message))[0]
    assert reply.bot is not None
    right = reply.answer is not None and reply.answer.text == asked.answer
    course.turns[reply.id] = number + 1
    course.right.append(right)
    course.confidences.append(reply.bot.confidence)
    up = right != drawn.wrong
    await judge(service, visitor(opened.id), Opinion(reply.id, UP if up else DOWN))
    if not up and drawn.corrected:
        await _correct(service, reply, asked, chosen)


async def _correct(service: Service, reply: Message, asked: Asked, chosen: World) -> None:
    imported = any(line.answer_id == asked.answer_id for line in chosen.memory)
    right = RightAnswer(asked.answer_id) if imported else RightAnswer(text=asked.answer, title=asked.answer)
    try:
        await judge(service, REVIEWER, Opinion(reply.id, DOWN, right=right))
    except CorrectionError as error:
        say(f"not corrected: {error}")


async def _look(service: Service, course: Course) -> None:
    """Look as the service does, and tell what is new."""
    await drifting.look(service.database, service.serving)
    async with service.database.reading() as session:
        newest = await drifts.newest(session)
    if newest is None or course.alarms.get(newest.id) == newest.state:
        return
    course.alarms[newest.id] = newest.state
    turn = course.turns[newest.seen_turn_id]
    if newest.state == drifts.OVER:
        say(f"alarm over after turn {turn}")
        return
    change = await drifting.current(service.database)
    assert change is not None
    begun, since, before = course.turns[newest.since_turn_id], change.since, newest.before
    say(f"alarm after turn {turn}, {turn - BEFORE} after the change; a change since turn {begun}")
    say(
        f"more probably wrong than right: {since.happened} of {since.total}, before {before.happened} of {before.total}"
    )
    for one in change.typical:
        say(f"typical: {one.text}")


async def alarms(folder: Path) -> None:
    """Tell the alarms that the chart raises over all turns of an installation, and without the votes on them."""
    database = Database(installation.settings_of(folder).database)
    async with database.reading() as session:
        said = await drifts.replies(session, None, TURNS)
        sure = await drifts.confidences(session, {reply.version_id for reply in said if reply.version_id})
    await database.close()
    for name, replies in (("with the votes", said), ("without votes", [replace(one, votes=()) for one in said])):
        quiet = never = True
        for turn, (_, watch) in enumerate(drifting.chart(None, replies, sure), start=1):
            if quiet is not (watch.bad is None):
                since = f"; a change since turn {turn + 1 - watch.since.total}" if quiet else ""
                say(f"{name}: alarm {'raised' if quiet else 'over'} after turn {turn}{since}")
            quiet = watch.bad is None
            never = never and quiet
        if never:
            say(f"{name}: no alarm in {len(replies):,} turns")


async def _measure(service: Service, chosen: World, known: frozenset[str], course: Course) -> None:
    test = chosen.test[::TEST_EVERY]
    old = [asked for asked in test if asked.answer_id in known]
    new = [asked for asked in test if asked.answer_id not in known]
    figures = [await accuracy(part, service.respond) for part in (old, new)]
    online = np.mean(course.right[-MEASURED:]) if course.right else np.nan
    sure = np.mean(course.confidences[-MEASURED:]) if course.right else np.nan
    row = (f"{len(course.turns):,}", *(f"{figure:.4f}" for figure in (*figures, online, sure)))
    print(f"| {' | '.join(row)} | {'yes' if 'open' in course.alarms.values() else ''} |", flush=True)


async def accuracy(asked: Sequence[Asked], respond: Respond) -> float:
    """The share of questions whose likeliest answer has the right text; NaN of none."""
    right = 0
    for one in asked:
        candidates = (await respond(Query(one.text))).candidates
        right += bool(candidates) and candidates[0].answer.text == one.answer
    return right / len(asked) if asked else float("nan")


def false_alarms(wrong: NDArray[np.float64], seed: int) -> int:
    """How many months of the same questions, each in another order, raise an alarm."""
    random = np.random.default_rng(seed)
    return sum(_alarmed(random.choice(wrong, MONTH)) for _ in range(ORDERS))


def _alarmed(month: NDArray[np.float64]) -> bool:
    watch = Watch()
    for chance in month.tolist():
        watch = drift.step(watch, chance)
        if watch.bad is not None:
            return True
    return False


def say(line: str) -> None:
    """What happened, as a comment in the table's text."""
    print(f"<!-- {line} -->", flush=True)


async def _of_the_same(chosen: World, within: Sequence[KeptEncoder]) -> NDArray[np.float64]:
    """The chances to be wrong of all turns that ask for what is known, before anything is learned.

    By confidence alone, and with a vote on each. Shape: (2, n).
    """
    folder = FOLDER / f"{chosen.name}-{chosen.seed}-same"
    await installation.install(folder, chosen, within)
    answers = {asked.answer_id for asked in chosen.memory}
    async with open_service(installation.settings_of(folder), within) as service:
        asked = [one for one in chosen.turns if one.answer_id in answers]
        replies = [await service.respond(Query(one.text)) for one in asked]
    votes = [
        (reply.candidates[0].answer.text == one.answer) != Voters(NOISE).chances(chosen.seed, number).wrong
        for number, (one, reply) in enumerate(zip(asked, replies, strict=True))
    ]
    alone = [1 - reply.confidence for reply in replies]
    voted = [drift.wrong_chance(reply.confidence, [up]) for reply, up in zip(replies, votes, strict=True)]
    return np.array([alone, voted])


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--turns", type=int, default=4000)
    parser.add_argument("--replay", nargs="?", const="", metavar="FOLDER", help="tell an installation's alarms again")
    parser.add_argument("--ordinary", action="store_true", help="all intents are known from the start")
    asked = parser.parse_args()
    chosen = world("banking77", asked.seed)
    every = frozenset(line.answer_id for line in chosen.memory)
    known = every if asked.ordinary else halves(chosen)
    folder = Path(asked.replay or FOLDER / f"{chosen.name}-{chosen.seed}-{len(known)}")
    if asked.replay is None:
        within = encoders()
        for encoder in within:
            for part in ("train", "test"):
                encoder.learn([row["text"] for row in data.rows(f"banking77/{part}.jsonl")])
        same = anyio.run(partial(_of_the_same, changing(chosen, known, len(chosen.turns)), within))
        for name, wrong in zip(("by confidence alone", "all voted on"), same, strict=True):
            months = f"{false_alarms(wrong, asked.seed)} of {ORDERS} months of {MONTH} turns"
            say(f"{months} of what is known raised an alarm, {name}")
        print("| turns | known half | other half | online | confidence | alarm |\n|---|---|---|---|---|---|")
        anyio.run(partial(run, changing(chosen, known, asked.turns), known, within, folder))
    anyio.run(partial(alarms, folder))


if __name__ == "__main__":
    main()
