"""What no version needs any more after an update: keys in other spaces, and trained weights."""

from bot.serving.encoder_shelf import EncoderShelf, deltas_of
from bot.updates.promotion import is_unlearned
from bot.updates.trusts import TRUSTS
from knowledge_base import artefacts, forgetting, keys, models
from knowledge_base.database import Database

KEYS_AT_ONCE = 2000


async def drop_unused(database: Database, shelf: EncoderShelf) -> None:
    """Delete the keys that neither answer nor may be rolled back to, and the weights that may never answer again.

    Those were trained on data of somebody who is forgotten since, or belong to no version, as those of a dry run.
    """
    async with database.reading() as session:
        saw = await forgetting.saw_forgotten(session)
        usable = [version for version in await models.every(session) if not is_unlearned(version, saw)]
        kept = [version for version in await models.kept(session) if not is_unlearned(version, saw)]
    wanted = {part for version in kept for part in shelf.parts(version)}
    wanted |= {encoder.version for encoder in shelf.base}
    while True:
        async with database.writing() as session:
            if not await keys.drop_all_but(session, sorted(wanted), KEYS_AT_ONCE):
                break
    weights = {sha256 for version in usable for sha256 in deltas_of(version).values()}
    weights |= {version.parameters[TRUSTS] for version in usable if TRUSTS in version.parameters}
    async with database.writing() as session:
        await artefacts.keep_only(session, weights)
