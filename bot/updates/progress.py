"""How far a run is: its stages, what it says of them, and its signs of life in the database."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import anyio

from bot.background import beside
from knowledge_base import update_runs
from knowledge_base.database import Database
from knowledge_base.errors import RunLostError
from knowledge_base.update_runs import Sign, UpdateRun
from weaver_core.training.progress import Progress, Report

BEAT_SECONDS = 5.0
# How much of a run each stage is, in the order in which they come.
GATHER, JUDGE, TRAIN, ENCODE, FIT, GATE = "gather", "judge", "train", "encode", "fit", "gate"
STAGES = {GATHER: 0.02, JUDGE: 0.08, TRAIN: 0.5, ENCODE: 0.2, FIT: 0.1, GATE: 0.1}

# The name under which a run's figures hold the losses, and so many points of a curve as are kept: more are not seen.
TRAINING, MOST_POINTS = "training", 240

# Is told each stage and how far the whole is.
Heard = Callable[[str, float], None]
# Is told how many of how many parts of a stage are done.
Parts = Callable[[int, int], None]


class RunProgress:
    """How far one run is, as its next sign of life will say."""

    def __init__(self, figures: Mapping[str, Any] | None = None) -> None:
        """Nothing is done yet; `figures` are what an earlier process of the same run kept."""
        self._stage, self._done = GATHER, 0.0
        held: Mapping[str, list[list[float]]] = (figures or {}).get(TRAINING, {})
        self._losses = {name: {int(step): loss for step, loss in points} for name, points in held.items()}
        self._words: list[str] = []
        self._ending = False

    def begin(self, stage: str) -> Parts:
        """Say that a stage begins. Returns what is to be told how far it is."""
        self._stage = stage
        parts = partial(self._hear, stage)
        parts(0, 1)
        return parts

    def share(self, stage: str, place: int, places: int) -> Parts:
        """What is to be told how far one of a stage's equal parts is."""

        def hear(done: int, total: int) -> None:
            self._hear(stage, place * max(1, total) + done, places * max(1, total))

        return hear

    def training(self, encoder: str, place: int, places: int) -> Report:
        """What is to be told each step of an encoder's training, one of so many; its loss is kept."""
        hear = self.share(TRAIN, place, places)

        def learn(now: Progress) -> None:
            hear(now.step, now.total)
            losses = self._losses.setdefault(encoder, {})
            losses[now.step] = round(now.loss, 5)
            if len(losses) > MOST_POINTS:
                # Every second one, and the last: the curve keeps its shape.
                kept = sorted(losses)[::-2]
                self._losses[encoder] = {step: losses[step] for step in reversed(kept)}

        return learn

    def figures(self) -> dict[str, Any]:
        """The losses by step of each encoder that was trained, nothing where none was."""
        curves = {name: [[step, losses[step]] for step in sorted(losses)] for name, losses in self._losses.items()}
        return {TRAINING: curves} if curves else {}

    def say(self, sentence: str) -> None:
        """Add a sentence to the run's log."""
        self._words.append(sentence)

    def end(self) -> None:
        """From here on there are no more signs of life: the run is being closed."""
        self._ending = True

    def said(self) -> list[str]:
        """What was said since this was asked last."""
        said, self._words = self._words, []
        return said

    def _hear(self, stage: str, done: int, total: int) -> None:
        names = list(STAGES)
        before = sum(STAGES[name] for name in names[: names.index(stage)])
        self._done = before + STAGES[stage] * done / max(1, total)

    def told(self, database: Database, run: UpdateRun, heard: Heard | None) -> AbstractAsyncContextManager[None]:
        """Give a sign of life again and again. Inside, RunLostError is raised once the run is another's or nobody's."""
        return beside(self._beat, database, run, heard)

    async def _beat(self, database: Database, run: UpdateRun, heard: Heard | None) -> None:
        while not self._ending:
            said = "\n".join(self.said())
            try:
                async with database.writing() as session:
                    sign = Sign(self._stage, self._done, said, self.figures())
                    await update_runs.report(session, run, sign)
            except RunLostError:
                if self._ending:
                    return
                raise
            if heard is not None:
                heard(self._stage, self._done)
            await anyio.sleep(BEAT_SECONDS)
