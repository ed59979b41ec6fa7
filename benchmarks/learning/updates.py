"""The product's update run, in this process, after a thousand turns: with or without training the encoders."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import holder
from bot.service import Service
from bot.serving.encoder_shelf import EncoderShelf
from bot.serving.options import options_of
from bot.updates.run import Plan, Update
from knowledge_base import update_runs
from weaver_core.encoders.encoder import Encoder

ACTOR = "benchmark"


@dataclass(frozen=True, slots=True)
class Updates:
    """Updates that train the encoders after some numbers of turns, and judge votes again and fit the read after all.

    `names` are what the settings call the encoders.
    """

    encoders: Sequence[Encoder]
    names: Sequence[str]
    trained_after: frozenset[int] = frozenset()

    async def run(self, service: Service, turns: int) -> str:
        """One update, as `weaver update` carries it out. Returns what it says."""
        async with service.database.writing() as session:
            asked = await update_runs.request(session, ACTOR)
            run = await update_runs.claim(session, asked.id, holder.this_process())
        plan = Plan(service.settings.home / "updates", ACTOR, train=turns in self.trained_after)
        shelf = EncoderShelf(self.encoders, self.names)
        update = Update(service.database, shelf, options_of(service.settings, self.encoders), run, plan)
        await update.carry_out()
        async with service.database.reading() as session:
            (told,) = await update_runs.latest(session, 1)
        return " ".join(told.log.split("\n"))
