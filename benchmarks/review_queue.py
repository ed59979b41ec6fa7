"""The review queue of ten thousand failures: what its page asks of the database, in ms of CPU.

`python -m benchmarks.review_queue [FAILURES]`: half of them are clusters of their own, the others join those. Each
figure is the best of five; the page adds one conversation and its rendering.
"""

import random
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge_base import schema
from knowledge_base.database import Database
from knowledge_base.identifiers import new_id
from knowledge_base.reviews import queue
from knowledge_base.reviews.filters import Filters
from knowledge_base.tables import (
    Base,
    BotMessageRow,
    ConversationRow,
    DialogueRow,
    FeedbackRow,
    ReviewMemberRow,
    TurnRow,
)
from knowledge_base.tables.base import now

FAILURES, SHOWN, LOOKS, ROWS_A_BATCH = 10_000, 50, 5, 1_000
Ask = Callable[[AsyncSession], Awaitable[object]]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FAILURES
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'weaver.db'}"
        schema.upgrade(url)
        anyio.run(_measure, url, count)


async def _measure(url: str, count: int) -> None:
    database = Database(url)
    async with database.writing() as session:
        await _fill(session, count)
    async with database.reading() as session:
        listed = [cluster.id for cluster in await queue.clusters(session, Filters(), SHOWN)]
    asked: dict[str, Ask] = {
        "clusters, ranked": lambda session: queue.clusters(session, Filters(), SHOWN),
        "their questions": lambda session: queue.items(session, Filters(), listed, 1),
        "counts by state": lambda session: queue.counts(session, Filters()),
        "what filters offer": queue.choices,
        "clusters of one reason and language": lambda session: queue.clusters(
            session, Filters(reason="wrong", language="en"), SHOWN
        ),
    }
    for name, ask in asked.items():
        print(f"{name}: {await _best(database, ask):.0f} ms")
    await database.close()


async def _best(database: Database, ask: Ask) -> float:
    times: list[float] = []
    for _ in range(LOOKS):
        begun = time.process_time()
        async with database.reading() as session:
            await ask(session)
        times.append(1000 * (time.process_time() - begun))
    return min(times)


async def _fill(session: AsyncSession, count: int) -> None:
    chance, moment = random.Random(0), now()
    rows: dict[type[Base], list[dict[str, Any]]] = {}
    founded: list[Any] = []
    for number in range(count):
        dialogue, asked, said = new_id(), new_id(), new_id()
        at, sure = moment - timedelta(days=60 * chance.random()), chance.random()
        if number % 2 == 0:
            founded.append(said)
        cluster = said if number % 2 == 0 else chance.choice(founded)
        made: dict[type[Base], list[dict[str, Any]]] = {
            DialogueRow: [{"id": dialogue, "source": "chat", "channel": "chat", "created_at": at}],
            ConversationRow: [{"dialogue_id": dialogue, "last_seq": 2, "updated_at": at}],
            TurnRow: [
                _turn(asked, dialogue, 1, "customer", at) | {"text": f"question {number}"},
                _turn(said, dialogue, 2, "bot", at) | {"text": "answer", "in_reply_to": 1},
            ],
            BotMessageRow: [
                {
                    "turn_id": said,
                    "decision": "answer",
                    "confidence": sure,
                    "candidates": [{"answer_id": f"a{place}", "probability": 0.1} for place in range(10)],
                    "suggestions": [],
                }
            ],
            FeedbackRow: [
                {
                    "id": new_id(),
                    "turn_id": said,
                    "dialogue_id": dialogue,
                    "rating": "down",
                    "reason": chance.choice(["wrong", "unclear", None]),
                    "rater": f"visitor:{dialogue}",
                    "rater_role": "visitor",
                    "created_at": at,
                }
            ],
            ReviewMemberRow: [
                {
                    "turn_id": said,
                    "cluster_id": cluster,
                    "collection": "default",
                    "language": "en",
                    "encoder": "none",
                    "confidence": sure,
                    "damage": 1.0,
                }
            ],
        }
        for table, new in made.items():
            rows.setdefault(table, []).extend(new)
    for table, new in rows.items():
        for start in range(0, len(new), ROWS_A_BATCH):
            await session.execute(insert(table), new[start : start + ROWS_A_BATCH])


def _turn(turn: object, dialogue: object, ordinal: int, role: str, at: object) -> dict[str, Any]:
    return {"id": turn, "dialogue_id": dialogue, "ordinal": ordinal, "role": role, "at": at, "in_reply_to": None}


if __name__ == "__main__":
    main()
