"""A memory made ready to be served: every position encoded by every encoder, the read fitted on it."""

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import click

from bot.commands.environment import Environment
from knowledge_base import changes, pairing, worthiness
from knowledge_base.database import Database
from knowledge_base.encoding import encode_lagging, encode_missing
from knowledge_base.likeness import Likeness
from knowledge_base.pairing import Paired
from weaver_core.heads import fitted as heads

Progress = Callable[[int, int], None]
NOUNS = {
    Likeness.DUPLICATE: "duplicates",
    Likeness.CONTRADICTION: "contradictions",
    Likeness.SAME_QUESTION: "different answers to near-identical questions",
}
# Shows how far a stage of this name is.
Shown = Callable[[str], AbstractContextManager[Progress]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """How many positions were encoded, how many mined answers answered nothing and were dropped, which are alike."""

    encoded: int = 0
    dropped: int = 0
    paired: Paired = field(default_factory=Paired)


async def prepare(environment: Environment, database: Database) -> Prepared:
    """The same with a progress bar for each stage."""
    return await prepare_shown(environment, database, bar)


async def prepare_shown(environment: Environment, database: Database, shown: Shown) -> Prepared:
    """Encode the positions that lack keys, drop mined answers that answer nothing, compare answers, fit the read.

    What is done stays done; what an interrupted call left undone, the fit as well, the next one does.
    """
    encoded = 0
    encoders = await environment.active_encoders(database)
    for encoder in encoders:
        with shown(f"Encoding with {encoder.version.split('@')[0]}") as progress:
            encoded = max(encoded, await encode_missing(database, encoder, progress))
    dropped = await _drop_empty(environment, database, shown)
    with shown("Comparing answers") as progress:
        # The last encoder named is the one for every language, where there is one.
        paired = await pairing.pair(database, encoders[-1].version, progress)
    async with database.reading() as session:
        due = await changes.fit_is_older(session)
    if due:
        with shown("Fitting the read") as progress:
            await environment.refit(database, progress)
    return Prepared(encoded, dropped, paired)


def report(prepared: Prepared) -> Iterator[str]:
    """What became of mined answers that answer nothing, and of answers that say the same or contradict each other."""
    paired = prepared.paired
    if prepared.dropped:
        yield f"{prepared.dropped:,} mined answers answered nothing and were dropped."
    if paired.merged:
        yield f"{paired.merged:,} mined answers said the same as others and were merged with them."
    if paired.waiting:
        waiting = " and ".join(f"{count:,} {NOUNS[kind]}" for kind, count in paired.waiting.items())
        yield f"{waiting} among the answers wait for a reviewer under /admin/answer-pairs."


def document(prepared: Prepared) -> dict[str, int]:
    """The same for programs."""
    paired = prepared.paired
    return {
        "dropped": prepared.dropped,
        "merged": paired.merged,
        "duplicates": paired.waiting[Likeness.DUPLICATE],
        "contradictions": paired.waiting[Likeness.CONTRADICTION],
        "same_questions": paired.waiting[Likeness.SAME_QUESTION],
    }


async def _drop_empty(environment: Environment, database: Database, shown: Shown) -> int:
    """Drop mined answers that answer nothing, where an encoder in use is the one that the shipped heads know."""
    own = {encoder.version: encoder for encoder in environment.encoders()}
    known = heads.known(own)
    if known is None:
        return 0
    # Where a trained encoder answers, the heads' own one has not seen what is new.
    await encode_lagging(database, own[known.encoder])
    with shown("Judging mined answers") as progress:
        return await worthiness.drop_empty(database, known, progress)


@contextmanager
def bar(label: str) -> Generator[Progress]:
    """A progress bar on standard error, which hears how much of how much is done."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as shown:

        def hear(done: int, total: int) -> None:
            shown.length = max(total, 1)
            shown.update(min(done, shown.length) - shown.pos)

        yield hear
