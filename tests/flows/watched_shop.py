"""Four weeks of made traffic for the sample shop, at the end of which a lamp is recalled, and the watch over them."""

from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from uuid import UUID

import numpy as np
from sqlalchemy import select

from benchmarks import data
from benchmarks.replay import Turn, replay
from bot.commands.environment import open_encoders
from bot.monitoring.watch import Monitor
from bot.serving.active_model import Serving
from bot.settings import Settings
from knowledge_base.database import Database
from knowledge_base.tables import AnswerRow
from knowledge_base.watching import observations
from knowledge_base.watching.observations import Observation

DAYS, TURNS, REVIEWS, SEED = 28, 1100, 160, 4
LOOKS = 5
RECALL = (
    "my lumen lamp got so hot that the shade melted, is there a recall?",
    "I read the Lumen lamp is recalled because it overheats. Mine too?",
    "the lamp smells burnt and the plug is hot, should I stop using it",
    "is the lumen lamp being recalled",
    "Lumen lamp overheating!! what do I do now",
    "lamp recall: do I send it back to you?",
    "my new lamp overheats, the shade is brown",
)
LIKED = (
    "Lovely mugs, arrived in three days",
    "The pan is heavier than I thought but cooks well",
    "Good service, my parcel came early",
    "The blanket is soft and warm",
)
DISLIKED = ("Delivery took two weeks", "The kettle leaks after a month", "Nobody answered my e-mail for days")


async def fill(home: Path) -> None:
    """Let these weeks have passed in the shop whose data is in a folder."""
    settings = Settings(home=home)
    database, now, random = Database(settings.database), datetime.now(UTC), np.random.default_rng(SEED)
    async with database.reading() as session:
        ids = list((await session.execute(select(AnswerRow.id).order_by(AnswerRow.id))).scalars())
    turns = [_turn(random, now, ids) for _ in range(TURNS)]
    told = cycle(RECALL)
    turns += [
        Turn(
            next(told),
            now - timedelta(minutes=4 * number + 2),
            decision="handoff",
            why="unsure",
            confidence=0.2,
            mood=-0.8,
            vote=False if number % 4 == 0 else None,
        )
        for number in range(14)
    ]
    await replay(database, sorted(turns, key=lambda turn: turn.at))
    async with database.writing() as session:
        await observations.put(session, _reviews(random, now))
    encoders = open_encoders(settings.encoders)
    async with Serving.of(database, encoders, settings).loaded() as serving:
        monitor = Monitor(database, serving, encoders)
        for _ in range(LOOKS):
            await monitor.look(now)
    await database.close()


def _turn(random: np.random.Generator, now: datetime, ids: list[UUID]) -> Turn:
    """A customer's turn at some time of some day, answered better from week to week."""
    asked = data.shop("questions.en.jsonl" if random.random() < 0.6 else "questions.zh.jsonl")
    days = float(random.uniform(0.05, DAYS))
    sure = float(np.clip(random.beta(5, 1.6) - 0.004 * days, 0.05, 0.99))
    right = bool(random.random() < sure)
    decision = "answer" if sure > 0.6 else "clarify" if sure > 0.35 else "handoff"
    return Turn(
        str(asked[int(random.integers(len(asked)) ** 0.9)]["question"]),
        now - timedelta(days=days),
        decision=decision,
        why="answer" if decision == "answer" else "unsure",
        confidence=sure,
        mood=float(np.clip(random.normal(0.15 if right else -0.4, 0.3), -1, 1)),
        wait=float(random.gamma(3, 0.03)),
        vote=right if random.random() < 0.3 else None,
        answer_id=ids[int(random.zipf(1.4)) % len(ids)] if decision == "answer" else None,
    )


def _reviews(random: np.random.Generator, now: datetime) -> list[Observation]:
    found: list[Observation] = []
    for number in range(REVIEWS):
        pleased = bool(random.random() < 0.75)
        text = (LIKED if pleased else DISLIKED)[int(random.integers(4 if pleased else 3))]
        source = ("reviews", "app", "forum")[int(random.integers(3))]
        at = now - timedelta(days=float(random.uniform(0.1, DAYS)))
        found.append(Observation(source, str(number), text, at, "en", float(random.integers(4, 6) if pleased else 2)))
    for number, text in enumerate(RECALL[:5]):
        at = now - timedelta(minutes=8 * number + 3)
        found.append(Observation("reviews", f"recall-{number}", text, at, "en", 1.0))
    return found
