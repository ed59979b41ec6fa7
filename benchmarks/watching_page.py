"""The page that watches, of a large installation: what it takes of the server, in ms of CPU.

`python -m benchmarks.watching_page [TURNS]` stores so many turns of the last 90 days, one in ten with a vote, 2,000
answers, and outside texts, lets the watch count them, and asks the real service for its page by HTTP. Each figure is
the best of five.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import numpy as np
from starlette.testclient import TestClient

from benchmarks.replay import Turn, replay
from bot.app import create_app
from bot.commands.environment import open_encoder
from bot.guards import passwords
from bot.monitoring import mapping
from bot.monitoring.overview import PERIODS
from bot.monitoring.watch import Monitor
from bot.serving.active_model import Serving
from bot.serving.options import DecisionOptions
from bot.settings import Settings
from knowledge_base import accounts, answers, keys, positions, schema
from knowledge_base.accounts import AccountRole
from knowledge_base.answers import AnswerDraft
from knowledge_base.database import Database
from knowledge_base.positions import PositionDraft
from knowledge_base.watching import observations, watch
from knowledge_base.watching.observations import Observation
from weaver_core.dialogue import PositionKind
from weaver_core.encoders.encoder import Encoder

LIKED = 0.8
TURNS, ANSWERS, OUTSIDE, DAYS, LOOKS = 100_000, 2000, 2000, 90, 5
PASSWORD = "correct horse battery"  # noqa: S105 - of an installation that lives as long as this


def main() -> None:
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else TURNS
    with TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database_url=f"sqlite:///{Path(folder) / 'weaver.db'}")
        schema.upgrade(settings.database)
        encoder = open_encoder("english", threads=1)
        anyio.run(fill, settings, encoder, turns)
        with TestClient(create_app(settings, [encoder])) as client:
            client.post("/login", data={"name": "ada", "password": PASSWORD, "next": ""})
            for days in PERIODS:
                print(f"{turns:,} turns, {days} days: {best(client, f'/admin/watching?days={days}'):.0f} ms of CPU")


def best(client: TestClient, path: str) -> float:
    """The least CPU milliseconds that a page took."""
    times: list[float] = []
    for _ in range(LOOKS):
        begun = time.process_time()
        assert client.get(path).status_code == 200  # noqa: PLR2004 - it is there
        times.append(1000 * (time.process_time() - begun))
    return min(times)


async def fill(settings: Settings, encoder: Encoder, count: int) -> None:
    """An installation that has answered so many turns."""
    database, random, now = Database(settings.database), np.random.default_rng(0), datetime.now(UTC)
    async with database.writing() as session:
        await accounts.add(session, "ada", AccountRole.REVIEWER, await passwords.hash_password(PASSWORD), "benchmark")
    vectors = random.normal(size=(ANSWERS, encoder.dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    async with database.writing() as session:
        for number in range(ANSWERS):
            answer = await answers.create(session, AnswerDraft(f"Answer {number}.", f"Title {number}"), "benchmark")
            (key,) = await positions.add(
                session, answer.id, [PositionDraft(PositionKind.QUESTION, f"question {number}")]
            )
            await keys.put(session, encoder.version, {key: vectors[number]}, [answer.id])
        outside = [
            Observation(f"source {number % 5}", str(number), f"text {number}", now - timedelta(hours=number), "en", 3.0)
            for number in range(OUTSIDE)
        ]
        await observations.put(session, outside)
    turns = [
        Turn(
            f"where is parcel number {number}?",
            now - timedelta(days=float(random.uniform(0, DAYS))),
            decision=("answer", "answer", "answer", "clarify", "handoff")[number % 5],
            confidence=float(random.uniform(0.3, 1)),
            vote=None if number % 10 else bool(random.random() < LIKED),
            wait=float(random.gamma(2, 0.1)),
        )
        for number in range(count)
    ]
    await replay(database, sorted(turns, key=lambda turn: turn.at))
    async with Serving(database, [encoder], DecisionOptions()).loaded() as serving:
        begun = time.process_time()
        monitor = Monitor(database, serving, [encoder])
        async with database.writing() as session:
            await watch.hold(session, "benchmark", now, now + timedelta(seconds=1))
        await monitor.count(now + timedelta(minutes=1))
        print(f"counted once: {time.process_time() - begun:.1f} s of CPU")
        begun = time.process_time()
        await monitor.look(now + timedelta(minutes=1))
        print(f"first look, {400} texts read: {time.process_time() - begun:.1f} s of CPU")
        begun = time.process_time()
        await mapping.draw(database, serving.encoders)
        print(f"the map, unchanged: {1000 * (time.process_time() - begun):.0f} ms of CPU")
    await database.close()


if __name__ == "__main__":
    main()
