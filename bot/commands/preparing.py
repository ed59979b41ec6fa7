"""A memory made ready to be served: every position encoded by every encoder, the read fitted on it."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

import click

from bot.commands.environment import Environment
from knowledge_base import pairing
from knowledge_base.database import Database
from knowledge_base.encoding import encode_missing
from knowledge_base.pairing import Paired

Progress = Callable[[int, int], None]


async def prepare(environment: Environment, database: Database) -> Paired:
    """Give the positions the keys that they lack, compare answers, and fit the read. What is done stays done."""
    encoded = 0
    for encoder in environment.encoders():
        with bar(f"Encoding with {encoder.version.split('@')[0]}") as progress:
            encoded += await encode_missing(database, encoder, progress)
    with bar("Comparing answers") as progress:
        # The last encoder named is the one for every language, where there is one.
        paired = await pairing.pair(database, environment.encoders()[-1].version, progress)
    if encoded or paired.merged:
        with bar("Fitting the read") as progress:
            await environment.refit(database, progress)
    return paired


@contextmanager
def bar(label: str) -> Generator[Progress]:
    """A progress bar on standard error, which hears how much of how much is done."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as shown:

        def hear(done: int, total: int) -> None:
            shown.length = max(total, 1)
            shown.update(min(done, shown.length) - shown.pos)

        yield hear
